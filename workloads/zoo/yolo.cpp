// SPDX-License-Identifier: Apache-2.0
#include "workloads/zoo/yolo.h"

#include <algorithm>
#include <cmath>

namespace chipcast::networks {

std::int64_t Yolo::channels_of(std::int64_t width) const {
  const double wanted = static_cast<double>(std::min(width, scale.most_channels)) * scale.width;
  return static_cast<std::int64_t>(std::ceil(wanted / 8.0)) * 8;
}

int Yolo::depth_of(int repeats) const {
  return repeats > 1 ? std::max(1, static_cast<int>(std::nearbyint(repeats * scale.depth))) : repeats;
}

TensorId Yolo::conv(const std::string& name, TensorId x, const ConvSpec& spec) const {
  return conv_bn(builder, name, x, spec, activation);
}

TensorId Yolo::down(const std::string& name, TensorId x, std::int64_t width) const {
  return conv(name, x, {.out = channels_of(width), .kernel = 3, .stride = 2});
}

TensorId Yolo::windows(const std::string& name, TensorId x) const {
  const PoolSpec five{.kernel = 5, .stride = 1, .pad = 2};
  const TensorId first = max_pool(builder, name + "/pool5", x, five);
  const TensorId second = max_pool(builder, name + "/pool9", first, five);
  const TensorId third = max_pool(builder, name + "/pool13", second, five);
  return concat(builder, name + "/concat", {x, first, second, third});
}

TensorId Yolo::pyramid_pool(const std::string& name, TensorId x, std::int64_t width) const {
  const TensorId squeezed = conv(name + "/cv1", x, {.out = channels(builder, x) / 2});
  return conv(name + "/cv2", windows(name, squeezed), {.out = channels_of(width)});
}

TensorId sigmoid(GraphBuilder& b, const std::string& name, TensorId x) {
  Unary attributes;
  attributes.function = UnaryFunction::sigmoid;
  return b.add_one(name + "/sigmoid", attributes, {x});
}

}  // namespace chipcast::networks
