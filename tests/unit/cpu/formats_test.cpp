// SPDX-License-Identifier: Apache-2.0
// Which format a cluster computes in, and what that costs.
#include "accelerators/cpu/formats.h"

#include <gtest/gtest.h>

#include "accelerators/cpu/cost.h"
#include "accelerators/tile_geometry.h"
#include "mappers/tiling/tiling.h"
#include "workloads/builder.h"

namespace chipcast::cpu {
namespace {

Core core_of(std::vector<Rate> rates) {
  Core core;
  core.rates = std::move(rates);
  return core;
}

const Core kArm = core_of({{DType::fp32, OpsPerCycle(4)},
                           {DType::fp16, OpsPerCycle(8)},
                           {DType::int8, OpsPerCycle(16)},
                           {DType::int16, OpsPerCycle(4)}});

Config cluster(const Core& core) {
  Config config;
  config.core = core;
  config.cores = 1;
  config.caches = {{.name = "L1", .size = Bytes(32 * 1024)}};
  return config;
}

OpDescription conv(std::int64_t channels, std::int64_t kernel, DType dtype, std::int64_t dilation = 1) {
  GraphBuilder b("one");
  Conv attributes;
  attributes.pads = std::vector<std::int64_t>(4, kernel / 2 * dilation);
  attributes.dilations = {dilation, dilation};
  const TensorId x = b.input("x", {{1, channels, 14, 14}, dtype});
  const TensorId w = b.parameter("w", {{32, channels, kernel, kernel}, dtype});
  b.output(b.add("op", attributes, {x, w}).front());
  return describe_ops(std::move(b).build()).front();
}

Cycles cycles(const Config& config, const OpDescription& op) {
  return make_device(config, "cpu", {})->cost(op, whole_tile(tiling_nest(op))).cycles;
}

TEST(CpuFormats, RunInTheirOwnOrTheNextWider) {
  EXPECT_EQ(executed_as(kArm, DType::int7), DType::int8);
  EXPECT_EQ(executed_as(kArm, DType::uint8), DType::int8);
  EXPECT_EQ(executed_as(kArm, DType::uint4), DType::int8);
  EXPECT_EQ(executed_as(kArm, DType::binary), DType::int8);
  EXPECT_EQ(executed_as(kArm, DType::boolean), DType::int8);
  EXPECT_EQ(executed_as(kArm, DType::bf16), DType::fp32);
  EXPECT_EQ(executed_as(kArm, DType::int32), DType::fp32);
  EXPECT_EQ(executed_as(core_of({{DType::int16, OpsPerCycle(2)}}), DType::int7), DType::int16);
  const Core listed = core_of({{DType::int8, OpsPerCycle(16)}, {DType::int4, OpsPerCycle(32)}});
  EXPECT_EQ(executed_as(listed, DType::uint4), DType::int4);
  EXPECT_EQ(macs_per_cycle(listed, DType::int4), 32.0);
}

TEST(CpuFormats, SixtyFourBitsTakeTwoLanes) {
  EXPECT_EQ(macs_per_cycle(kArm, DType::fp64), 2.0);
  EXPECT_EQ(macs_per_cycle(core_of({{DType::fp64, OpsPerCycle(3)}}), DType::fp64), 3.0);
  Config config = cluster(kArm);
  EXPECT_EQ(cycles(config, conv(32, 3, DType::fp64)), cycles(config, conv(32, 3, DType::fp32)) * 2);
  config.profile.vectors.emplace();
  const double ratio = static_cast<double>(cycles(config, conv(32, 3, DType::fp64)).count()) /
                       static_cast<double>(cycles(config, conv(32, 3, DType::fp32)).count());
  EXPECT_NEAR(ratio, 2.0, 1e-3);
}

TEST(CpuFormats, SmallFormatsWithoutARateAreUnpacked) {
  Config config = cluster(core_of({{DType::int8, OpsPerCycle(2)}}));
  config.caches = {{.name = "SRAM", .size = Bytes(256 * 1024)}};
  for (const bool words : {true, false}) {
    config.profile = {};
    if (words) config.profile.words.emplace();
    if (!words) config.profile.vectors.emplace();
    for (const DType dtype : {DType::binary, DType::int4}) {
      EXPECT_GT(cycles(config, conv(32, 3, dtype)), cycles(config, conv(32, 3, DType::int8))) << name_of(dtype);
    }
    EXPECT_EQ(cycles(config, conv(32, 3, DType::int7)), cycles(config, conv(32, 3, DType::int8)));
  }
  config.core.rates.push_back({DType::binary, OpsPerCycle(64)});
  EXPECT_LT(cycles(config, conv(32, 3, DType::binary)), cycles(config, conv(32, 3, DType::int8)));
}

TEST(CpuFormats, RuntimesMayComputeInANarrowerOne) {
  Config config = cluster(kArm);
  config.runs = {{DType::fp32, DType::fp16}};
  EXPECT_EQ(executed_as(config, DType::fp32), DType::fp16);
  EXPECT_EQ(executed_as(config, DType::int8), DType::int8);
  EXPECT_EQ(macs_per_cycle(config, DType::fp32), 8.0);
  EXPECT_EQ(stored_bytes(config, DType::fp32, Bytes(100)), Bytes(50));
  EXPECT_EQ(stored_bytes(config, DType::int8, Bytes(100)), Bytes(100));
  config.core = core_of({{DType::fp32, OpsPerCycle(4)}});
  EXPECT_EQ(executed_as(config, DType::fp32), DType::fp32) << "no fp16 to run it in";
  EXPECT_EQ(stored_bytes(config, DType::fp32, Bytes(100)), Bytes(100));
}

TEST(CpuFormats, FloatsRunAsHalvesCostAsHalves) {
  Config config = cluster(kArm);
  config.profile.vectors.emplace();
  config.profile.vectors->winograd = {{.tile = 4}};
  const auto steps = [&](DType dtype) {
    return make_device(config, "cpu", {})->schedule(conv(64, 3, dtype), {}).value();
  };
  const Schedule half = steps(DType::fp16);
  config.runs = {{DType::fp32, DType::fp16}};
  const Schedule got = steps(DType::fp32);
  EXPECT_EQ(got.text, half.text + ", in fp16");
  ASSERT_EQ(got.steps.size(), half.steps.size());
  for (std::size_t i = 0; i < got.steps.size(); ++i) {
    EXPECT_EQ(got.steps[i].input, half.steps[i].input);
    EXPECT_EQ(got.steps[i].weights, half.steps[i].weights);
    EXPECT_EQ(got.steps[i].output, half.steps[i].output);
    EXPECT_EQ(got.steps[i].work.cycles, half.steps[i].work.cycles);
  }
}

TEST(CpuFormats, NoTileIsTooLargeForACache) {
  for (Config config : {cluster(kArm), Config{}}) {
    config.caches = {{.name = "L1", .size = Bytes(256)}};
    const auto device = make_device(config, "cpu", {});
    const auto moved = [](EngineKind, Bytes bytes) { return Time::ps(bytes.count()); };
    const DeviceSlot slot{.name = "cpu", .device = device.get(), .transfer = moved};
    for (const OpDescription& op : {conv(32, 3, DType::fp64), conv(32, 3, DType::int64), conv(8, 33, DType::int8, 2)})
      EXPECT_TRUE(tiling::find(op, slot, {}).has_value()) << name_of(op.compute_dtype);
  }
}

}  // namespace
}  // namespace chipcast::cpu
