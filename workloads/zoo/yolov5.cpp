// SPDX-License-Identifier: Apache-2.0
// YOLOv5, release 6 and 7 (github.com/ultralytics/yolov5: models/yolov5*.yaml, models/common.py), as it is deployed:
// up to the sigmoid of its last convolutions, without decoding of boxes.
#include <array>

#include "workloads/zoo/yolo.h"

namespace chipcast::networks {
namespace {

struct Form {
  Scale scale;
  Activation activation{Activation::swish};
  bool masks{false};
};

/// Values of a prediction: box, objectness, 80 classes; for each of three anchors.
constexpr std::int64_t kPrediction = 4 + 1 + 80, kAnchors = 3, kMasks = 32;

/// "C3": two branches of half the width, one of them through `repeats` bottlenecks.
TensorId c3(Yolo& net, const std::string& name, TensorId x, std::int64_t width, int repeats, bool shortcut) {
  GraphBuilder& b = net.builder;
  const std::int64_t out = net.channels_of(width), half = out / 2;
  TensorId y = net.conv(name + "/cv1", x, {.out = half});
  for (int i = 0; i < net.depth_of(repeats); ++i) {
    const std::string inner = name + "/m" + std::to_string(i);
    const TensorId last =
        net.conv(inner + "/cv2", net.conv(inner + "/cv1", y, {.out = half}), {.out = half, .kernel = 3});
    y = shortcut ? add(b, inner + "/add", y, last) : last;
  }
  const TensorId other = net.conv(name + "/cv2", x, {.out = half});
  return net.conv(name + "/cv3", concat(b, name + "/concat", {y, other}), {.out = out});
}

struct Backbone {
  TensorId p3, p4, p5;
};

Backbone backbone(Yolo& net, TensorId x) {
  x = net.conv("conv0", x, {.out = net.channels_of(64), .kernel = 6, .stride = 2, .pad = Pair{2}});
  x = net.down("conv1", x, 128);
  x = c3(net, "c2", x, 128, 3, true);
  const TensorId p3 = c3(net, "c4", net.down("conv3", x, 256), 256, 6, true);
  const TensorId p4 = c3(net, "c6", net.down("conv5", p3, 512), 512, 9, true);
  x = c3(net, "c8", net.down("conv7", p4, 1024), 1024, 3, true);
  return {p3, p4, net.pyramid_pool("sppf", x, 1024)};
}

/// Prototypes of masks, and their coefficients with every prediction ("Proto", "Segment").
void prototypes(Yolo& net, TensorId p3) {
  const std::int64_t width = net.channels_of(256);
  TensorId y = net.conv("proto/cv1", p3, {.out = width, .kernel = 3});
  y = net.conv("proto/cv2", upsample(net.builder, "proto/upsample", y), {.out = width, .kernel = 3});
  net.builder.output(net.conv("proto/cv3", y, {.out = kMasks}));
}

Graph build(const std::string& name, const ZooOptions& options, const Form& form) {
  GraphBuilder b(name);
  Yolo net{b, form.scale, form.activation};
  const Backbone from = backbone(net, image(b, options, 640));
  const TensorId n5 = net.conv("conv10", from.p5, {.out = net.channels_of(512)});
  const TensorId n4 =
      net.conv("conv14", c3(net, "c13", concat(b, "concat12", {upsample(b, "upsample11", n5), from.p4}), 512, 3, false),
               {.out = net.channels_of(256)});
  const TensorId d3 = c3(net, "c17", concat(b, "concat16", {upsample(b, "upsample15", n4), from.p3}), 256, 3, false);
  const TensorId d4 = c3(net, "c20", concat(b, "concat19", {net.down("conv18", d3, 256), n4}), 512, 3, false);
  const TensorId d5 = c3(net, "c23", concat(b, "concat22", {net.down("conv21", d4, 512), n5}), 1024, 3, false);
  const std::int64_t out = kAnchors * (kPrediction + (form.masks ? kMasks : 0));
  for (const auto& [head, features] :
       std::array<std::pair<std::string, TensorId>, 3>{{{"detect3", d3}, {"detect4", d4}, {"detect5", d5}}}) {
    b.output(sigmoid(b, head, conv_bias(b, head, features, {.out = out})));
  }
  if (form.masks) prototypes(net, d3);
  return std::move(b).build();
}

constexpr Scale kNano{.depth = 0.33, .width = 0.25}, kSmall{.depth = 0.33, .width = 0.5},
    kMedium{.depth = 0.67, .width = 0.75};

}  // namespace

Graph yolov5n(const ZooOptions& options) { return build("yolov5n", options, {.scale = kNano}); }
Graph yolov5s(const ZooOptions& options) { return build("yolov5s", options, {.scale = kSmall}); }
Graph yolov5m(const ZooOptions& options) { return build("yolov5m", options, {.scale = kMedium}); }
Graph yolov5s_relu(const ZooOptions& options) {
  return build("yolov5s_relu", options, {.scale = kSmall, .activation = Activation::relu});
}
Graph yolov5n_seg(const ZooOptions& options) { return build("yolov5n_seg", options, {.scale = kNano, .masks = true}); }
Graph yolov5s_seg(const ZooOptions& options) { return build("yolov5s_seg", options, {.scale = kSmall, .masks = true}); }
Graph yolov5m_seg(const ZooOptions& options) {
  return build("yolov5m_seg", options, {.scale = kMedium, .masks = true});
}

}  // namespace chipcast::networks
