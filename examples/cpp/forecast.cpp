// SPDX-License-Identifier: Apache-2.0
// How long does a network of one's own take on an RK3588, and how much energy?
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <utility>

#include "platform/simulation.h"
#include "workloads/builder.h"

namespace {

/// A 3x3 convolution with its activation.
chipcast::TensorId conv_relu(chipcast::GraphBuilder& b, const std::string& name, chipcast::TensorId x,
                             std::int64_t channels, std::int64_t stride) {
  const std::int64_t inputs = b.type(x).shape[1];
  const auto weight = b.parameter(name + ".weight", {{channels, inputs, 3, 3}, chipcast::DType::fp32});
  const auto bias = b.parameter(name + ".bias", {{channels}, chipcast::DType::fp32});
  chipcast::Conv conv;
  conv.strides = {stride, stride};
  conv.pads = {1, 1, 1, 1};
  const auto y = b.add_one(name, conv, {x, weight, bias});
  return b.add_one(name + "/relu", chipcast::Unary{}, {y});
}

chipcast::Graph small_network() {
  chipcast::GraphBuilder b("small");
  auto x = b.input("image", {{1, 3, 96, 96}, chipcast::DType::fp32});
  x = conv_relu(b, "conv1", x, 16, 2);
  x = conv_relu(b, "conv2", x, 32, 2);
  x = conv_relu(b, "conv3", x, 64, 2);
  chipcast::Pool mean;
  mean.function = chipcast::PoolFunction::avg;
  mean.global = true;
  b.output(b.add_one("mean", mean, {x}));
  return std::move(b).build();
}

void forecast() {
  const std::filesystem::path configs = CONFIGS;
  const auto platform = std::make_shared<const chipcast::Platform>(
      chipcast::Platform::load(configs / "platforms" / "rk3588.json", {configs}));
  chipcast::RunOptions options;
  options.dtype = chipcast::DType::int8;
  chipcast::Simulation simulation(platform, small_network(), options);
  const chipcast::Report report = simulation.run();
  std::printf("%s on %s: latency %.1f us (without contention %.1f us), energy %.1f uJ, %lld MACs\n",
              report.network.name.c_str(), report.platform.name.c_str(), report.totals.latency_s * 1e6,
              report.analytic.latency_s * 1e6, report.totals.energy_j * 1e6,
              static_cast<long long>(report.totals.macs));
}

}  // namespace

int main() {
  try {
    forecast();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
