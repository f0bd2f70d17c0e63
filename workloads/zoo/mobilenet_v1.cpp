// SPDX-License-Identifier: Apache-2.0
// MobileNetV1, arXiv:1704.04861, table 1.
#include <array>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

struct Block {
  std::int64_t out, stride;
};

constexpr std::array<Block, 13> kBlocks{{{64, 1},
                                         {128, 2},
                                         {128, 1},
                                         {256, 2},
                                         {256, 1},
                                         {512, 2},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {512, 1},
                                         {1024, 2},
                                         {1024, 1}}};

/// `keras` gives the padding and the redundant biases of the Keras form.
TensorId features(GraphBuilder& b, TensorId x, double width, bool keras) {
  const auto relu = Activation::relu;
  const auto spec = [&](std::int64_t out, std::int64_t kernel, std::int64_t stride) {
    return ConvSpec{
        .out = scale_channels(out, width), .kernel = kernel, .stride = stride, .same = keras, .bias = keras};
  };
  x = conv_bn(b, "conv1", x, spec(32, 3, 2), relu);
  int index = 1;
  for (const Block& block : kBlocks) {
    const std::string name = "conv" + std::to_string(++index);
    x = depthwise_bn(b, name + "/dw", x, spec(block.out, 3, block.stride), relu);
    x = conv_bn(b, name + "/sep", x, spec(block.out, 1, 1), relu);
  }
  return x;
}

}  // namespace

Graph mobilenet_v1(const ZooOptions& options) {
  GraphBuilder b("mobilenet_v1");
  const TensorId x = features(b, image(b, options, 224), options.width.value_or(1.0), false);
  return finish(std::move(b), classifier(b, x, 1000));
}

Graph mlperf_tiny_vww(const ZooOptions& options) {
  GraphBuilder b("mlperf_tiny_vww");
  const TensorId x = features(b, image(b, options, 96), 0.25, true);
  return finish(std::move(b), classifier(b, x, 2));
}

}  // namespace chipcast::networks
