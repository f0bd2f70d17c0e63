// SPDX-License-Identifier: Apache-2.0
// The search against random legal plans of real layers. CHIPCAST_TILING_SAMPLES=100000 draws as many of each layer.
#include "tests/unit/tiling/random_samples.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "mappers/tiling/plans.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::tiling {
namespace {

using namespace tiling_test;

std::int64_t samples() {
  const char* text = std::getenv("CHIPCAST_TILING_SAMPLES");
  return text == nullptr ? 60 : std::max<std::int64_t>(1, std::atoll(text));
}

/// AlexNet's layers (Krizhevsky et al. 2012, torchvision's sizes).
std::vector<OpDescription> alexnet() {
  std::vector<OpDescription> out;
  const auto conv = [&](std::int64_t in, std::int64_t size, std::int64_t k, std::int64_t kernel, std::int64_t stride,
                        std::int64_t pad) {
    GraphBuilder b("alexnet");
    const auto x = b.input("x", {{1, in, size, size}, DType::int8});
    const auto w = b.parameter("w", {{k, in, kernel, kernel}, DType::int8});
    Conv window;
    window.pads = {pad, pad, pad, pad};
    window.strides = {stride, stride};
    const auto y = b.add_one("conv", window, {x, w});
    out.push_back(described(std::move(b), y));
  };
  conv(3, 224, 64, 11, 4, 2);
  conv(64, 27, 192, 5, 1, 2);
  conv(192, 13, 384, 3, 1, 1);
  conv(384, 13, 256, 3, 1, 1);
  conv(256, 13, 256, 3, 1, 1);
  conv(9216, 1, 4096, 1, 1, 0);
  conv(4096, 1, 4096, 1, 1, 0);
  conv(4096, 1, 1000, 1, 1, 0);
  return out;
}

/// One of each like of a network's products.
std::vector<OpDescription> layers_of(const char* network) {
  const Graph graph = convert_dtype(fold_batch_norm(zoo_network(network)), DType::int8);
  std::vector<OpDescription> out;
  for (const auto& op : describe_ops(graph)) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const auto& some) { return look_alike(some, op); });
    if (op.macs > Ops(0) && op.single_nest() && !known) out.push_back(op);
  }
  return out;
}

/// None of `plans` random plans beats the search in latency, none in energy.
void expect_unbeaten(const OpDescription& op, const Subject& on, RandomLayers& random, std::int64_t plans) {
  SCOPED_TRACE(on.name + ", " + op.name);
  const Traffic traffic = whole_traffic(op, *on.device);
  constexpr std::int64_t kEnough = 200'000;  // for the whole space of each layer
  const auto fast = find(op, on.slot, traffic, {.budget = kEnough});
  const auto frugal = find(op, on.slot, traffic, {.objective = Objective::energy, .budget = kEnough});
  ASSERT_TRUE(fast && frugal);
  EXPECT_TRUE(fast->record->exact && frugal->record->exact) << fast->record->evaluated;
  const LeastSampled least = sample(random, op, on, traffic, plans);
  EXPECT_LE(value_of(op, on.slot, *fast, Objective::latency), least.latency) << to_text(*fast);
  EXPECT_LE(value_of(op, on.slot, *frugal, Objective::energy), least.energy) << to_text(*frugal);
}

TEST(TilingSearch, NoRandomPlanBeatsIt) {
  std::vector<OpDescription> layers = alexnet();
  for (const char* network : {"resnet18", "mobilenet_v2"}) {
    for (auto& op : layers_of(network)) layers.push_back(std::move(op));
  }
  EXPECT_GE(layers.size(), 40U);
  RandomLayers random(1);
  const std::vector<Subject> all = subjects(256);
  for (const std::size_t i : {0, 2, 3}) {
    for (const auto& op : layers) expect_unbeaten(op, all[i], random, samples());
  }
}

}  // namespace
}  // namespace chipcast::tiling
