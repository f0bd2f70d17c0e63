// SPDX-License-Identifier: Apache-2.0
// Inner loops of a DSP, counted by hand. The default configuration is Hexagon's: 128 B vectors, two multiplies, one
// load and one store a packet, 32 registers, two contexts.
#include "accelerators/dsp/kernels.h"

#include <gtest/gtest.h>

#include "accelerators/dsp/cost.h"

namespace chipcast::dsp {
namespace {

/// No fill and no rescaling, so that only the products count.
Config bare() {
  Config config;
  config.loop_fill = 0;
  config.rescale_multiplies = config.rescale_alu = 0;
  return config;
}

LoopNest pointwise(std::int64_t in, std::int64_t out, std::int64_t rows, std::int64_t columns) {
  LoopNest nest;
  nest.in_channels = in;
  nest.out_channels = out;
  nest.out_height = nest.in_height = rows;
  nest.out_width = nest.in_width = columns;
  return nest;
}

OpTile whole(const LoopNest& nest) {
  return {.groups = nest.groups,
          .out_channels = nest.out_channels,
          .in_channels = nest.in_channels,
          .out_height = nest.out_height,
          .out_width = nest.out_width};
}

Kernel dense(const Config& config, DType dtype, const LoopNest& nest) {
  return dense_kernel(Machine(config), *rate_of(config, dtype), nest, whole(nest), bits_of(dtype));
}

TEST(DspPeak, ContextsTimesSlotsTimesLanesTimesDepth) {
  Config config;
  EXPECT_DOUBLE_EQ(*peak_macs(config, DType::int8), 512.0);   // 2 contexts * 2 slots * 32 * 4: Hexagon V60
  EXPECT_DOUBLE_EQ(*peak_macs(config, DType::int16), 128.0);  // 2 contexts * 2 / 2 slots * 32 * 2
  EXPECT_DOUBLE_EQ(*peak_macs(config, DType::int4), 512.0);   // unpacked to int8
  EXPECT_FALSE(peak_macs(config, DType::fp32).has_value());
  config.contexts = 4;
  EXPECT_DOUBLE_EQ(*peak_macs(config, DType::uint8), 1024.0);  // V66
  config.matrix.emplace();
  EXPECT_DOUBLE_EQ(*peak_macs(config, DType::int8), 4096.0);
}

TEST(DspReduction, TapsOfARowStandTogether) {
  const Rate rate{DType::int8, 32, 4, 1, 8};
  LoopNest nest = pointwise(3, 32, 8, 8);
  nest.kernel_height = nest.kernel_width = 3;
  EXPECT_EQ(reduction_steps(rate, nest, whole(nest)), 3 * 3);  // 3 rows of ceil(3 taps * 3 channels / 4)
  nest.dilation_w = 2;
  EXPECT_EQ(reduction_steps(rate, nest, whole(nest)), 9 * 1);  // 9 taps of ceil(3 / 4)
  nest.dilation_w = 1;
  nest.in_channels = 8;
  EXPECT_EQ(reduction_steps(rate, nest, whole(nest)), 3 * 6);  // 3 rows of 24 / 4
  OpTile half = whole(nest);
  half.in_channels = 4;
  EXPECT_EQ(reduction_steps(rate, nest, half), 9 * 1);
}

TEST(DspDense, RunsAtThePeakWhereRegistersHoldABlock) {
  // 64 channels: 2 result vectors. A block of a x b takes per step a + b / 2 loads in one slot (an input load of 8 B is
  // two steps of 4 bytes) and a b / 2 packets of multiplies: 2 x 4 needs 4 loads and 4 packets, and 16 positions in
  // blocks of 4 are 4 blocks on 2 contexts. 2 * (32 steps * 4 + 8 stores of 32 bytes = 2 packets).
  Config config = bare();
  const LoopNest nest = pointwise(128, 64, 4, 4);
  const double peak_cycles = 128.0 * 64 * 16 / 512;  // 256
  const Kernel kernel = dense(config, DType::int8, nest);
  EXPECT_GE(kernel.cycles, peak_cycles);
  EXPECT_LE(kernel.cycles, peak_cycles * 1.05);  // sums are stored, two packets in 128
}

TEST(DspDense, OnePositionLoadsEveryWeightOnce) {
  // A vector-matrix product of 128 x 1024: 32 result vectors, 32 steps. Each multiply needs a load of weights and one
  // slot loads: 1024 loads at least, on two contexts 512 cycles; the multiplies alone would take 256.
  const LoopNest nest = pointwise(128, 1024, 1, 1);
  const Kernel kernel = dense(bare(), DType::int8, nest);
  EXPECT_GE(kernel.cycles, 512.0);
  EXPECT_LE(kernel.cycles, 512.0 * 1.1);
}

TEST(DspDense, ChannelsAreRoundedUpToLanesAndSteps) {
  Config config = bare();
  const double full = dense(config, DType::int8, pointwise(64, 64, 8, 8)).cycles;
  EXPECT_DOUBLE_EQ(dense(config, DType::int8, pointwise(61, 64, 8, 8)).cycles, full);  // ceil(61 / 4) = 16
  EXPECT_DOUBLE_EQ(dense(config, DType::int8, pointwise(64, 33, 8, 8)).cycles, full);  // ceil(33 / 32) = 2
}

TEST(DspDense, OneBlockKeepsOneContextBusy) {
  Config config = bare();
  const LoopNest nest = pointwise(64, 32, 1, 1);
  const double one = dense(config, DType::int8, nest).cycles;
  config.contexts = 4;
  EXPECT_DOUBLE_EQ(dense(config, DType::int8, nest).cycles, one);
}

TEST(DspBarrel, AThreadIssuesOncePerRound) {
  Config config = bare();
  config.contexts = 1;
  config.threads = 3;
  const LoopNest nest = pointwise(64, 64, 8, 8);
  const double alone = dense(config, DType::int8, nest).cycles;
  config.thread_interval = 3;  // three threads fill a barrel of three
  EXPECT_DOUBLE_EQ(dense(config, DType::int8, nest).cycles, alone);
  config.threads = 1;  // one thread leaves two of three places empty
  EXPECT_DOUBLE_EQ(dense(config, DType::int8, nest).cycles, alone * 3);
}

TEST(DspDepthwise, OneMultiplyPerTapAndVector) {
  // 32 channels x 4 columns of int8 in a vector. 3x3 taps, 4 x 16 results of 64 channels: 2 * 4 * 4 = 32 vectors of 9
  // multiplies: 4 vectors share a run (16 sum registers of 32), so 8 runs on two contexts. A run has 36 multiplies in 2
  // slots (18), 3 * (4 + 2 / 4) = 13.5 loads in one, 3 * 2 * 4 = 24 alignments: 60 of them and multiplies in the two
  // slots that multiply, less what goes elsewhere: (36 + 24 + 13.5 + 4 + 16) / 4 = 23.4 packets.
  LoopNest nest = pointwise(1, 1, 4, 16);
  nest.groups = 64;
  nest.kernel_height = nest.kernel_width = 3;
  Config config = bare();
  config.rescale_alu = 1;  // 16 registers of sums
  const Kernel kernel =
      depthwise_kernel(Machine(config), *rate_of(config, DType::int8), nest, whole(nest), bits_of(DType::int8));
  const double run = (36 + 13.5 + 24 + 16 + 4) / 4.0;
  EXPECT_DOUBLE_EQ(kernel.cycles, 4 * run);
  EXPECT_DOUBLE_EQ(kernel.packets, 8 * run);
}

TEST(DspMatrix, PatchesAndChannelsAreRoundedUp) {
  Config config;
  EXPECT_FALSE(matrix_kernel(config, DType::int8, pointwise(32, 32, 8, 8), {}, true).has_value());
  config.matrix.emplace();  // 8 x 8 positions x 32 x 32 channels: 65536 / 4096 = 16 cycles a step
  const auto cycles = [&](const LoopNest& nest, bool map) {
    return matrix_kernel(config, DType::int8, nest, whole(nest), map)->cycles;
  };
  EXPECT_DOUBLE_EQ(cycles(pointwise(64, 96, 8, 8), true), 2 * 3 * 16);
  EXPECT_DOUBLE_EQ(cycles(pointwise(64, 96, 7, 7), true), 2 * 3 * 16);
  EXPECT_DOUBLE_EQ(cycles(pointwise(64, 96, 14, 14), true), 4 * 2 * 3 * 16);
  EXPECT_DOUBLE_EQ(cycles(pointwise(64, 96, 1, 64), true), 8 * 2 * 3 * 16);  // a row fills an eighth of a patch
  EXPECT_DOUBLE_EQ(cycles(pointwise(64, 96, 1, 64), false), 2 * 3 * 16);     // positions of a matrix do not care
  EXPECT_DOUBLE_EQ(cycles(pointwise(3, 32, 8, 8), true), 16);                // 29 of 32 channels idle
  config.matrix->results = 64;                                               // 64 * 32 results, 64 a cycle
  EXPECT_DOUBLE_EQ(cycles(pointwise(32, 32, 8, 8), true), 32);
  EXPECT_FALSE(matrix_kernel(config, DType::int16, pointwise(32, 32, 8, 8), {}, true).has_value());
}

TEST(DspMatrix, PhasesOfAStrideBecomeChannelsWhereTheyAreFew) {
  Config config;
  config.matrix.emplace();
  const auto cycles = [&](LoopNest nest, std::int64_t kernel, std::int64_t stride) {
    nest.kernel_height = nest.kernel_width = kernel;
    nest.stride_h = nest.stride_w = stride;
    return matrix_kernel(config, DType::int8, nest, whole(nest), true)->cycles;
  };
  EXPECT_DOUBLE_EQ(cycles(pointwise(3, 32, 8, 8), 7, 2), 16 * 16);   // 4 x 4 taps of 12 channels
  EXPECT_DOUBLE_EQ(cycles(pointwise(3, 32, 8, 8), 7, 1), 49 * 16);   // no phases
  EXPECT_DOUBLE_EQ(cycles(pointwise(64, 32, 8, 8), 3, 2), 18 * 16);  // 4 taps of 256 channels were 32 steps
  LoopNest half = pointwise(64, 32, 8, 8);
  OpTile part = whole(half);
  part.in_channels = 3;  // a part of the channels stays as it is stored
  half.kernel_height = half.kernel_width = half.stride_h = half.stride_w = 2;
  EXPECT_DOUBLE_EQ(matrix_kernel(config, DType::int8, half, part, true)->cycles, 4 * 16);
}

TEST(DspElements, LoadsStoresAndArithmetic) {
  // 12800 bytes: 100 vectors, 50 on each context.
  const Config config = bare();
  const Machine machine(config);
  const Rate& rate = *rate_of(config, DType::int8);
  // Moving: a load, a store, a permutation, each in a slot of its own.
  EXPECT_DOUBLE_EQ(
      element_kernel(machine, rate, {.in_bytes = 12800, .out_bytes = 12800, .op_class = OpClass::data_movement}).cycles,
      50.0);
  // Windows of 9: 9 loads in one slot.
  EXPECT_DOUBLE_EQ(
      element_kernel(machine, rate,
                     {.in_bytes = 51200, .out_bytes = 12800, .operations = 115200, .op_class = OpClass::pool})
          .cycles,
      50.0 * 9);
  // Sums of 32-bit softmax terms: 5 operations on 4 registers each, a load and a store: 22 operations in 4 slots.
  EXPECT_DOUBLE_EQ(
      element_kernel(machine, rate,
                     {.in_bytes = 12800, .out_bytes = 12800, .operations = 64000, .op_class = OpClass::reduction})
          .cycles,
      50.0 * 22 / 4);
}

TEST(DspElements, FormatsThatAreUnpackedLoadLess) {
  // HiFi4 holds int8 in 16-bit lanes: 4 elements in a register of 8 bytes.
  Config config = bare();
  config.vector = Bytes(8);
  const Rate wide{DType::int8, 1, 4, 1, 16};
  EXPECT_EQ(elements_per_vector(config, wide), 4);
}

TEST(DspConfig, SlotsMustIssueEverything) {
  Config config;
  config.slots = {{{Unit::load, Unit::alu}}, {{Unit::multiply}}};
  EXPECT_THROW(config.validate(), std::invalid_argument);  // no store
  config = {};
  config.rates.front().slots = 3;  // two slots multiply
  EXPECT_THROW(config.validate(), std::invalid_argument);
  config = {};
  config.rates.clear();
  EXPECT_THROW(config.validate(), std::invalid_argument);
}

}  // namespace
}  // namespace chipcast::dsp
