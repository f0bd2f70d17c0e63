// SPDX-License-Identifier: Apache-2.0
// The MLPerf Tiny reference networks (arXiv:2106.07597; mlcommons/tiny), but for visual wake words, which is a
// MobileNetV1. Their Keras layers have biases also before a batch normalisation.
#include <array>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu = Activation::relu;

/// Residual stack of ResNet-8 (resnet_v1_eembc in the reference code); its shortcut has no batch normalisation.
TensorId stack(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t out, std::int64_t stride) {
  const ConvSpec first{.out = out, .kernel = 3, .stride = stride, .same = true, .bias = true};
  TensorId y = conv_bn(b, name + "/conv1", x, first, relu);
  y = conv_bn(b, name + "/conv2", y, {.out = out, .kernel = 3, .same = true, .bias = true});
  if (stride != 1) x = conv_bias(b, name + "/shortcut", x, {.out = out, .stride = stride, .same = true});
  return activate(b, name, add(b, name + "/add", x, y), relu);
}

TensorId dense_bn(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t out) {
  return activate(b, name, batch_norm(b, name + "/bn", dense(b, name, x, out)), relu);
}

}  // namespace

Graph mlperf_tiny_ic(const ZooOptions& options) {
  GraphBuilder b("mlperf_tiny_ic");
  const ConvSpec stem{.out = 16, .kernel = 3, .same = true, .bias = true};
  TensorId x = conv_bn(b, "conv1", image(b, options, 32), stem, relu);
  x = stack(b, "stack1", x, 16, 1);
  x = stack(b, "stack2", x, 32, 2);
  x = stack(b, "stack3", x, 64, 2);
  return finish(std::move(b), classifier(b, x, 10));
}

// DS-CNN of "Hello Edge", arXiv:1711.07128.
Graph mlperf_tiny_kws(const ZooOptions& options) {
  GraphBuilder b("mlperf_tiny_kws");
  TensorId x = b.input("mfcc", {{options.batch, 1, 49, 10}, DType::fp32});
  const ConvSpec stem{.out = 64, .kernel = {10, 4}, .stride = 2, .same = true, .bias = true};
  x = conv_bn(b, "conv1", x, stem, relu);
  for (int i = 2; i <= 5; ++i) {
    const std::string name = "conv" + std::to_string(i);
    x = depthwise_bn(b, name + "/dw", x, {.kernel = 3, .same = true, .bias = true}, relu);
    x = conv_bn(b, name + "/sep", x, {.out = 64, .same = true, .bias = true}, relu);
  }
  return finish(std::move(b), classifier(b, x, 12));
}

// Autoencoder of the DCASE 2020 task 2 baseline.
Graph mlperf_tiny_ad(const ZooOptions& options) {
  constexpr std::array<std::int64_t, 9> kWidths{128, 128, 128, 128, 8, 128, 128, 128, 128};
  GraphBuilder b("mlperf_tiny_ad");
  TensorId x = b.input("spectrum", {{options.batch, 640}, DType::fp32});
  int index = 0;
  for (const std::int64_t width : kWidths) x = dense_bn(b, "fc" + std::to_string(++index), x, width);
  return finish(std::move(b), dense(b, "fc10", x, 640));
}

}  // namespace chipcast::networks
