// SPDX-License-Identifier: Apache-2.0
// YOLOv7 and YOLOv7-tiny, arXiv:2207.02696 (github.com/WongKinYiu/yolov7: cfg/deploy), with RepConv merged into one
// 3x3, up to the sigmoid of the last convolutions. Windows of 9 and 13 stand as chains of 5, which gives the same.
#include <array>

#include "workloads/zoo/yolo.h"

namespace chipcast::networks {
namespace {

constexpr std::int64_t kOut = 3 * (4 + 1 + 80);

struct Elan {
  std::int64_t branch, inner, out;
  int convs;  ///< 3x3 in a row behind the second branch
  int every;  ///< of those, the ones that are kept: every one, or every second
};

/// Two 1x1 branches; behind the second a row of 3x3, some of which are joined with both.
TensorId elan(Yolo& net, const std::string& name, TensorId x, const Elan& form) {
  const TensorId first = net.conv(name + "/a", x, {.out = form.branch});
  TensorId y = net.conv(name + "/b", x, {.out = form.branch});
  std::vector<TensorId> kept{y, first};
  for (int i = 1; i <= form.convs; ++i) {
    y = net.conv(name + "/c" + std::to_string(i), y, {.out = form.inner, .kernel = 3});
    if (i % form.every == 0) kept.insert(kept.begin(), y);
  }
  return net.conv(name + "/out", concat(net.builder, name + "/concat", kept), {.out = form.out});
}

/// Half the extent, by a window and by a strided 3x3; `also` is joined.
TensorId transition(Yolo& net, const std::string& name, TensorId x, std::int64_t width,
                    const std::vector<TensorId>& also = {}) {
  const TensorId pooled = max_pool(net.builder, name + "/pool", x, {.kernel = 2, .stride = 2});
  const TensorId first = net.conv(name + "/a", pooled, {.out = width});
  const TensorId second =
      net.conv(name + "/c", net.conv(name + "/b", x, {.out = width}), {.out = width, .kernel = 3, .stride = 2});
  std::vector<TensorId> parts{second, first};
  parts.insert(parts.end(), also.begin(), also.end());
  return concat(net.builder, name + "/concat", parts);
}

/// "SPPCSPC".
TensorId wide_pyramid_pool(Yolo& net, TensorId x, std::int64_t width) {
  TensorId y = net.conv("spp/cv1", x, {.out = width});
  y = net.conv("spp/cv4", net.conv("spp/cv3", y, {.out = width, .kernel = 3}), {.out = width});
  y = net.conv("spp/cv5", net.windows("spp", y), {.out = width});
  y = net.conv("spp/cv6", y, {.out = width, .kernel = 3});
  const TensorId other = net.conv("spp/cv2", x, {.out = width});
  return net.conv("spp/cv7", concat(net.builder, "spp/join", {y, other}), {.out = width});
}

TensorId narrow_pyramid_pool(Yolo& net, TensorId x, std::int64_t width) {
  const TensorId other = net.conv("spp/cv1", x, {.out = width});
  const TensorId y = net.windows("spp", net.conv("spp/cv2", x, {.out = width}));
  return net.conv("spp/cv4", concat(net.builder, "spp/join", {net.conv("spp/cv3", y, {.out = width}), other}),
                  {.out = width});
}

/// A coarser map, brought to the extent of a finer one and joined with it.
TensorId joined_upwards(Yolo& net, const std::string& name, TensorId coarse, TensorId fine, std::int64_t width) {
  const TensorId above = upsample(net.builder, name + "/upsample", net.conv(name + "/above", coarse, {.out = width}));
  return concat(net.builder, name + "/concat", {net.conv(name + "/beside", fine, {.out = width}), above});
}

struct Maps {
  TensorId p3, p4, p5;
};

Graph with_heads(Yolo& net, const Maps& maps, std::int64_t width) {
  GraphBuilder& b = net.builder;
  for (const auto& [level, x] : std::array<std::pair<int, TensorId>, 3>{{{3, maps.p3}, {4, maps.p4}, {5, maps.p5}}}) {
    const std::string name = "detect" + std::to_string(level);
    const TensorId features = net.conv(name + "/conv", x, {.out = width << (level - 3), .kernel = 3});
    b.output(sigmoid(b, name, conv_bias(b, name, features, {.out = kOut})));
  }
  return std::move(b).build();
}

}  // namespace

Graph yolov7(const ZooOptions& options) {
  GraphBuilder b("yolov7");
  Yolo net{b};
  const auto grown = [&](const std::string& name, TensorId x, std::int64_t branch, std::int64_t out) {
    return elan(net, name, x, {branch, branch, out, 4, 2});
  };
  const auto mixed = [&](const std::string& name, TensorId x, std::int64_t branch) {
    return elan(net, name, x, {branch, branch / 2, branch, 4, 1});
  };
  TensorId x = net.conv("conv0", image(b, options, 640), {.out = 32, .kernel = 3});
  x = net.conv("conv1", x, {.out = 64, .kernel = 3, .stride = 2});
  x = net.conv("conv2", x, {.out = 64, .kernel = 3});
  x = net.conv("conv3", x, {.out = 128, .kernel = 3, .stride = 2});
  x = grown("elan1", x, 64, 256);
  const TensorId p3 = grown("elan2", transition(net, "down2", x, 128), 128, 512);
  const TensorId p4 = grown("elan3", transition(net, "down3", p3, 256), 256, 1024);
  x = grown("elan4", transition(net, "down4", p4, 512), 256, 1024);
  const TensorId n5 = wide_pyramid_pool(net, x, 512);
  const TensorId n4 = mixed("elan5", joined_upwards(net, "up4", n5, p4, 256), 256);
  const TensorId d3 = mixed("elan6", joined_upwards(net, "up3", n4, p3, 128), 128);
  const TensorId d4 = mixed("elan7", transition(net, "down7", d3, 128, {n4}), 256);
  const TensorId d5 = mixed("elan8", transition(net, "down8", d4, 256, {n5}), 512);
  return with_heads(net, {d3, d4, d5}, 256);
}

Graph yolov7_tiny(const ZooOptions& options) {
  GraphBuilder b("yolov7_tiny");
  Yolo net{.builder = b, .activation = Activation::leaky_relu};
  const auto small = [&](const std::string& name, TensorId x, std::int64_t branch) {
    return elan(net, name, x, {branch, branch, 2 * branch, 2, 1});
  };
  const auto halved = [&](const std::string& name, TensorId x) {
    return max_pool(b, name, x, {.kernel = 2, .stride = 2});
  };
  TensorId x = net.conv("conv0", image(b, options, 640), {.out = 32, .kernel = 3, .stride = 2});
  x = small("elan1", net.conv("conv1", x, {.out = 64, .kernel = 3, .stride = 2}), 32);
  const TensorId p3 = small("elan2", halved("pool2", x), 64);
  const TensorId p4 = small("elan3", halved("pool3", p3), 128);
  x = small("elan4", halved("pool4", p4), 256);
  const TensorId n5 = narrow_pyramid_pool(net, x, 256);
  const TensorId n4 = small("elan5", joined_upwards(net, "up4", n5, p4, 128), 64);
  const TensorId d3 = small("elan6", joined_upwards(net, "up3", n4, p3, 64), 32);
  const auto down = [&](const std::string& name, TensorId from, TensorId beside, std::int64_t width) {
    const TensorId y = net.conv(name + "/conv", from, {.out = width, .kernel = 3, .stride = 2});
    return concat(b, name + "/concat", {y, beside});
  };
  const TensorId d4 = small("elan7", down("down7", d3, n4, 128), 64);
  const TensorId d5 = small("elan8", down("down8", d4, n5, 256), 128);
  return with_heads(net, {d3, d4, d5}, 128);
}

}  // namespace chipcast::networks
