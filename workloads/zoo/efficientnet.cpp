// SPDX-License-Identifier: Apache-2.0
// EfficientNet-B0, arXiv:1905.11946, table 1, and EfficientNet-Lite0: ReLU6 for swish, no squeeze-and-excitation
// (github.com/tensorflow/tpu, models/official/efficientnet/lite).
#include <algorithm>
#include <array>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

struct Stage {
  std::int64_t kernel, stride, expansion, out, repeats;
};

constexpr std::array<Stage, 7> kStages{{{3, 1, 1, 16, 1},
                                        {3, 2, 6, 24, 2},
                                        {5, 2, 6, 40, 2},
                                        {3, 2, 6, 80, 3},
                                        {5, 1, 6, 112, 3},
                                        {5, 2, 6, 192, 4},
                                        {3, 1, 6, 320, 1}}};

struct Form {
  Activation activation;
  bool squeeze;
};

TensorId gate(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t squeezed) {
  const TensorId inner =
      conv_bias(b, name + "/reduce", global_average(b, name + "/pool", x), {.out = squeezed}, Activation::swish);
  Unary sigmoid;
  sigmoid.function = UnaryFunction::sigmoid;
  const TensorId outer = conv_bias(b, name + "/expand", inner, {.out = channels(b, x)});
  return multiply(b, name + "/scale", x, b.add_one(name + "/gate", sigmoid, {outer}));
}

TensorId block(GraphBuilder& b, const std::string& name, TensorId x, const Stage& stage, const Form& form) {
  const std::int64_t in = channels(b, x);
  TensorId y = x;
  if (stage.expansion != 1) y = conv_bn(b, name + "/expand", y, {.out = in * stage.expansion}, form.activation);
  y = depthwise_bn(b, name + "/dwise", y, {.kernel = stage.kernel, .stride = stage.stride, .same = true},
                   form.activation);
  if (form.squeeze) y = gate(b, name + "/se", y, std::max<std::int64_t>(1, in / 4));
  y = conv_bn(b, name + "/project", y, {.out = stage.out});
  return stage.stride == 1 && in == stage.out ? add(b, name + "/add", x, y) : y;
}

Graph build(const std::string& name, const ZooOptions& options, const Form& form) {
  GraphBuilder b(name);
  TensorId x =
      conv_bn(b, "stem", image(b, options, 224), {.out = 32, .kernel = 3, .stride = 2, .same = true}, form.activation);
  int number = 0;
  for (Stage stage : kStages) {
    ++number;
    for (std::int64_t i = 1; i <= stage.repeats; ++i) {
      x = block(b, "block" + std::to_string(number) + "_" + std::to_string(i), x, stage, form);
      stage.stride = 1;
    }
  }
  x = conv_bn(b, "head", x, {.out = 1280}, form.activation);
  return finish(std::move(b), classifier(b, x, 1000));
}

}  // namespace

Graph efficientnet_b0(const ZooOptions& options) {
  return build("efficientnet_b0", options, {Activation::swish, true});
}

Graph efficientnet_lite0(const ZooOptions& options) {
  return build("efficientnet_lite0", options, {Activation::relu6, false});
}

}  // namespace chipcast::networks
