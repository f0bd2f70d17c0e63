// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/vector.h"

#include <gtest/gtest.h>

#include "accelerators/ipu/mac.h"

namespace chipcast::ipu {
namespace {

TEST(Vertices, Zero) {
  // 96 sums, 16 a worker, 8 words; 14 - 9 around them; three times
  EXPECT_EQ(zero_vertex(96, 3, 6), 6 * (8 + 5) * 3);
}

TEST(Vertices, Cast) {
  // 100 elements, 17 a worker; fp32 (2 a word) to fp16 (4)
  EXPECT_EQ(cast_vertex(100, 2, 4, 6), 6 * (9 + 26));
}

TEST(Vertices, Reduce) {
  // 100 sums of 4 in fp32: 25 loops of 4, at most 5 a worker; 2 cycles of loads and 1 of the pointer per partial
  EXPECT_EQ(reduce_vertex(100, 4, true, true, 6), 6 * (32 + (3 * 4 + 7) * 5));
  // 102: two more in a loop of their own, which one worker runs beside the 4 of all
  EXPECT_EQ(reduce_vertex(102, 4, true, true, 6), 6 * (32 + (2 * 4 + 13) + (3 * 4 + 7) * 4));
  // fp16: 8 a loop
  EXPECT_EQ(reduce_vertex(96, 4, false, false, 6), 6 * (32 + (3 * 4 + 8) * 2));
}

TEST(Vertices, AddInPlace) { EXPECT_EQ(add_in_place(100, 2, 6), 6 * 9); }

TEST(Vertices, ElementsAreBoundByMemoryOrArithmetic) {
  const Config config;  // reads 16, writes 8 bytes a cycle
  // 960 B in, 480 B out: 60 cycles each
  EXPECT_EQ(element_vertex(config, {.read = 960, .written = 480, .operations = 100, .width = 2}), 6 * (26 + 10));
  EXPECT_EQ(element_vertex(config, {.read = 960, .written = 480, .operations = 240, .width = 2}), 6 * (26 + 20));
  EXPECT_EQ(copy_vertex(config, 480), 6 * (26 + 10));
}

TEST(Vertices, DotProducts) {
  const Amp fp32{.fp32 = true, .fp32_partials = true};
  // 8 elements, two in a cycle; 3 around the loop, 3 with the sum, 1 branch
  EXPECT_EQ(dot_product(fp32, 8), 7 + 4);
  // odd: one in two cycles, and one more to start
  EXPECT_EQ(dot_product(fp32, 3), 7 + 1 + 3 * 2);
  const Amp half{.fp32 = false, .fp32_partials = false};
  EXPECT_EQ(dot_product(half, 8), (3 * 2 + 1 + 4) + 2);  // two outputs at a time
}

TEST(Vertices, HorizontalMac) {
  const Amp fp32{.fp32 = true, .fp32_partials = true};
  // 6 rows of 5: one row each, 9 taps; 2 groups, 4 inputs, 3 outputs
  const HorizontalMac work{.rows = 6, .columns = 5, .taps = 9, .groups = 2, .in_channels = 4, .out_channels = 3};
  const std::int64_t tap = 16 + 19 + 5 * (7 + 3 * (7 + 2));
  const std::int64_t clear = 6 * (8 + 5) * 2;  // 90 sums, 15 a worker
  EXPECT_EQ(horizontal_mac(fp32, work), 58 + 6 * 9 + 2 * (23 + 15 + 10 + 6 * (9 * tap + 16)) + clear);
}

TEST(Vertices, VerticalMac) {
  const Amp half{.fp32 = false, .fp32_partials = false};
  // 12 positions, 2 a worker, 3x3 taps, 8 channels: 7 + 15 around 3 + 3 * 2 per row of taps
  const VerticalMac work{
      .positions = 12, .kernel_height = 3, .kernel_width = 3, .group_sets = 2, .groups_per_vertex = 8};
  const std::int64_t worker = 13 + 2 * 3 * (7 + 15 + 3 + 3 * 2);
  const std::int64_t clear = 4 + 3, reduce = 10 + (7 + 5) * 2 / 8;
  EXPECT_EQ(vertical_mac(half, work), 61 + 14 + 1 + 2 * (clear + 32 + 24 + 6 * worker + reduce));
}

TEST(Vertices, SlicWithFourChains) {
  const Amp half{.fp32 = false, .fp32_partials = false, .units = 16};
  // 6 rows of 8, one each; 3 x 3 taps: 3 rows of four; 2 sets of 4 groups
  const Slic work{.rows = 6, .columns = 8, .kernel_height = 3, .kernel_width = 3, .group_sets = 2};
  const std::int64_t start = 2 + 3 + 1 + 2 + 4 + 2 + 2 + 1;
  const std::int64_t first = 6 * (start + 10 + 1 + 15 + 3), later = 6 * (start + 10 + 15 + 3);
  EXPECT_EQ(slic_inner(half, work, true), first);
  EXPECT_EQ(slic_inner(half, work, false), later);
  const std::int64_t load = 9 + 6 + 10 * 6 + 6 + 16;
  const std::int64_t kernel = load + 3 + 2 + 1 + 6 + 1 + 6 + 1;
  EXPECT_EQ(slic(half, work), 28 + (15 * 2 + 7) + (3 * kernel + 13) + 2 * (first + 2 * later));
}

TEST(Vertices, SlicWithTwoChains) {
  const Slic work{.rows = 6, .columns = 8, .kernel_height = 1, .kernel_width = 3};
  const Amp mixed{.fp32 = false, .fp32_partials = true, .units = 8};  // two passes, a cycle less each
  const std::int64_t start = 2 + 3 + 1 + 2 + 4 + 2 + 2 + 1;
  EXPECT_EQ(slic_inner(mixed, work, true), 6 * (start + 10 + 1 + 3 + 2 * (15 + 3 - 1)));
  const Amp half{.fp32 = false, .fp32_partials = false, .units = 8};  // outputs of both are merged once
  EXPECT_EQ(slic_inner(half, work, true), 6 * (17 + 2 + 9 + 1 + 2 * (15 + 3)) + 2 + 2 * 48);
  EXPECT_EQ(slic_inner(half, work, false), 6 * (17 + 2 + 9 + 2 * (15 + 3 + 3)));
}

TEST(Vertices, SlicOfMoreGroupsRepeatsForEachFour) {
  const Amp half{.fp32 = false, .fp32_partials = false, .units = 16};
  const Slic work{.rows = 6, .columns = 8, .kernel_height = 2, .kernel_width = 4, .groups_per_vertex = 8};
  const std::int64_t start = 17 + 4, first = 6 * (start + 10 + 1 + 18), later = 6 * (start + 10 + 18);
  const std::int64_t load = 9 + 6 + 11 * 6 + 6 + 16;
  const std::int64_t kernel = (load + 21) * 2 + 7 + 15;
  EXPECT_EQ(slic(half, work), 28 + (23 + 1) + (2 * kernel + 7) + first + 2 * later);
}

}  // namespace
}  // namespace chipcast::ipu
