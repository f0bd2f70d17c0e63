// SPDX-License-Identifier: Apache-2.0
// SSDLite on MobileNetV2, arXiv:1801.04381, section 6.2 (github.com/tensorflow/models, ssdlite_mobilenet_v2_coco): six
// maps of features, separable predictors, up to their 1x1 convolutions.
#include <array>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu6 = Activation::relu6;
constexpr std::int64_t kBox = 4, kClasses = 91;

TensorId separable(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t out, std::int64_t stride) {
  const TensorId y = depthwise_bn(b, name + "/dwise", x, {.kernel = 3, .stride = stride, .same = true}, relu6);
  return conv_bn(b, name, y, {.out = out}, relu6);
}

void predictor(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t out) {
  const TensorId y = depthwise_bn(b, name + "/dwise", x, {.kernel = 3, .same = true}, relu6);
  b.output(conv_bias(b, name, y, {.out = out}));
}

}  // namespace

Graph ssdlite_mobilenet_v2(const ZooOptions& options) {
  GraphBuilder b("ssdlite_mobilenet_v2");
  const auto backbone = mobilenet_v2_features(b, image(b, options, 300));
  std::array<TensorId, 6> maps{backbone[0], backbone[1]};
  constexpr std::array<std::int64_t, 4> kFurther{512, 256, 256, 128};
  for (std::size_t i = 0; i < kFurther.size(); ++i) {
    const std::string name = "extra" + std::to_string(i + 1);
    const TensorId squeezed = conv_bn(b, name + "/squeeze", maps[i + 1], {.out = kFurther[i] / 2}, relu6);
    maps[i + 2] = separable(b, name, squeezed, kFurther[i], 2);
  }
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const std::int64_t anchors = i == 0 ? 3 : 6;
    predictor(b, "boxes" + std::to_string(i), maps[i], anchors * kBox);
    predictor(b, "classes" + std::to_string(i), maps[i], anchors * kClasses);
  }
  return std::move(b).build();
}

}  // namespace chipcast::networks
