// SPDX-License-Identifier: Apache-2.0
// SqueezeNet, arXiv:1602.07360, table 1, and the authors' version 1.1.
#include <array>
#include <span>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu = Activation::relu;

/// Channels of the squeeze layer of fire2 to fire9; each of the two expand layers has four times as many.
constexpr std::array<std::int64_t, 8> kSqueeze{16, 16, 32, 32, 48, 48, 64, 64};

struct Form {
  std::int64_t stem_out, stem_kernel;
  std::array<int, 2> pool_after;  ///< numbers of the fire modules that a pooling follows
  std::int64_t last_pad;          ///< padding around the last 1x1 convolution
};

TensorId fire(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t squeezed) {
  const TensorId s = conv_bias(b, name + "/squeeze1x1", x, {.out = squeezed}, relu);
  const TensorId narrow = conv_bias(b, name + "/expand1x1", s, {.out = 4 * squeezed}, relu);
  const TensorId wide = conv_bias(b, name + "/expand3x3", s, {.out = 4 * squeezed, .kernel = 3}, relu);
  return concat(b, name + "/concat", {narrow, wide});
}

/// Caffe rounds pooled extents up.
TensorId pool(GraphBuilder& b, int number, TensorId x) {
  return max_pool(b, "pool" + std::to_string(number), x, {.kernel = 3, .stride = 2, .ceil = true});
}

Graph build(const std::string& name, const ZooOptions& options, std::int64_t resolution, const Form& form) {
  GraphBuilder b(name);
  TensorId x = image(b, options, resolution);
  x = conv_bias(b, "conv1", x, {.out = form.stem_out, .kernel = form.stem_kernel, .stride = 2, .pad = 0}, relu);
  x = pool(b, 1, x);
  int number = 2;
  for (const std::int64_t squeezed : kSqueeze) {
    x = fire(b, "fire" + std::to_string(number), x, squeezed);
    if (number == form.pool_after[0] || number == form.pool_after[1]) x = pool(b, number, x);
    ++number;
  }
  x = conv_bias(b, "conv10", x, {.out = 1000, .pad = form.last_pad}, relu);
  x = flatten(b, "flatten", global_average(b, "pool10", x));
  return finish(std::move(b), softmax(b, "prob", x));
}

}  // namespace

// 227 is the edge that gives the 111x111 of the paper's table with an unpadded 7x7.
Graph squeezenet1_0(const ZooOptions& options) { return build("squeezenet1_0", options, 227, {96, 7, {4, 8}, 0}); }

Graph squeezenet1_1(const ZooOptions& options) { return build("squeezenet1_1", options, 224, {64, 3, {3, 5}, 0}); }

Graph squeezenet1_1_ncnn(const ZooOptions& options) {
  return build("squeezenet1_1_ncnn", options, 227, {64, 3, {3, 5}, 1});
}

}  // namespace chipcast::networks
