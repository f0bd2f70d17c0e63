// SPDX-License-Identifier: Apache-2.0
// YOLOv4-tiny, arXiv:2011.08036 (github.com/AlexeyAB/darknet, cfg/yolov4-tiny.cfg), up to its last convolutions.
#include "workloads/zoo/yolo.h"

namespace chipcast::networks {
namespace {

constexpr std::int64_t kOut = 3 * (4 + 1 + 80);

struct Stage {
  TensorId inner, pooled;  ///< the last 1x1; the stage's result
};

/// A 3x3, of which half of the channels go through two further ones; both are joined, and the 3x3 again.
Stage stage(Yolo& net, const std::string& name, TensorId x, std::int64_t width) {
  GraphBuilder& b = net.builder;
  const TensorId whole = net.conv(name + "/conv", x, {.out = width, .kernel = 3});
  Split halves;
  halves.axis = 1;
  halves.sizes = {width / 2, width / 2};
  const TensorId half = b.add(name + "/split", halves, {whole}).back();
  const TensorId first = net.conv(name + "/a", half, {.out = width / 2, .kernel = 3});
  const TensorId second = net.conv(name + "/b", first, {.out = width / 2, .kernel = 3});
  const TensorId inner = net.conv(name + "/c", concat(b, name + "/inner", {second, first}), {.out = width});
  const TensorId joined = concat(b, name + "/concat", {whole, inner});
  return {inner, max_pool(b, name + "/pool", joined, {.kernel = 2, .stride = 2})};
}

void head(Yolo& net, const std::string& name, TensorId x, std::int64_t width) {
  const TensorId y = net.conv(name + "/conv", x, {.out = width, .kernel = 3});
  net.builder.output(conv_bias(net.builder, name, y, {.out = kOut}));
}

}  // namespace

Graph yolov4_tiny(const ZooOptions& options) {
  GraphBuilder b("yolov4_tiny");
  Yolo net{.builder = b, .activation = Activation::leaky_relu};
  TensorId x = net.conv("conv1", image(b, options, 416), {.out = 32, .kernel = 3, .stride = 2});
  x = net.conv("conv2", x, {.out = 64, .kernel = 3, .stride = 2});
  x = stage(net, "stage1", x, 64).pooled;
  x = stage(net, "stage2", x, 128).pooled;
  const Stage last = stage(net, "stage3", x, 256);
  x = net.conv("conv3", last.pooled, {.out = 512, .kernel = 3});
  const TensorId squeezed = net.conv("conv4", x, {.out = 256});
  head(net, "coarse", squeezed, 512);
  const TensorId above = upsample(b, "upsample", net.conv("conv5", squeezed, {.out = 128}));
  head(net, "fine", concat(b, "concat", {above, last.inner}), 256);
  return std::move(b).build();
}

}  // namespace chipcast::networks
