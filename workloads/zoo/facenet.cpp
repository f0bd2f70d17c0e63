// SPDX-License-Identifier: Apache-2.0
// FaceNet on Inception-ResNet-v1, arXiv:1602.07261, as github.com/davidsandberg/facenet has it: 512 values of a face.
#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu = Activation::relu;
constexpr std::int64_t kEmbedding = 512;

TensorId unit(GraphBuilder& b, const std::string& name, TensorId x, const ConvSpec& spec) {
  return conv_bn(b, name, x, spec, relu);
}

/// Branches are joined, brought to the input's channels without normalisation, and added to it.
TensorId residual(GraphBuilder& b, const std::string& name, TensorId x, const std::vector<TensorId>& branches,
                  Activation activation = relu) {
  const TensorId up = conv_bias(b, name + "/up", concat(b, name + "/concat", branches), {.out = channels(b, x)});
  return activate(b, name, add(b, name + "/add", x, up), activation);
}

TensorId block35(GraphBuilder& b, const std::string& name, TensorId x) {
  const ConvSpec one{.out = 32}, three{.out = 32, .kernel = 3};
  const TensorId second = unit(b, name + "/b1", unit(b, name + "/b0", x, one), three);
  const TensorId third = unit(b, name + "/c2", unit(b, name + "/c1", unit(b, name + "/c0", x, one), three), three);
  return residual(b, name, x, {unit(b, name + "/a", x, one), second, third});
}

/// A 1x1, and a 1x1 with a kernel of one row and one of one column behind it.
TensorId separated(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t width, std::int64_t length,
                   Activation activation = relu) {
  TensorId y = unit(b, name + "/b0", x, {.out = width});
  y = unit(b, name + "/b1", y, {.out = width, .kernel = Pair{1, length}});
  y = unit(b, name + "/b2", y, {.out = width, .kernel = Pair{length, 1}});
  return residual(b, name, x, {unit(b, name + "/a", x, {.out = width}), y}, activation);
}

TensorId halved(GraphBuilder& b, const std::string& name, TensorId x) {
  return max_pool(b, name, x, {.kernel = 3, .stride = 2});
}

TensorId reduction_a(GraphBuilder& b, TensorId x) {
  const ConvSpec shrink{.out = 384, .kernel = 3, .stride = 2, .pad = 0};
  const TensorId inner = unit(b, "mixed6a/b1", unit(b, "mixed6a/b0", x, {.out = 192}), {.out = 192, .kernel = 3});
  const TensorId second = unit(b, "mixed6a/b2", inner, {.out = 256, .kernel = 3, .stride = 2, .pad = 0});
  return concat(b, "mixed6a", {unit(b, "mixed6a/a", x, shrink), second, halved(b, "mixed6a/pool", x)});
}

TensorId reduction_b(GraphBuilder& b, TensorId x) {
  const auto branch = [&](const std::string& name, std::int64_t out, bool longer) {
    TensorId y = unit(b, name + "0", x, {.out = 256});
    if (longer) y = unit(b, name + "1", y, {.out = 256, .kernel = 3});
    return unit(b, name + "2", y, {.out = out, .kernel = 3, .stride = 2, .pad = 0});
  };
  return concat(b, "mixed7a",
                {branch("mixed7a/a", 384, false), branch("mixed7a/b", 256, false), branch("mixed7a/c", 256, true),
                 halved(b, "mixed7a/pool", x)});
}

TensorId stem(GraphBuilder& b, TensorId x) {
  x = unit(b, "conv1a", x, {.out = 32, .kernel = 3, .stride = 2, .pad = 0});
  x = unit(b, "conv2b", unit(b, "conv2a", x, {.out = 32, .kernel = 3, .pad = 0}), {.out = 64, .kernel = 3});
  x = unit(b, "conv3b", halved(b, "pool3a", x), {.out = 80});
  x = unit(b, "conv4a", x, {.out = 192, .kernel = 3, .pad = 0});
  return unit(b, "conv4b", x, {.out = 256, .kernel = 3, .stride = 2, .pad = 0});
}

}  // namespace

Graph facenet(const ZooOptions& options) {
  GraphBuilder b("facenet");
  TensorId x = stem(b, image(b, options, 160));
  for (int i = 1; i <= 5; ++i) x = block35(b, "block35_" + std::to_string(i), x);
  x = reduction_a(b, x);
  for (int i = 1; i <= 10; ++i) x = separated(b, "block17_" + std::to_string(i), x, 128, 7);
  x = reduction_b(b, x);
  for (int i = 1; i <= 5; ++i) x = separated(b, "block8_" + std::to_string(i), x, 192, 3);
  x = separated(b, "block8_last", x, 192, 3, Activation::none);
  x = flatten(b, "flatten", global_average(b, "pool", x));
  Gemm product;  // without a bias
  product.transpose_b = true;
  x = b.add_one("bottleneck", product, {x, parameter(b, "bottleneck.weight", {kEmbedding, channels(b, x)})});
  return finish(std::move(b), batch_norm(b, "bottleneck/bn", x));
}

}  // namespace chipcast::networks
