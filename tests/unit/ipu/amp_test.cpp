// SPDX-License-Identifier: Apache-2.0
// The vertex formulas of poplibs' planner model (graphcore/poplibs, lib/poplin/PerformanceEstimation.hpp), written out.
#include "accelerators/ipu/amp.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace chipcast::ipu {
namespace {

const Amp kFp32{.fp32 = true, .fp32_partials = true, .units = 8, .load = 8};          // GC2
const Amp kWideFp32{.fp32 = true, .fp32_partials = true, .units = 16, .load = 8};     // GC200
const Amp kMixed{.fp32 = false, .fp32_partials = true, .units = 8, .load = 8};        // FP16.32
const Amp kHalf{.fp32 = false, .fp32_partials = false, .units = 16, .load = 8};       // FP16.16 on GC200
const Amp kNarrowHalf{.fp32 = false, .fp32_partials = false, .units = 8, .load = 8};  // FP16.16 on GC2

TEST(Amp, RatesAreThoseOfTheChips) {
  EXPECT_EQ(rate(kFp32), 8);       // 31.1 TFLOPS / 2 / 1216 / 1.6 GHz
  EXPECT_EQ(rate(kMixed), 32);     // 124.5
  EXPECT_EQ(rate(kWideFp32), 16);  // 62.5 / 2 / 1472 / 1.33 GHz
  EXPECT_EQ(rate(kHalf), 64);      // 250
}

TEST(Conv1x1Worker, Fp32) {
  EXPECT_EQ(conv1x1_worker(kFp32, 0, false), 24);
  EXPECT_EQ(conv1x1_worker(kFp32, 0, true), 24);
  EXPECT_EQ(conv1x1_worker(kFp32, 1, false), 47);
  EXPECT_EQ(conv1x1_worker(kFp32, 1, true), 47 + 2 + 4);
  EXPECT_EQ(conv1x1_worker(kFp32, 2, false), 46);
  EXPECT_EQ(conv1x1_worker(kFp32, 2, true), 46 + 2 + 2 * 4);
  EXPECT_EQ(conv1x1_worker(kFp32, 3, false), 46);
  EXPECT_EQ(conv1x1_worker(kFp32, 10, false), 46 + 7 * 8);
  EXPECT_EQ(conv1x1_worker(kFp32, 10, true), 46 + (2 + 4 * 10) + 7 * 8);
  EXPECT_EQ(conv1x1_worker(kWideFp32, 10, true), 46 + (2 + 8 * 10) + 7 * 8);
}

TEST(Conv1x1Worker, Fp16OnTheCommonPath) {  // 7 cycles of state are kept
  for (const Amp& amp : {kMixed, kHalf}) {
    EXPECT_EQ(conv1x1_worker(amp, 0, false), 20 + 2 - 7);
    EXPECT_EQ(conv1x1_worker(amp, 0, true), 20 + 1 - 7);
    EXPECT_EQ(conv1x1_worker(amp, 1, false), 31 + 2 - 7);
    EXPECT_EQ(conv1x1_worker(amp, 1, true), 31 + 1 - 7);
    EXPECT_EQ(conv1x1_worker(amp, 2, false), 40 + 2 - 7);
    EXPECT_EQ(conv1x1_worker(amp, 2, true), 40 + 1 - 7);
    EXPECT_EQ(conv1x1_worker(amp, 10, false), 38 + 7 * 4 - 7);
    EXPECT_EQ(conv1x1_worker(amp, 10, true), 37 + 7 * 4 - 7);
  }
}

TEST(Conv1x1Worker, Fp16WithEightUnitsAndFp16Sums) {
  EXPECT_EQ(conv1x1_worker(kNarrowHalf, 0, true), 24);
  EXPECT_EQ(conv1x1_worker(kNarrowHalf, 1, false), 39);
  EXPECT_EQ(conv1x1_worker(kNarrowHalf, 1, true), 39 + 2 + 2);
  EXPECT_EQ(conv1x1_worker(kNarrowHalf, 2, true), 40 + 2 + 2 * 2);
  EXPECT_EQ(conv1x1_worker(kNarrowHalf, 10, false), 41 + 7 * 4);
  EXPECT_EQ(conv1x1_worker(kNarrowHalf, 10, true), 41 + (2 + 2 * 10) + 7 * 4);
}

TEST(Conv1x1Inner, TheSlowestWorkerDecides) {
  // 100 positions: four workers have 17, two 16
  EXPECT_EQ(conv1x1_inner(kFp32, 100, false), 6 * (46 + 14 * 8));
  // 96: all have 16; the fastest one is waited for 14 cycles
  EXPECT_EQ(conv1x1_inner(kFp32, 96, false), 6 * (46 + 13 * 8) + 14);
  // 4: two have nothing to do
  EXPECT_EQ(conv1x1_inner(kFp32, 4, false), 6 * 47);
  EXPECT_EQ(conv1x1_inner(kFp32, 0, false), 14);
  // 8: two workers have two positions, which take less than one
  EXPECT_EQ(conv1x1_inner(kFp32, 8, false), std::max(6 * 47, 6 * 46 + 14));
}

TEST(Conv1x1, SupervisorFp32) {
  const Conv1x1 work{.positions = 96, .groups = 1, .in_groups = 4, .out_groups = 2, .out_channels_per_group = 8};
  const std::int64_t inner = 6 * (46 + 13 * 8) + 14, zero = 6 * (46 + (2 + 4 * 16) + 13 * 8) + 14;
  EXPECT_EQ(inner, 914);
  EXPECT_EQ(zero, 1310);
  const std::int64_t load = 8 * 32 / 8;  // 8 units of 32 bytes at 8 bytes a cycle
  const std::int64_t later = 15 + 2 * (19 + 1 * (6 + load + inner));
  const std::int64_t first = 11 + 2 * (18 + 1 * (7 + load + zero));
  EXPECT_EQ(conv1x1(kFp32, work), 50 + 13 + 3 * later + first);
  EXPECT_EQ(conv1x1(kFp32, work), 8679);
}

TEST(Conv1x1, SupervisorFp16AndSeveralGroups) {
  // 12 positions: 2 each. State kept: 7 once, 3 for each later group of inputs.
  const Conv1x1 work{.positions = 12, .groups = 3, .in_groups = 2, .out_groups = 1, .out_channels_per_group = 16};
  const std::int64_t inner = 6 * 35 + 14, zero = 6 * 34 + 14, load = 16 * 32 / 16;
  Amp amp = kHalf;
  amp.load = 16;
  const std::int64_t group = 13 + (15 + (19 + 6 + load + inner)) + 11 + (18 + 7 + load + zero);
  EXPECT_EQ(conv1x1(amp, work), 50 + 6 * (7 + 3 * (2 * 3 - 1)) + 3 * group);
}

TEST(Conv1x1, SixteenOutputsOnEightUnitsTakeTwoPasses) {
  const std::int64_t inner = 6 * 35 + 14, load = 32;
  Conv1x1 work{.positions = 12, .in_groups = 2, .out_channels_per_group = 8};
  const std::int64_t one = conv1x1(kMixed, work);
  work.out_channels_per_group = 16;
  EXPECT_EQ(conv1x1(kMixed, work) - one, (6 + load + inner) + (7 + load + 6 * 34 + 14));
}

TEST(Worklists, RowsAreDealtOutInEqualParts) {
  // 4 rows of 10 for 6 workers: rows in thirds (3, 3, 4 columns), two thirds each
  const auto lists = worklists(4, 10, 6);
  ASSERT_EQ(lists.size(), 6u);
  const auto total = [](const std::vector<Runs>& list) {
    std::int64_t sum = 0;
    for (const Runs& runs : list) sum += runs.elements * runs.count;
    return sum;
  };
  ASSERT_EQ(lists[0].size(), 1u);
  EXPECT_EQ(lists[0][0].elements, 6);
  ASSERT_EQ(lists[1].size(), 2u);  // the rest of a row, the start of the next
  EXPECT_EQ(lists[1][0].elements, 4);
  EXPECT_EQ(lists[1][1].elements, 3);
  std::int64_t all = 0;
  for (const auto& list : lists) all += total(list);
  EXPECT_EQ(all, 40);
}

TEST(Worklists, CoverTheFieldWhateverItsShape) {
  for (const std::int64_t rows : {1, 2, 3, 5, 6, 7, 12, 29}) {
    for (const std::int64_t columns : {1, 2, 5, 6, 31}) {
      std::int64_t all = 0;
      for (const auto& list : worklists(rows, columns, 6)) {
        for (const Runs& runs : list) all += runs.elements * runs.count;
      }
      EXPECT_EQ(all, rows * columns) << rows << " x " << columns;
    }
  }
}

TEST(ConvNx1, OneGroupOfEach) {
  // 3 rows of 4, 6 workers: half a row, 2 positions each
  const ConvNx1 work{.rows = 3, .columns = 4, .kernel_height = 3, .kernel_width = 3};
  const std::int64_t worker = 17 + (3 + 44 - 9);
  const std::int64_t tap = 6 * worker + 9;        // equal workers: 9 more
  const std::int64_t pass = 8 * 32 / 8 + 15 + 3;  // weights, start
  const std::int64_t inner = 3 * (14 + 3 * (17 - 5 + pass)) + tap * 9;
  EXPECT_EQ(conv_nx1_inner(kFp32, work), inner);
  // 96 sums are cleared: 16 of a worker are 8 words
  const std::int64_t clear = 6 * (8 + 14 - 9);
  EXPECT_EQ(conv_nx1(kFp32, work), 109 + 6 * 9 + 6 * 9 + (17 + 1) + 1 + (16 + 14 + 14 + inner) + clear);
  EXPECT_EQ(conv_nx1(kFp32, work), 4009);
}

TEST(ConvNx1, RowsOfTapsShareTheUnits) {
  // Two rows of taps at a time: 2 instead of 3 starts, each of which takes 46 cycles; one set of 16 inputs of fp16
  const ConvNx1 work{.rows = 6, .columns = 3, .kernel_height = 3, .kernel_width = 1, .filter_height = 2};
  const std::int64_t worker = 17 + (3 + 34 - 9);
  const std::int64_t pass = 32 + 46 + 3;
  EXPECT_EQ(conv_nx1_inner(kMixed, work), 2 * (14 + (12 + pass)) + (6 * worker + 9) * 2);
}

TEST(ConvNx1, FourRowsOfTapsAreLoadedAtHalfTheRate) {
  Amp amp = kMixed;
  amp.load = 16;
  const ConvNx1 work{.rows = 6, .columns = 3, .kernel_height = 4, .kernel_width = 1, .filter_height = 4};
  const std::int64_t worker = 17 + (3 + 34 - 9);
  EXPECT_EQ(conv_nx1_inner(amp, work), 14 + (12 + 8 * 32 / 8 + 60 + 3) + 6 * worker + 9);
}

}  // namespace
}  // namespace chipcast::ipu
