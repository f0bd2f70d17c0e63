// SPDX-License-Identifier: Apache-2.0
// RetinaFace on ResNet-50, arXiv:1905.00641 (github.com/biubug6/Pytorch_Retinaface): three maps of features, contexts
// ("SSH"), and per map a 1x1 for classes, boxes and landmarks of two anchors.
#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu = Activation::relu;  ///< leaky with a slope of 0 at 256 channels
constexpr std::int64_t kWidth = 256, kAnchors = 2;

/// Windows of 3, 5 and 7 as rows of 3x3, joined.
TensorId context(GraphBuilder& b, const std::string& name, TensorId x) {
  const ConvSpec quarter{.out = kWidth / 4, .kernel = 3};
  const TensorId three = conv_bn(b, name + "/3", x, {.out = kWidth / 2, .kernel = 3});
  const TensorId shared = conv_bn(b, name + "/5_1", x, quarter, relu);
  const TensorId five = conv_bn(b, name + "/5_2", shared, quarter);
  const TensorId seven = conv_bn(b, name + "/7_2", conv_bn(b, name + "/7_1", shared, quarter, relu), quarter);
  return activate(b, name, concat(b, name + "/concat", {three, five, seven}), relu);
}

/// A map beneath a coarser one.
TensorId merged(GraphBuilder& b, const std::string& name, TensorId fine, TensorId coarse) {
  const TensorId sum = add(b, name + "/add", fine, upsample(b, name + "/upsample", coarse));
  return conv_bn(b, name, sum, {.out = kWidth, .kernel = 3}, relu);
}

void heads(GraphBuilder& b, const std::string& name, TensorId x) {
  b.output(conv_bias(b, name + "/class", x, {.out = kAnchors * 2}));
  b.output(conv_bias(b, name + "/box", x, {.out = kAnchors * 4}));
  b.output(conv_bias(b, name + "/landmarks", x, {.out = kAnchors * 10}));
}

}  // namespace

Graph retinaface_resnet50(const ZooOptions& options) {
  GraphBuilder b("retinaface_resnet50");
  const auto maps = resnet50_pyramid(b, image(b, options, 320));
  const TensorId fine = conv_bn(b, "fpn/output1", maps[0], {.out = kWidth}, relu);
  const TensorId middle = conv_bn(b, "fpn/output2", maps[1], {.out = kWidth}, relu);
  const TensorId coarse = conv_bn(b, "fpn/output3", maps[2], {.out = kWidth}, relu);
  const TensorId second = merged(b, "fpn/merge2", middle, coarse);
  const TensorId first = merged(b, "fpn/merge1", fine, second);
  heads(b, "head1", context(b, "ssh1", first));
  heads(b, "head2", context(b, "ssh2", second));
  heads(b, "head3", context(b, "ssh3", coarse));
  return std::move(b).build();
}

}  // namespace chipcast::networks
