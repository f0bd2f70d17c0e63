// SPDX-License-Identifier: Apache-2.0
// GoogLeNet, arXiv:1409.4842, table 1, as torchvision has it: batch normalisation for local response
// normalisation, and 3x3 where the paper has 5x5.
#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu = Activation::relu;

struct Inception {
  std::int64_t one, reduce3, three, reduce5, five, pool;
};

TensorId inception(GraphBuilder& b, const std::string& name, TensorId x, const Inception& form) {
  const TensorId one = conv_bn(b, name + "/1x1", x, {.out = form.one}, relu);
  const TensorId three = conv_bn(b, name + "/3x3", conv_bn(b, name + "/3x3_reduce", x, {.out = form.reduce3}, relu),
                                 {.out = form.three, .kernel = 3}, relu);
  const TensorId five = conv_bn(b, name + "/5x5", conv_bn(b, name + "/5x5_reduce", x, {.out = form.reduce5}, relu),
                                {.out = form.five, .kernel = 3}, relu);
  const TensorId pooled = max_pool(b, name + "/pool", x, {.kernel = 3, .stride = 1, .pad = 1, .ceil = true});
  const TensorId projected = conv_bn(b, name + "/pool_proj", pooled, {.out = form.pool}, relu);
  return concat(b, name + "/concat", {one, three, five, projected});
}

}  // namespace

Graph googlenet(const ZooOptions& options) {
  GraphBuilder b("googlenet");
  const PoolSpec half{.kernel = 3, .stride = 2, .ceil = true};
  TensorId x = conv_bn(b, "conv1", image(b, options, 224), {.out = 64, .kernel = 7, .stride = 2}, relu);
  x = conv_bn(b, "conv2", max_pool(b, "pool1", x, half), {.out = 64}, relu);
  x = max_pool(b, "pool2", conv_bn(b, "conv3", x, {.out = 192, .kernel = 3}, relu), half);
  x = inception(b, "inception3a", x, {64, 96, 128, 16, 32, 32});
  x = inception(b, "inception3b", x, {128, 128, 192, 32, 96, 64});
  x = inception(b, "inception4a", max_pool(b, "pool3", x, half), {192, 96, 208, 16, 48, 64});
  x = inception(b, "inception4b", x, {160, 112, 224, 24, 64, 64});
  x = inception(b, "inception4c", x, {128, 128, 256, 24, 64, 64});
  x = inception(b, "inception4d", x, {112, 144, 288, 32, 64, 64});
  x = inception(b, "inception4e", x, {256, 160, 320, 32, 128, 128});
  x = max_pool(b, "pool4", x, {.kernel = 2, .stride = 2, .ceil = true});
  x = inception(b, "inception5a", x, {256, 160, 320, 32, 128, 128});
  x = inception(b, "inception5b", x, {384, 192, 384, 48, 128, 128});
  return finish(std::move(b), classifier(b, x, 1000));
}

}  // namespace chipcast::networks
