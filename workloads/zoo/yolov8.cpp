// SPDX-License-Identifier: Apache-2.0
// YOLOv8 (github.com/ultralytics/ultralytics: cfg/models/v8/yolov8.yaml, nn/modules), up to its last convolutions:
// distributions of box edges, and the sigmoid of classes.
#include <algorithm>
#include <array>

#include "workloads/zoo/yolo.h"

namespace chipcast::networks {
namespace {

constexpr std::int64_t kClasses = 80, kEdgeBins = 16;

/// "C2f": half of the channels goes through bottlenecks, and all stages are joined.
TensorId c2f(Yolo& net, const std::string& name, TensorId x, std::int64_t width, int repeats, bool shortcut) {
  GraphBuilder& b = net.builder;
  const std::int64_t out = net.channels_of(width), half = out / 2;
  const TensorId both = net.conv(name + "/cv1", x, {.out = 2 * half});
  Split halves;
  halves.axis = 1;
  halves.sizes = {half, half};
  std::vector<TensorId> parts = b.add(name + "/split", halves, {both});
  for (int i = 0; i < net.depth_of(repeats); ++i) {
    const std::string inner = name + "/m" + std::to_string(i);
    const TensorId y = net.conv(inner + "/cv1", parts.back(), {.out = half, .kernel = 3});
    const TensorId last = net.conv(inner + "/cv2", y, {.out = half, .kernel = 3});
    parts.push_back(shortcut ? add(b, inner + "/add", parts.back(), last) : last);
  }
  return net.conv(name + "/cv2", concat(b, name + "/concat", parts), {.out = out});
}

/// Two branches of two 3x3 and a 1x1.
void head(Yolo& net, const std::string& name, TensorId x, std::int64_t boxes, std::int64_t classes) {
  GraphBuilder& b = net.builder;
  const auto branch = [&](const std::string& part, std::int64_t width, std::int64_t out) {
    const TensorId y = net.conv(part + "/cv1", x, {.out = width, .kernel = 3});
    return conv_bias(b, part + "/out", net.conv(part + "/cv2", y, {.out = width, .kernel = 3}), {.out = out});
  };
  b.output(branch(name + "/box", boxes, 4 * kEdgeBins));
  b.output(sigmoid(b, name + "/class", branch(name + "/class", classes, kClasses)));
}

Graph build(const std::string& name, const ZooOptions& options, const Scale& scale) {
  GraphBuilder b(name);
  Yolo net{b, scale};
  TensorId x = net.down("conv0", image(b, options, 640), 64);
  x = c2f(net, "c2", net.down("conv1", x, 128), 128, 3, true);
  const TensorId p3 = c2f(net, "c4", net.down("conv3", x, 256), 256, 6, true);
  const TensorId p4 = c2f(net, "c6", net.down("conv5", p3, 512), 512, 6, true);
  x = c2f(net, "c8", net.down("conv7", p4, 1024), 1024, 3, true);
  const TensorId p5 = net.pyramid_pool("sppf", x, 1024);
  const TensorId n4 = c2f(net, "c12", concat(b, "concat11", {upsample(b, "upsample10", p5), p4}), 512, 3, false);
  const TensorId d3 = c2f(net, "c15", concat(b, "concat14", {upsample(b, "upsample13", n4), p3}), 256, 3, false);
  const TensorId d4 = c2f(net, "c18", concat(b, "concat17", {net.down("conv16", d3, 256), n4}), 512, 3, false);
  const TensorId d5 = c2f(net, "c21", concat(b, "concat20", {net.down("conv19", d4, 512), p5}), 1024, 3, false);
  const std::int64_t narrowest = net.channels_of(256);
  const std::int64_t boxes = std::max({std::int64_t{16}, narrowest / 4, 4 * kEdgeBins});
  const std::int64_t classes = std::max(narrowest, kClasses);
  head(net, "detect3", d3, boxes, classes);
  head(net, "detect4", d4, boxes, classes);
  head(net, "detect5", d5, boxes, classes);
  return std::move(b).build();
}

}  // namespace

Graph yolov8n(const ZooOptions& options) { return build("yolov8n", options, {.depth = 0.33, .width = 0.25}); }
Graph yolov8s(const ZooOptions& options) { return build("yolov8s", options, {.depth = 0.33, .width = 0.5}); }
Graph yolov8m(const ZooOptions& options) {
  return build("yolov8m", options, {.depth = 0.67, .width = 0.75, .most_channels = 768});
}

}  // namespace chipcast::networks
