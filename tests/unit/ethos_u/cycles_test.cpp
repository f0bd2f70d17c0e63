// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/cycles.h"

#include <gtest/gtest.h>

#include "tests/unit/ethos_u/operations.h"

namespace chipcast::ethos_u {
namespace {

TEST(EthosUCycles, PointwiseConvolutionByHand) {
  const Config config;
  const Operation op = test::pointwise(112, 32, 16);
  const BlockConfig block{.ofm = {4, 16, 16}, .ifm = {4, 16, 32}};
  // 8 x 4 micro-blocks of 2 x 1 in the plane, 2 in depth; 32 channels are one pass.
  const double mac = 4 * (8 * 4) * 1 * 2;
  const double output = 4 * 16 * 16 * 0.5;
  // Two latencies of 32 cycles, 2048 + 1024 bytes at 8 a cycle, both units; four blocks are under way.
  const double way = (32 + 32 + (2048 + 1024) / 8.0 + mac + output) / 4;
  const BlockCycles cycles = block_cycles(config, op, block, block.ofm);
  EXPECT_DOUBLE_EQ(mac_cycles(config, op, block, block.ofm), mac);
  EXPECT_DOUBLE_EQ(cycles.mac, way);  // 304 > 256
  EXPECT_DOUBLE_EQ(cycles.output, output);
  // 28 x 7 blocks at the output unit's pace, and the first one's products.
  const PipelineCycles all = pipeline_cycles(config, op, block);
  EXPECT_EQ(all.blocks, 28 * 7);
  EXPECT_DOUBLE_EQ(all.all, 28 * 7 * output + way);
}

TEST(EthosUCycles, DepthFirstGoesThrough32ChannelsATime) {
  const Operation op = test::conv({14, 14, 96}, {14, 14, 48}, 3, 3);
  const BlockConfig block{.ofm = {4, 14, 48}, .ifm = {6, 16, 32}};
  // 7 x 4 micro-blocks, 6 in depth, 9 taps, 3 times 32 channels.
  EXPECT_DOUBLE_EQ(mac_cycles(Config{}, op, block, block.ofm), 4 * 28 * 9 * 6 * 3);
}

TEST(EthosUCycles, PartKernelFirstTakesFourTapsOfEightChannels) {
  const Operation op = test::conv({224, 224, 3}, {112, 112, 32}, 3, 3, 2);
  const BlockConfig block{.ofm = {6, 8, 32}, .ifm = {13, 18, 8}, .traversal = Traversal::part_kernel_first};
  // 4 x 6 micro-blocks, 4 in depth, ceil(9 / 4) = 3 steps, ceil(3 / 8) = 1 slice of channels.
  EXPECT_DOUBLE_EQ(mac_cycles(Config{}, op, block, block.ofm), 4 * 24 * 3 * 4);
}

TEST(EthosUCycles, DepthwiseAndPooling) {
  const Operation depthwise = test::depthwise({28, 28, 64}, 1);
  const BlockConfig block{.ofm = {7, 12, 16}, .ifm = {9, 14, 16}};
  EXPECT_DOUBLE_EQ(mac_cycles(Config{}, depthwise, block, block.ofm), 4 * (6 * 7) * 3 * 2);
  Operation wide = depthwise;
  wide.bits = 16;
  EXPECT_DOUBLE_EQ(mac_cycles(Config{}, wide, block, block.ofm), 8 * (6 * 7) * 3 * 2);
  Operation pool = depthwise;
  pool.unit = Unit::pool;
  EXPECT_DOUBLE_EQ(mac_cycles(Config{}, pool, block, block.ofm), 9 * (6 * 7) * 2);
}

TEST(EthosUCycles, WeightsBoundShortBlocks) {
  // A fully connected layer: one micro-block in the plane, so a set of weights of 8 channels x 32 bits takes 32 cycles.
  Operation op = test::conv({1, 1, 64}, {1, 1, 16}, 1, 1);
  op.unit = Unit::vector_product;
  const BlockConfig block{.ofm = {1, 2, 16}, .ifm = {1, 2, 32}};
  // 2 in depth, 2 times 32 channels; one tap: no step waits for the one before it.
  EXPECT_DOUBLE_EQ(mac_cycles(Config{}, op, block, {1, 1, 16}), 32 * 2 * 2);
  // A single micro-block waits 2 cycles for its own sums.
  EXPECT_DOUBLE_EQ(mac_cycles(Config{}, op, block, {1, 1, 8}), (32 + 2) * 2);
}

TEST(EthosUCycles, LargeKernelsAreComputedInParts) {
  const Operation op = test::conv({49, 10, 1}, {49, 10, 16}, 10, 4);
  const BlockConfig block{.ofm = {11, 10, 16}, .ifm = {18, 14, 8}, .traversal = Traversal::part_kernel_first};
  // 10 x 4 taps as 8 x 4 and 2 x 4: ceil(32 / 4) + ceil(8 / 4) = 10 steps; 5 x 11 micro-blocks, 2 in depth.
  EXPECT_DOUBLE_EQ(mac_cycles(Config{}, op, block, block.ofm), 4 * 55 * 10 * 2);
}

TEST(EthosUCycles, BlocksAtTheBorderTakeTheirPart) {
  const Config config;
  const Operation op = test::depthwise({112, 112, 32}, 1);
  const BlockConfig block{.ofm = {7, 12, 16}, .ifm = {9, 14, 16}};
  // 16 rows of blocks; 9 blocks of 12 columns and one of 4; two in depth. All are bound by the engine.
  const double full = 4 * (6 * 7) * 3 * 2, border = 4 * (2 * 7) * 3 * 2;
  const double output = 7 * 12 * 16 * 0.5;
  EXPECT_DOUBLE_EQ(pipeline_cycles(config, op, block).all, 16 * 2 * (9 * full + border) + output);
}

TEST(EthosUCycles, SingleRowsUseFourColumns) {
  const Operation op = test::conv({1, 296, 32}, {1, 296, 64}, 1, 7);
  const BlockConfig block{.ofm = {2, 58, 64}, .ifm = {2, 64, 32}};
  // U55-256, 2 x 2 x 8: on one row 4 x 1 x 8, 15 micro-blocks for 58 columns; 8 in depth, 7 taps.
  EXPECT_DOUBLE_EQ(mac_cycles(test::u55_256(), op, block, {1, 58, 64}), 4 * 15 * 7 * 8);
}

TEST(EthosUCycles, CoresShareABlock) {
  Config config = test::u55_256();
  const Operation op = test::pointwise(14, 64, 64);
  const BlockConfig block{.ofm = {4, 14, 64}, .ifm = {4, 14, 32}};
  const double one = mac_cycles(config, op, block, block.ofm);
  config.cores = 2;
  EXPECT_DOUBLE_EQ(mac_cycles(config, op, block, block.ofm), one / 2);
}

}  // namespace
}  // namespace chipcast::ethos_u
