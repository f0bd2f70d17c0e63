// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/array.h"

#include <gtest/gtest.h>

#include "accelerators/npu/post.h"
#include "accelerators/npu/traffic.h"
#include "accelerators/tile_geometry.h"
#include "tests/unit/npu/operators.h"

namespace chipcast::npu {
namespace {

/// 32 x 32 lanes in int8, half the rate in fp16, twice in int4.
Config cell() {
  Config config;
  config.rates = {{DType::int8, OpsPerCycle(1024)}, {DType::int4, OpsPerCycle(2048)}, {DType::fp16, OpsPerCycle(512)}};
  config.channel_packing = false;
  config.depthwise_channels = 64;
  return config;
}

std::int64_t cycles(const Config& config, const OpDescription& op) {
  return array_cycles(config, op, whole_tile(tiling_nest(op))).count();
}

TEST(Array, VendorsCyclesOfRk3588) {
  // "NPU cycles" of RKNN-Toolkit2's table per layer (eval_perf) on one core: positions, taps, whole lanes.
  const Config core = cell();
  EXPECT_EQ(cycles(core, conv_op({.channels = 3, .extent = 224, .kernels = 32, .stride = 2})), 112896);
  EXPECT_EQ(cycles(core, conv_op({.channels = 16, .extent = 480, .kernels = 16})), 2073600);
  EXPECT_EQ(cycles(core, conv_op({.channels = 32, .extent = 320, .kernels = 64, .stride = 2})), 460800);
  EXPECT_EQ(cycles(core, conv_op({.channels = 512, .extent = 40, .kernels = 128, .kernel = 1, .pad = 0})), 102400);
  EXPECT_EQ(cycles(core, conv_op({.channels = 1024, .extent = 20, .kernels = 512, .kernel = 1, .pad = 0})), 204800);
  EXPECT_EQ(cycles(core, conv_op({.channels = 256, .extent = 20, .kernels = 256, .groups = 256})), 14400);
  EXPECT_EQ(cycles(core, conv_op({.channels = 128, .extent = 40, .kernels = 128, .groups = 128})), 28800);
}

TEST(Array, FormatsScaleTheInputLanes) {
  const ConvShape shape{.channels = 64, .extent = 8, .kernels = 32};
  EXPECT_EQ(cycles(cell(), conv_op(shape, DType::int8)), 2 * 64 * 9);
  EXPECT_EQ(cycles(cell(), conv_op(shape, DType::int4)), 1 * 64 * 9);
  EXPECT_EQ(cycles(cell(), conv_op(shape, DType::fp16)), 4 * 64 * 9);
  EXPECT_EQ(cycles(cell(), conv_op(shape, DType::uint8)), 2 * 64 * 9);
}

TEST(Array, WinogradIsForDenseThreeByThreeOfStrideOne) {
  Config config = cell();
  config.winograd = {DType::int8};
  EXPECT_EQ(cycles(config, conv_op({})), 1024);  // 256 * 9 / 2.25
  EXPECT_EQ(cycles(config, conv_op({}, DType::fp16)), 2 * 256 * 9);
  EXPECT_EQ(cycles(config, conv_op({.stride = 2})), 64 * 9);
  EXPECT_EQ(cycles(config, conv_op({.groups = 2})), 2 * 256 * 9);
  EXPECT_EQ(cycles(config, conv_op({.kernel = 5, .pad = 2})), 256 * 25);
  const OpDescription op = conv_op({});
  EXPECT_EQ(stored_weights(config, op, whole_tile(tiling_nest(op))), Bytes(32 * 32 * 9));  // expanded on the way in
}

TEST(Array, FewChannelsPackTheirColumns) {
  Config config = cell();
  config.channel_packing = true;
  EXPECT_EQ(cycles(config, conv_op({.channels = 3, .extent = 224, .stride = 2})), 112 * 112 * 3);
}

TEST(Array, IdealPackingIsTheSheet) {
  Config config = cell();
  config.packing = Packing::ideal;
  config.channel_alignment = 16;
  // round16(3 * 4) * 112 * 112 * 64 * 49 / 4 / 1024
  EXPECT_EQ(cycles(config, conv_op({.channels = 3, .extent = 224, .kernels = 64, .kernel = 7, .stride = 2, .pad = 3})),
            153664);
  // Sixteen vectors share the rounding of 1000 kernels.
  EXPECT_EQ(cycles(config, product_op(16, 4096, 1000)), 16 * 4000);
  EXPECT_EQ(cycles(config, product_op(1, 4096, 1000)), 4096 * 1008 / 1024);
  // Depthwise: 40 channels are 48, on 64 multipliers.
  EXPECT_EQ(cycles(config, conv_op({.channels = 40, .kernels = 40, .groups = 40})), 256 * 9 * 48 / 64);
}

TEST(Array, EfficiencyAndDecoder) {
  Config config = cell();
  config.efficiency = 0.5;
  EXPECT_EQ(cycles(config, conv_op({})), 2 * 256 * 9);
  config.weights.decoder = BytesPerCycle(1);
  EXPECT_EQ(cycles(config, conv_op({})), 32 * 32 * 9);  // each weight once
}

TEST(LeastTime, UnequalWorkersShareGrains) {
  EXPECT_EQ(least_time({{1, 32, 100}}, 64), 200);
  EXPECT_EQ(least_time({{2, 32, 100}}, 64), 100);
  EXPECT_EQ(least_time({{2, 32, 100}}, 65), 200);
  EXPECT_EQ(least_time({{1, 32, 100}, {1, 16, 50}}, 64), 100);
  EXPECT_EQ(least_time({{1, 32, 100}, {1, 16, 50}}, 65), 150);
  EXPECT_EQ(least_time({{1, 1, 7}}, 1), 7);
}

TEST(Cores, ShareChannelsOrRows) {
  Config config = cell();
  config.cores = {{.count = 2, .input_lanes = 32, .output_lanes = 32, .depthwise_channels = 64}};
  EXPECT_EQ(core_ratio(config), 3.0);
  EXPECT_EQ(cycles(config, conv_op({.kernels = 96})), 256 * 9);     // a kernel group each
  EXPECT_EQ(cycles(config, conv_op({.kernels = 32})), 6 * 16 * 9);  // 16 rows: 6, 5, 5
  config.core_split = CoreSplit::channels;
  EXPECT_EQ(cycles(config, conv_op({.kernels = 32})), 256 * 9);
  config.core_split = CoreSplit::rows;
  EXPECT_EQ(cycles(config, conv_op({.kernels = 96})), 3 * 6 * 16 * 9);
}

TEST(Cores, AnApuOfTwoBigThreeSmallAndATinyOne) {
  Config apu = cell();
  apu.cores = {{.count = 1, .input_lanes = 32, .output_lanes = 32},
               {.count = 3, .input_lanes = 32, .output_lanes = 16},
               {.count = 1, .input_lanes = 16, .output_lanes = 16}};
  // 112 kernels: 32 on each big core, 16 on each small one; the tiny one would take twice as long for its 16.
  EXPECT_EQ(cycles(apu, conv_op({.kernels = 112})), 256 * 9);
  // 120 kernels go by rows: 5 on each big core at 4 groups, 2 on each small one at 8.
  EXPECT_EQ(cycles(apu, conv_op({.kernels = 120})), 5 * 4 * 16 * 9);
  EXPECT_LT(cycles(apu, conv_op({.kernels = 240})), cycles(cell(), conv_op({.kernels = 240})));
}

TEST(BufferReads, OnlyCoresThatWorkRead) {
  Config config = cell();
  const BufferReads one = buffer_reads(config, conv_op({}), whole_tile(tiling_nest(conv_op({}))));
  EXPECT_EQ(one.features, 256 * 9 * 32);
  EXPECT_EQ(one.weights, 256 * 9 * 1024 / 16);
  config.cores = {{.count = 3, .input_lanes = 32, .output_lanes = 32, .depthwise_channels = 64}};
  config.core_split = CoreSplit::channels;
  const BufferReads idle = buffer_reads(config, conv_op({}), whole_tile(tiling_nest(conv_op({}))));
  EXPECT_EQ(idle.features, one.features);  // one group of 32 kernels, three idle cores
  EXPECT_EQ(idle.weights, one.weights);
  const OpDescription wide = conv_op({.kernels = 128});
  EXPECT_EQ(buffer_reads(config, wide, whole_tile(tiling_nest(wide))).features, 4 * one.features);
}

TEST(BusyCycles, FirstWorkersTakeWhatTheyCan) {
  EXPECT_EQ(busy_cycles({{1, 32, 100}, {1, 16, 50}}, 65), (std::vector<std::int64_t>{100, 150}));
  EXPECT_EQ(busy_cycles({{2, 32, 100}}, 33), (std::vector<std::int64_t>{200}));
  EXPECT_EQ(busy_cycles({{1, 32, 100}, {3, 16, 100}}, 20), (std::vector<std::int64_t>{100, 0}));
}

TEST(Int7, RunsAsInt8) { EXPECT_EQ(rate_of(cell(), DType::int7), OpsPerCycle(1024)); }

TEST(Post, RatesByClassAndFormat) {
  Config config = cell();
  config.post_rates = {{.op_class = OpClass::pool, .dtype = DType::fp16, .elements = 8.0},
                       {.op_class = OpClass::pool, .dtype = {}, .elements = 40.0}};
  EXPECT_EQ(post_rate(config, OpClass::pool, DType::fp16), 8.0);
  EXPECT_EQ(post_rate(config, OpClass::pool, DType::int8), 40.0);
  EXPECT_EQ(post_rate(config, OpClass::elementwise, DType::int8), 16.0);
  config.cores = {{.count = 1, .post_elements = 8}};
  EXPECT_EQ(post_rate(config, OpClass::pool, DType::int8), 60.0);
}

TEST(Weights, CompressionKeepsNonZerosAndAMask) {
  Config config = cell();
  EXPECT_EQ(kept_weights(config, DType::int8), 1.0);
  config.weights = {.compressed = true, .zero_share = 0.5};
  EXPECT_EQ(kept_weights(config, DType::int8), 0.625);
  EXPECT_EQ(kept_weights(config, DType::int4), 0.75);
  config.weights.zero_share = 0.0;
  EXPECT_EQ(kept_weights(config, DType::int8), 1.0);  // the mask would only add to it
}

}  // namespace
}  // namespace chipcast::npu
