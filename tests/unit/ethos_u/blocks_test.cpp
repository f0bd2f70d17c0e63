// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/blocks.h"

#include <gtest/gtest.h>

#include "tests/unit/ethos_u/operations.h"

namespace chipcast::ethos_u {
namespace {

/// An operation, and the blocks that Arm's compiler takes for it on U55-32, U55-128 and U55-256: find_block_config of
/// ethos-u-vela 5.2 (PyPI), called with these shapes.
struct Row {
  Unit unit;
  Extents ifm, ofm;
  std::int64_t kernel_height, kernel_width, stride;
  int bits;
  Extents u55_32, u55_128, u55_256;
};

// From MobileNetV2, the MicroNets, ResNet-50 and a 1-D convolution of wav2letter.
const std::vector<Row> kRows{
    {Unit::conv, {224, 224, 3}, {112, 112, 32}, 3, 3, 2, 8, {8, 8, 16}, {6, 8, 32}, {6, 16, 32}},
    {Unit::depthwise, {112, 112, 32}, {112, 112, 32}, 3, 3, 1, 8, {8, 8, 16}, {7, 12, 16}, {14, 14, 16}},
    {Unit::conv, {112, 112, 32}, {112, 112, 16}, 1, 1, 1, 8, {4, 16, 16}, {4, 16, 16}, {8, 16, 16}},
    {Unit::conv, {112, 112, 16}, {112, 112, 96}, 1, 1, 1, 8, {2, 16, 48}, {3, 14, 48}, {6, 14, 48}},
    {Unit::depthwise, {112, 112, 96}, {56, 56, 96}, 3, 3, 2, 8, {5, 8, 16}, {8, 8, 16}, {10, 12, 16}},
    {Unit::conv, {49, 10, 1}, {49, 10, 140}, 10, 4, 1, 8, {6, 10, 16}, {11, 10, 16}, {24, 10, 16}},
    {Unit::conv, {25, 5, 112}, {25, 5, 196}, 1, 1, 1, 8, {5, 5, 48}, {7, 6, 48}, {14, 6, 48}},
    {Unit::depthwise, {8, 8, 276}, {4, 4, 276}, 3, 3, 2, 8, {4, 4, 32}, {4, 4, 64}, {4, 4, 112}},
    {Unit::conv, {7, 7, 320}, {7, 7, 1280}, 1, 1, 1, 8, {4, 7, 48}, {7, 8, 32}, {8, 8, 64}},
    {Unit::vector_product, {1, 1, 1280}, {1, 1, 1001}, 1, 1, 1, 8, {1, 1, 128}, {1, 2, 128}, {2, 2, 128}},
    {Unit::elementwise, {28, 28, 32}, {28, 28, 32}, 1, 1, 1, 8, {8, 24, 16}, {16, 16, 16}, {16, 16, 32}},
    {Unit::conv, {14, 14, 64}, {14, 14, 384}, 1, 1, 1, 16, {5, 5, 48}, {2, 14, 32}, {2, 14, 64}},
    {Unit::depthwise, {28, 28, 192}, {28, 28, 192}, 3, 3, 1, 16, {7, 7, 16}, {7, 10, 16}, {8, 16, 16}},
    {Unit::conv, {56, 56, 64}, {56, 56, 64}, 3, 3, 1, 8, {7, 8, 16}, {8, 8, 16}, {6, 14, 32}},
    {Unit::pool, {112, 112, 64}, {56, 56, 64}, 3, 3, 2, 8, {5, 8, 16}, {5, 12, 16}, {10, 12, 16}},
    {Unit::conv, {1, 296, 250}, {1, 296, 250}, 1, 7, 1, 8, {1, 64, 16}, {1, 58, 32}, {2, 58, 64}},
};

Operation operation_of(const Row& row) {
  Operation op = test::conv(row.ifm, row.ofm, row.kernel_height, row.kernel_width, row.stride);
  op.unit = row.unit;
  op.bits = row.bits;
  op.two_tensors = row.unit == Unit::elementwise;
  return op;
}

std::string text(const Extents& e) {
  return std::to_string(e.height) + " x " + std::to_string(e.width) + " x " + std::to_string(e.depth);
}

TEST(EthosUBlocks, AreThoseOfArmsCompiler) {
  for (const Row& row : kRows) {
    const Operation op = operation_of(row);
    SCOPED_TRACE(text(row.ifm) + " to " + text(row.ofm));
    for (const auto& [config, expected] : {std::pair(test::u55_32(), row.u55_32), std::pair(Config{}, row.u55_128),
                                           std::pair(test::u55_256(), row.u55_256)}) {
      const auto found = find_block(config, op);
      ASSERT_TRUE(found);
      EXPECT_EQ(text(found->ofm), text(expected)) << config.macs_per_cycle();
    }
  }
}

TEST(EthosUBlocks, FewChannelsGoPartKernelFirst) {
  // 3 channels fill 3 of 32 depth first; part kernel first 3 * 9 of 8 * 12.
  EXPECT_EQ(traversal_of(test::conv({8, 8, 3}, {8, 8, 16}, 3, 3)), Traversal::part_kernel_first);
  // 24 channels, 3x3: 24 / 32 = 0.75 = (24 * 9) / (24 * 12): a tie, depth first.
  EXPECT_EQ(traversal_of(test::conv({8, 8, 24}, {8, 8, 16}, 3, 3)), Traversal::depth_first);
  // 40 channels, 3x3: 40 / 64 against (40 * 9) / (40 * 12).
  EXPECT_EQ(traversal_of(test::conv({8, 8, 40}, {8, 8, 16}, 3, 3)), Traversal::part_kernel_first);
}

TEST(EthosUBlocks, SharedBufferHoldsBothHalvesInWholeGranules) {
  const Config config;  // 24 banks less 2 for the output unit and 2 at the end: 20
  const Operation op = test::pointwise(112, 32, 16);
  // Inputs 4 * 16 * 32 B = 2 banks, twice: 4. Accumulators 4 * 16 * 16 * 4 B = 4 banks, twice: 8. Together 12.
  EXPECT_TRUE(fits(config, op, {4, 16, 16}, {4, 16, 32}));
  // 8 * 16 positions: 8 and 16 banks.
  EXPECT_FALSE(fits(config, op, {8, 16, 16}, {8, 16, 32}));
}

TEST(EthosUBlocks, ABufferThatHoldsNoBlockIsRefused) {
  Config config;
  EXPECT_NO_THROW(config.validate());
  EXPECT_NO_THROW(test::u55_32().validate());
  EXPECT_NO_THROW(test::u55_256().validate());
  config.shram.banks = 12;
  EXPECT_THROW(config.validate(), std::invalid_argument);
}

}  // namespace
}  // namespace chipcast::ethos_u
