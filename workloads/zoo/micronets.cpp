// SPDX-License-Identifier: Apache-2.0
// MicroNets, arXiv:2010.11267, table 5: found by architecture search for microcontrollers.
#include <array>
#include <span>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu = Activation::relu;

/// Depthwise separable block: output channels c, stride s.
struct Block {
  std::int64_t out, stride;
};

TensorId blocks(GraphBuilder& b, TensorId x, std::span<const Block> list) {
  int number = 1;
  for (const Block& block : list) {
    const std::string name = "conv" + std::to_string(++number);
    x = depthwise_bn(b, name + "/dw", x, {.kernel = 3, .stride = block.stride, .same = true}, relu);
    x = conv_bn(b, name + "/sep", x, {.out = block.out}, relu);
  }
  return x;
}

constexpr std::array<Block, 5> kKeywordBlocks{{{140, 2}, {140, 1}, {140, 1}, {112, 1}, {196, 1}}};
constexpr std::array<Block, 5> kAnomalyBlocks{{{276, 2}, {276, 1}, {276, 1}, {276, 2}, {276, 2}}};

}  // namespace

Graph micronet_kws_m(const ZooOptions& options) {
  GraphBuilder b("micronet_kws_m");
  TensorId x = b.input("mfcc", {{options.batch, 1, 49, 10}, DType::fp32});
  x = conv_bn(b, "conv1", x, {.out = 140, .kernel = {10, 4}, .same = true}, relu);
  return finish(std::move(b), classifier(b, blocks(b, x, kKeywordBlocks), 12));
}

// Eight logits, one per machine, as in Arm's ad_medium_int8 (ARM-software/ML-zoo); the paper's table says four.
Graph micronet_ad_m(const ZooOptions& options) {
  GraphBuilder b("micronet_ad_m");
  TensorId x = b.input("spectrum", {{options.batch, 1, 32, 32}, DType::fp32});
  x = conv_bn(b, "conv1", x, {.out = 192, .kernel = 3, .same = true}, relu);
  x = global_average(b, "pool", blocks(b, x, kAnomalyBlocks));
  return finish(std::move(b), dense(b, "fc", flatten(b, "flatten", x), 8));
}

}  // namespace chipcast::networks
