// SPDX-License-Identifier: Apache-2.0
// Networks that are a single row of layers: AlexNet in one tower (arXiv:1404.5997, as torchvision has it) and VGG-16
// (arXiv:1409.1556, table 1, column D).
#include <array>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu = Activation::relu;

TensorId flat(GraphBuilder& b, TensorId x) {
  Reshape attributes;
  attributes.shape = {0, -1};
  return b.add_one("flatten", attributes, {x});
}

/// Three fully connected layers and a softmax.
Graph tail(GraphBuilder&& b, TensorId x) {
  x = activate(b, "fc6", dense(b, "fc6", flat(b, x), 4096), relu);
  x = activate(b, "fc7", dense(b, "fc7", x, 4096), relu);
  return finish(std::move(b), softmax(b, "prob", dense(b, "fc8", x, 1000)));
}

}  // namespace

Graph alexnet(const ZooOptions& options) {
  GraphBuilder b("alexnet");
  const PoolSpec pool{.kernel = 3, .stride = 2};
  TensorId x = image(b, options, 224);
  x = conv_bias(b, "conv1", x, {.out = 64, .kernel = 11, .stride = 4, .pad = 2}, relu);
  x = conv_bias(b, "conv2", max_pool(b, "pool1", x, pool), {.out = 192, .kernel = 5}, relu);
  x = conv_bias(b, "conv3", max_pool(b, "pool2", x, pool), {.out = 384, .kernel = 3}, relu);
  x = conv_bias(b, "conv4", x, {.out = 256, .kernel = 3}, relu);
  x = conv_bias(b, "conv5", x, {.out = 256, .kernel = 3}, relu);
  return tail(std::move(b), max_pool(b, "pool5", x, pool));
}

Graph vgg16(const ZooOptions& options) {
  struct Stage {
    int convs;
    std::int64_t out;
  };
  constexpr std::array<Stage, 5> kStages{{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}}};
  GraphBuilder b("vgg16");
  TensorId x = image(b, options, 224);
  int number = 0;
  for (const Stage& stage : kStages) {
    const std::string prefix = std::to_string(++number);
    for (int i = 1; i <= stage.convs; ++i) {
      x = conv_bias(b, "conv" + prefix + "_" + std::to_string(i), x, {.out = stage.out, .kernel = 3}, relu);
    }
    x = max_pool(b, "pool" + prefix, x, {.kernel = 2, .stride = 2});
  }
  return tail(std::move(b), x);
}

}  // namespace chipcast::networks
