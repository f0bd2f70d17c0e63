// SPDX-License-Identifier: Apache-2.0
// MobileNetV3, arXiv:1905.02244, tables 1 and 2.
#include <span>
#include <vector>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

struct Block {
  std::int64_t kernel, expanded, out;
  bool squeeze;
  Activation activation;
  std::int64_t stride;
};

constexpr auto RE = Activation::relu;
constexpr auto HS = Activation::hard_swish;

const std::vector<Block> kLarge{{3, 16, 16, false, RE, 1},  {3, 64, 24, false, RE, 2},  {3, 72, 24, false, RE, 1},
                                {5, 72, 40, true, RE, 2},   {5, 120, 40, true, RE, 1},  {5, 120, 40, true, RE, 1},
                                {3, 240, 80, false, HS, 2}, {3, 200, 80, false, HS, 1}, {3, 184, 80, false, HS, 1},
                                {3, 184, 80, false, HS, 1}, {3, 480, 112, true, HS, 1}, {3, 672, 112, true, HS, 1},
                                {5, 672, 160, true, HS, 2}, {5, 960, 160, true, HS, 1}, {5, 960, 160, true, HS, 1}};

const std::vector<Block> kSmall{{3, 16, 16, true, RE, 2},  {3, 72, 24, false, RE, 2}, {3, 88, 24, false, RE, 1},
                                {5, 96, 40, true, HS, 2},  {5, 240, 40, true, HS, 1}, {5, 240, 40, true, HS, 1},
                                {5, 120, 48, true, HS, 1}, {5, 144, 48, true, HS, 1}, {5, 288, 96, true, HS, 2},
                                {5, 576, 96, true, HS, 1}, {5, 576, 96, true, HS, 1}};

/// Where the published code and ncnn's file part.
struct Form {
  std::int64_t squeeze_divisor;  ///< rounding of the squeezed channels, a quarter of the expanded ones
  bool gate_first;               ///< squeeze-and-excitation before the activation instead of after
  bool activate_pool;            ///< an activation after the last pooling
};

constexpr Form kPaper{.squeeze_divisor = 8, .gate_first = false, .activate_pool = false};
constexpr Form kNcnn{.squeeze_divisor = 1, .gate_first = true, .activate_pool = true};

TensorId gated_depthwise(GraphBuilder& b, const std::string& name, TensorId x, const Block& block, const Form& form) {
  const ConvSpec spec{.kernel = block.kernel, .stride = block.stride};
  if (!block.squeeze) return depthwise_bn(b, name + "/dwise", x, spec, block.activation);
  const std::int64_t squeezed = scale_channels(channels(b, x), 0.25, form.squeeze_divisor);
  const Activation before = form.gate_first ? Activation::none : block.activation;
  const Activation after = form.gate_first ? block.activation : Activation::none;
  const TensorId y = depthwise_bn(b, name + "/dwise", x, spec, before);
  return activate(b, name + "/se", squeeze_excite(b, name + "/se", y, squeezed), after);
}

TensorId bottleneck(GraphBuilder& b, const std::string& name, TensorId x, const Block& block, double width,
                    const Form& form) {
  const std::int64_t expanded = scale_channels(block.expanded, width), out = scale_channels(block.out, width);
  TensorId y = x;
  if (expanded != channels(b, x)) y = conv_bn(b, name + "/expand", y, {.out = expanded}, block.activation);
  y = gated_depthwise(b, name, y, block, form);
  y = conv_bn(b, name + "/linear", y, {.out = out});
  return block.stride == 1 && channels(b, x) == out ? add(b, name + "/add", x, y) : y;
}

TensorId head(GraphBuilder& b, TensorId x, std::int64_t hidden, const Form& form) {
  x = conv_bn(b, "conv_last", x, {.out = 6 * channels(b, x)}, HS);
  x = global_average(b, "pool", x);
  if (form.activate_pool) x = activate(b, "pool", x, HS);
  x = activate(b, "fc1", dense(b, "fc1", flatten(b, "flatten", x), hidden), HS);
  return softmax(b, "prob", dense(b, "fc2", x, 1000));
}

Graph build(const std::string& name, const ZooOptions& options, std::span<const Block> blocks, std::int64_t hidden,
            const Form& form) {
  GraphBuilder b(name);
  const double width = options.width.value_or(1.0);
  TensorId x = image(b, options, 224);
  x = conv_bn(b, "conv1", x, {.out = scale_channels(16, width), .kernel = 3, .stride = 2}, HS);
  int index = 0;
  for (const Block& block : blocks) x = bottleneck(b, "bneck" + std::to_string(++index), x, block, width, form);
  return finish(std::move(b), head(b, x, scale_channels(hidden, width), form));
}

}  // namespace

Graph mobilenet_v3_large(const ZooOptions& options) {
  return build("mobilenet_v3_large", options, kLarge, 1280, kPaper);
}

Graph mobilenet_v3_small(const ZooOptions& options) {
  return build("mobilenet_v3_small", options, kSmall, 1024, kPaper);
}

Graph mobilenet_v3_large_ncnn(const ZooOptions& options) {
  std::vector<Block> blocks = kLarge;
  blocks[12] = {5, 672, 160, true, HS, 1};
  blocks[13] = {5, 672, 160, true, HS, 2};
  return build("mobilenet_v3_large_ncnn", options, blocks, 1280, kNcnn);
}

}  // namespace chipcast::networks
