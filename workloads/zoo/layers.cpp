// SPDX-License-Identifier: Apache-2.0
#include "workloads/zoo/layers.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace chipcast::networks {

std::int64_t channels(const GraphBuilder& b, TensorId x) { return b.type(x).shape.at(1); }

TensorId parameter(GraphBuilder& b, const std::string& name, Shape shape) {
  return b.parameter(name, TensorType{std::move(shape), DType::fp32});
}

TensorId conv(GraphBuilder& b, const std::string& name, TensorId x, const ConvSpec& spec) {
  Conv attributes;
  attributes.groups = spec.groups;
  attributes.strides = {spec.stride.h, spec.stride.w};
  if (spec.same) {
    attributes.pad_mode = PadMode::same_upper;
  } else {
    const Pair pad = spec.pad.value_or(Pair{spec.kernel.h / 2, spec.kernel.w / 2});
    attributes.pads = {pad.h, pad.w, pad.h, pad.w};
  }
  const Shape shape{spec.out, channels(b, x) / spec.groups, spec.kernel.h, spec.kernel.w};
  std::vector<std::optional<TensorId>> inputs{x, parameter(b, name + ".weight", shape)};
  if (spec.bias) inputs.emplace_back(parameter(b, name + ".bias", {spec.out}));
  return b.add_one(name, attributes, std::move(inputs));
}

TensorId batch_norm(GraphBuilder& b, const std::string& name, TensorId x) {
  const Shape shape{channels(b, x)};
  const TensorId scale = parameter(b, name + ".scale", shape), bias = parameter(b, name + ".bias", shape);
  const TensorId mean = parameter(b, name + ".mean", shape), variance = parameter(b, name + ".variance", shape);
  return b.add_one(name, BatchNorm{}, {x, scale, bias, mean, variance});
}

TensorId activate(GraphBuilder& b, const std::string& name, TensorId x, Activation activation) {
  Unary attributes;
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return b.add_one(name + "/relu", attributes, {x});
    case Activation::relu6:
      attributes.function = UnaryFunction::clip;
      attributes.min = 0.0;
      attributes.max = 6.0;
      return b.add_one(name + "/relu6", attributes, {x});
    case Activation::hard_swish:
      attributes.function = UnaryFunction::hard_swish;
      return b.add_one(name + "/hard_swish", attributes, {x});
    case Activation::swish:
      attributes.function = UnaryFunction::swish;
      return b.add_one(name + "/swish", attributes, {x});
    case Activation::leaky_relu:
      attributes.function = UnaryFunction::leaky_relu;
      attributes.alpha = 0.1;
      return b.add_one(name + "/leaky_relu", attributes, {x});
  }
  return x;
}

TensorId conv_bn(GraphBuilder& b, const std::string& name, TensorId x, const ConvSpec& spec, Activation activation) {
  return activate(b, name, batch_norm(b, name + "/bn", conv(b, name, x, spec)), activation);
}

TensorId conv_bias(GraphBuilder& b, const std::string& name, TensorId x, ConvSpec spec, Activation activation) {
  spec.bias = true;
  return activate(b, name, conv(b, name, x, spec), activation);
}

TensorId depthwise_bn(GraphBuilder& b, const std::string& name, TensorId x, ConvSpec spec, Activation activation) {
  spec.out = spec.groups = channels(b, x);
  return conv_bn(b, name, x, spec, activation);
}

TensorId max_pool(GraphBuilder& b, const std::string& name, TensorId x, const PoolSpec& spec) {
  Pool attributes;
  attributes.function = PoolFunction::max;
  attributes.kernel = {spec.kernel.h, spec.kernel.w};
  attributes.strides = {spec.stride.h, spec.stride.w};
  attributes.pads = {spec.pad, spec.pad, spec.pad, spec.pad};
  attributes.ceil_mode = spec.ceil;
  return b.add_one(name, attributes, {x});
}

TensorId global_average(GraphBuilder& b, const std::string& name, TensorId x) {
  Pool attributes;
  attributes.function = PoolFunction::avg;
  attributes.global = true;
  return b.add_one(name, attributes, {x});
}

namespace {
TensorId binary(GraphBuilder& b, const std::string& name, BinaryFunction function, TensorId left, TensorId right) {
  Binary attributes;
  attributes.function = function;
  return b.add_one(name, attributes, {left, right});
}
}  // namespace

TensorId add(GraphBuilder& b, const std::string& name, TensorId left, TensorId right) {
  return binary(b, name, BinaryFunction::add, left, right);
}

TensorId multiply(GraphBuilder& b, const std::string& name, TensorId left, TensorId right) {
  return binary(b, name, BinaryFunction::mul, left, right);
}

TensorId concat(GraphBuilder& b, const std::string& name, const std::vector<TensorId>& parts) {
  Concat attributes;
  attributes.axis = 1;
  return b.add_one(name, attributes, {parts.begin(), parts.end()});
}

TensorId upsample(GraphBuilder& b, const std::string& name, TensorId x) {
  Resize attributes;
  attributes.scales = {1.0, 1.0, 2.0, 2.0};
  return b.add_one(name, attributes, {x});
}

TensorId softmax(GraphBuilder& b, const std::string& name, TensorId x) { return b.add_one(name, Softmax{}, {x}); }

TensorId flatten(GraphBuilder& b, const std::string& name, TensorId x) {
  Reshape attributes;
  attributes.shape = {0, -1};
  return b.add_one(name, attributes, {x});
}

TensorId dense(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t out) {
  Gemm attributes;
  attributes.transpose_b = true;
  const TensorId weight = parameter(b, name + ".weight", {out, channels(b, x)});
  const TensorId bias = parameter(b, name + ".bias", {out});
  return b.add_one(name, attributes, {x, weight, bias});
}

TensorId classifier(GraphBuilder& b, TensorId x, std::int64_t classes) {
  const TensorId features = flatten(b, "flatten", global_average(b, "pool", x));
  return softmax(b, "prob", dense(b, "fc", features, classes));
}

TensorId squeeze_excite(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t squeezed) {
  const TensorId plane = global_average(b, name + "/pool", x);
  const TensorId inner = conv_bias(b, name + "/reduce", plane, {.out = squeezed}, Activation::relu);
  const TensorId outer = conv_bias(b, name + "/expand", inner, {.out = channels(b, x)});
  Unary gate;
  gate.function = UnaryFunction::hard_sigmoid;
  gate.alpha = 1.0 / 6.0;
  gate.beta = 0.5;
  return multiply(b, name + "/scale", x, b.add_one(name + "/gate", gate, {outer}));
}

std::int64_t scale_channels(std::int64_t count, double multiplier, std::int64_t divisor) {
  const double wanted = static_cast<double>(count) * multiplier;
  const auto halves = static_cast<std::int64_t>(wanted + static_cast<double>(divisor) / 2.0);
  const std::int64_t rounded = std::max(divisor, halves / divisor * divisor);
  return static_cast<double>(rounded) < 0.9 * wanted ? rounded + divisor : rounded;
}

}  // namespace chipcast::networks
