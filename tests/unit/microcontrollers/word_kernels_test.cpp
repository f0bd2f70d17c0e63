// SPDX-License-Identifier: Apache-2.0
// Integer kernels of microcontrollers, counted by hand.
#include "accelerators/cpu/word_kernels.h"

#include <gtest/gtest.h>

#include "workloads/builder.h"

namespace chipcast::cpu {
namespace {

/// A Cortex-M4 (2 products a cycle) without flash; a product spends 1.5 cycles beside its multiply, so 2 in all.
Config cortex_m4() {
  Config config;
  config.cores = 1;
  config.core.rates = {{DType::int8, OpsPerCycle(2)}};
  config.core.vector = BytesPerCycle(4);
  config.profile.words.emplace();
  WordKernels& words = *config.profile.words;
  words = {.product = 1.5, .depthwise = 7.5, .odd_channels = 2.0, .copy = 2.0, .result = 10.0};
  words.element = 12.0;
  words.pool = 4.0;
  words.function = 20.0;
  config.profile.tile_columns = 2;
  return config;
}

OpDescription conv(std::int64_t in, std::int64_t out, std::int64_t extent, std::int64_t kernel, std::int64_t groups = 1,
                   DType dtype = DType::int8) {
  GraphBuilder b("one");
  Conv attributes;
  attributes.groups = groups;
  attributes.pads = std::vector<std::int64_t>(4, kernel / 2);
  const TensorId x = b.input("x", {{1, in, extent, extent}, dtype});
  const TensorId w = b.parameter("w", {{out, in / groups, kernel, kernel}, dtype});
  b.output(b.add("op", attributes, {x, w}).front());
  return describe_ops(std::move(b).build()).front();
}

OpTile whole(const OpDescription& op) {
  const LoopNest& nest = op.nests.front();
  return {.groups = nest.groups,
          .out_channels = nest.out_channels,
          .in_channels = nest.in_channels,
          .out_height = nest.out_height,
          .out_width = nest.out_width};
}

Cycles cycles(const Config& config, const OpDescription& op) { return word_kernel_cycles(config, op, whole(op)); }

TEST(WordKernels, PointwiseConvolutionsCopyNothing) {
  // 8 x 8 positions, 16 to 32 channels: 32768 products of 0.5 + 1.5 cycles, 2048 results of 10.
  EXPECT_EQ(cycles(cortex_m4(), conv(16, 32, 8, 1)), Cycles(32768 * 2 + 2048 * 10));
}

TEST(WordKernels, WindowsAreCopiedIntoColumns) {
  // 64 positions of 9 * 16 elements, 2 cycles each.
  const OpDescription op = conv(16, 32, 8, 3);
  EXPECT_EQ(patch_elements(op, whole(op)), 64 * 9 * 16);
  EXPECT_EQ(cycles(cortex_m4(), op), Cycles(64 * 32 * 144 * 2 + 2048 * 10 + 64 * 144 * 2));
}

TEST(WordKernels, ChannelsThatFillNoWordTakeTheSlowLoop) {
  // 3 channels: 0.5 + 1.5 * 2 cycles.
  EXPECT_EQ(cycles(cortex_m4(), conv(3, 32, 8, 1)), Cycles(64 * 32 * 3 * 7 / 2 + 2048 * 10));
}

TEST(WordKernels, DepthwiseConvolutionsHaveALoopOfTheirOwn) {
  // 16 channels, 64 positions, 9 taps of 0.5 + 7.5 cycles; nothing is copied.
  EXPECT_EQ(cycles(cortex_m4(), conv(16, 16, 8, 3, 16)), Cycles(16 * 64 * 9 * 8 + 1024 * 10));
}

TEST(WordKernels, ScalarSpeedAndWiderWordsLeaveTheMultiplies) {
  Config config = cortex_m4();
  config.core.scalar = 1.25;
  const OpDescription op = conv(16, 32, 8, 1);
  EXPECT_EQ(cycles(config, op), Cycles(32768 / 2 + static_cast<int>(32768 * 1.5 / 1.25) + 2048 * 8 + 1));
  config.core.scalar = 1.0;
  config.core.vector = BytesPerCycle(8);  // half as many loads and loops
  EXPECT_EQ(cycles(config, op), Cycles(32768 / 2 + 32768 * 3 / 4 + 2048 * 10));
  config.cores = 2;
  EXPECT_EQ(cycles(config, op), Cycles((32768 / 2 + 32768 * 3 / 4 + 2048 * 10) / 2));
}

TEST(WordKernels, WeightsInFlashAreReadForEveryPairOfColumns) {
  Config config = cortex_m4();
  config.flash.emplace();
  *config.flash = {.wait_states = 5, .line = Bytes(16), .cache = Bytes(256)};
  const OpDescription op = conv(16, 32, 8, 1);  // 512 B of weights, 64 positions
  EXPECT_EQ(flash_waits(config, op, whole(op)), Cycles(512 / 16 * 32 * 5));
  config.flash->cache = Bytes(512);  // they stay
  EXPECT_EQ(flash_waits(config, op, whole(op)), Cycles(512 / 16 * 5));
  config.flash->cache = Bytes(0);
  config.profile.tile_columns = 4;
  EXPECT_EQ(flash_waits(config, op, whole(op)), Cycles(512 / 16 * 16 * 5));
  config.flash.reset();
  EXPECT_EQ(flash_waits(config, op, whole(op)), Cycles(0));
}

TEST(WordKernels, ElementsPoolsAndMoves) {
  GraphBuilder b("others");
  const TensorId x = b.input("x", {{1, 16, 8, 8}, DType::int8});
  Pool pool;
  pool.kernel = {2, 2};
  pool.strides = {2, 2};
  Concat concat;
  concat.axis = 1;
  b.output(b.add("add", Binary{}, {x, x}).front());
  b.output(b.add("pool", pool, {x}).front());
  b.output(b.add("concat", concat, {x, x}).front());
  b.output(b.add("softmax", Softmax{}, {x}).front());
  const auto ops = describe_ops(std::move(b).build());
  const auto of = [&](std::size_t i) { return word_kernel_cycles(cortex_m4(), ops[i], {}); };
  EXPECT_EQ(of(0), Cycles(1024 * 12));
  EXPECT_EQ(of(1), Cycles(256 * 4 * 4));            // 256 results of 4 elements
  EXPECT_EQ(of(2), Cycles((1024 + 2048) / 2 * 2));  // a tensor that is read twice counts once
  EXPECT_EQ(of(3), Cycles(1024 * 5 * 20));
}

TEST(WordKernels, FloatsAreNoneOfThem) {
  const Config config = cortex_m4();
  EXPECT_TRUE(runs_word_kernels(config, DType::int8));
  EXPECT_TRUE(runs_word_kernels(config, DType::int16));
  EXPECT_FALSE(runs_word_kernels(config, DType::fp32));
  EXPECT_FALSE(runs_word_kernels(Config{}, DType::int8));
}

}  // namespace
}  // namespace chipcast::cpu
