// SPDX-License-Identifier: Apache-2.0
// Activations that the post-processing unit is slower at.
#include <gtest/gtest.h>

#include "accelerators/npu/cost.h"
#include "accelerators/npu/post.h"
#include "accelerators/tile_geometry.h"
#include "operators.h"
#include "workloads/transforms.h"

namespace chipcast::npu {
namespace {

/// 32 to 32 channels of 16 x 16, 3x3, and an activation behind it.
OpDescription activated(UnaryFunction function) {
  GraphBuilder b("single");
  const auto x = b.input("x", {{1, 32, 16, 16}, DType::int8});
  const auto w = b.parameter("w", {{32, 32, 3, 3}, DType::int8});
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  Unary unary;
  unary.function = function;
  b.output(b.add_one("act", unary, {b.add_one("conv", conv, {x, w})}));
  return describe_ops(fuse_activations(std::move(b).build())).front();
}

Config with(double elements, bool behind) {
  Config config;
  config.tile_overhead = Cycles(0);
  config.activation_rates = {{.functions = {UnaryFunction::swish}, .elements = elements, .behind = behind}};
  return config;
}

Cycles cycles(const Config& config, const OpDescription& op) {
  return make_device(config, "npu", {})->cost(op, whole_tile(op.nests.front())).cycles;
}

constexpr std::int64_t kArray = 16 * 16 * 9, kResults = 32 * 16 * 16;

TEST(NpuActivation, MergedOnesAreSeen) {
  EXPECT_EQ(activated(UnaryFunction::swish).activations, std::vector{UnaryFunction::swish});
  EXPECT_EQ(activated(UnaryFunction::relu).activations, std::vector{UnaryFunction::relu});
}

TEST(NpuActivation, BesideTheArrayTheSlowerOneCounts) {
  EXPECT_EQ(cycles(with(2.0, false), activated(UnaryFunction::swish)), Cycles(kResults / 2));
  EXPECT_EQ(cycles(with(8.0, false), activated(UnaryFunction::swish)), Cycles(kArray));
  EXPECT_EQ(cycles(with(2.0, false), activated(UnaryFunction::relu)), Cycles(kArray));
}

TEST(NpuActivation, BehindTheArrayBothCount) {
  EXPECT_EQ(cycles(with(2.0, true), activated(UnaryFunction::swish)), Cycles(kArray + kResults / 2));
  EXPECT_EQ(cycles(with(2.0, true), activated(UnaryFunction::sigmoid)), Cycles(kArray));
}

TEST(NpuActivation, ASlowPassCostsEnergyToo) {
  const auto post = [](UnaryFunction function) {
    const OpDescription op = activated(function);
    const auto device = make_device(with(2.0, true), "npu", {});
    const TileWork work = device->cost(op, whole_tile(op.nests.front()));
    double sum = 0.0;
    for (const auto& [action, count] : work.activity) {
      if (device->actions()[action].component == "npu.post") sum += count;
    }
    return sum;
  };
  EXPECT_EQ(post(UnaryFunction::relu), kResults);
  EXPECT_EQ(post(UnaryFunction::swish), 2 * kResults);
}

TEST(NpuActivation, FurtherCoresHaveUnitsToo) {
  Config config = with(2.0, false);
  config.cores = {{.count = 3, .post_elements = config.post_elements}};
  EXPECT_EQ(activation_pass(config, activated(UnaryFunction::swish), 800).beside, Cycles(100));
}

TEST(NpuActivation, OnItsOwnItIsNoFaster) {
  GraphBuilder b("single");
  const auto x = b.input("x", {{1, 32, 16, 16}, DType::int8});
  Unary unary;
  unary.function = UnaryFunction::swish;
  b.output(b.add_one("act", unary, {x}));
  const OpDescription op = describe_ops(std::move(b).build()).front();
  const auto device = make_device(with(2.0, false), "npu", {});
  EXPECT_EQ(device->cost(op, {}).cycles, Cycles(kResults / 2));
  EXPECT_EQ(device->cost(op, {.pieces = 4}).cycles, Cycles(kResults / 8));
}

TEST(NpuActivation, AnEntryNamesAFunction) {
  EXPECT_THROW(ActivationRate{}.validate(), std::invalid_argument);
  EXPECT_NO_THROW((ActivationRate{.functions = {UnaryFunction::gelu}}.validate()));
}

}  // namespace
}  // namespace chipcast::npu
