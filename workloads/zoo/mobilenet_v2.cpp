// SPDX-License-Identifier: Apache-2.0
// MobileNetV2, arXiv:1801.04381, table 2.
#include <algorithm>
#include <array>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

/// Expansion t, output channels c, repeats n, stride s of the first repeat.
struct Stage {
  std::int64_t expansion, out, repeats, stride;
};

constexpr std::array<Stage, 7> kStages{
    {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}}};

struct Form {
  Activation activation;
  bool always_expand;  ///< a 1x1 convolution even where the expansion is 1
};

TensorId inverted_residual(GraphBuilder& b, const std::string& name, TensorId x, const Stage& block, std::int64_t out,
                           const Form& form, TensorId* before_stride) {
  TensorId y = x;
  if (block.expansion != 1 || form.always_expand) {
    y = conv_bn(b, name + "/expand", y, {.out = channels(b, x) * block.expansion}, form.activation);
  }
  if (block.stride > 1) *before_stride = y;
  y = depthwise_bn(b, name + "/dwise", y, {.kernel = 3, .stride = block.stride}, form.activation);
  y = conv_bn(b, name + "/linear", y, {.out = out});
  return block.stride == 1 && channels(b, x) == out ? add(b, name + "/add", x, y) : y;
}

struct Features {
  TensorId last_stride_16;  ///< the expansion before the last stride
  TensorId last;
};

Features features(GraphBuilder& b, TensorId x, double width, const Form& form) {
  x = conv_bn(b, "conv1", x, {.out = scale_channels(32, width), .kernel = 3, .stride = 2}, form.activation);
  Features out{};
  int stage_number = 1;
  for (Stage block : kStages) {
    ++stage_number;
    for (std::int64_t i = 1; i <= block.repeats; ++i) {
      const std::string block_name = "conv" + std::to_string(stage_number) + "_" + std::to_string(i);
      const std::int64_t channels_out = scale_channels(block.out, width);
      x = inverted_residual(b, block_name, x, block, channels_out, form, &out.last_stride_16);
      block.stride = 1;
    }
  }
  // "For multipliers less than one, we apply width multiplier to all layers except the very last
  // convolutional layer" (section 6.1).
  out.last = conv_bn(b, "conv9", x, {.out = scale_channels(1280, std::max(1.0, width))}, form.activation);
  return out;
}

Graph build(const std::string& name, const ZooOptions& options, const Form& form) {
  GraphBuilder b(name);
  const TensorId x = features(b, image(b, options, 224), options.width.value_or(1.0), form).last;
  return finish(std::move(b), classifier(b, x, 1000));
}

}  // namespace

Graph mobilenet_v2(const ZooOptions& options) { return build("mobilenet_v2", options, {Activation::relu6, false}); }

Graph mobilenet_v2_ncnn(const ZooOptions& options) {
  return build("mobilenet_v2_ncnn", options, {Activation::relu, true});
}

std::array<TensorId, 2> mobilenet_v2_features(GraphBuilder& b, TensorId x) {
  const Features all = features(b, x, 1.0, {Activation::relu6, false});
  return {all.last_stride_16, all.last};
}

}  // namespace chipcast::networks
