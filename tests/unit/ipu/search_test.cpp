// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/search.h"

#include <gtest/gtest.h>

#include <limits>

#include "accelerators/ipu/exchange.h"
#include "accelerators/ipu/memory.h"
#include "accelerators/ipu/plan.h"
#include "tests/unit/ipu/graphs.h"

namespace chipcast::ipu {
namespace {

using namespace testing_ops;

Product product(const OpDescription& op) { return product_of(op, op.nests.front()); }

/// Multiply-accumulates per cycle over the peak of all tiles.
double share_of_peak(const Config& config, const OpDescription& op) {
  const Amp amp{.fp32 = op.compute_dtype == DType::fp32, .units = units_for(config, op.compute_dtype)->units};
  const auto cycles = static_cast<double>(plan_of(config, op).total().total());
  return static_cast<double>(op.macs.count()) / cycles / (static_cast<double>(rate(amp)) * config.tiles);
}

// Jia et al. 2019 measured 18.9 of 31.1 TFLOPS (60.7 %) and 58.9 of 124.5 (47.3 %) for the best large product of a GC2.
TEST(Search, LargeProductsOnGc2ReachWhatWasMeasured) {
  const Config gc2;
  for (const bool parameter : {false, true}) {
    for (const std::int64_t n : {2560, 2944}) {
      EXPECT_GT(share_of_peak(gc2, square(n, DType::fp32, parameter)), 0.50);
      EXPECT_LT(share_of_peak(gc2, square(n, DType::fp32, parameter)), 0.70);
      EXPECT_GT(share_of_peak(gc2, square(n, DType::fp16, parameter)), 0.40);
      EXPECT_LT(share_of_peak(gc2, square(n, DType::fp16, parameter)), 0.55);
    }
  }
  EXPECT_NEAR(share_of_peak(gc2, square(2944, DType::fp32)), 0.607, 0.03);
  EXPECT_NEAR(share_of_peak(gc2, square(2944, DType::fp16)), 0.473, 0.03);
}

TEST(Search, CostOfTheChosenSplitByHand) {
  // 96 x 32 x 8 on one tile, fp32: 4 groups of inputs, one of outputs, no exchange: amp_test's numbers.
  Config config;
  config.tiles = 1;
  const auto found = search(config, product(matmul(96, 32, 8, DType::fp32, true)), 1 << 20);
  ASSERT_TRUE(found.best);
  const std::int64_t inner = 914, zero = 1310, load = 32;
  const std::int64_t vertex = 50 + 13 + 3 * (15 + (19 + 6 + load + inner)) + 11 + (18 + 7 + load + zero);
  const std::int64_t copy = 6 * (26 + 96 * 32 * 4 / 8 / 6);  // the input into the units' order
  EXPECT_EQ(found.best->cost.step_compute, vertex + copy);
  EXPECT_EQ(found.best->cost.step_exchange, 0);
  EXPECT_EQ(found.best->cycles, vertex + copy + 150);
  // the input as received and as arranged, and the sums
  EXPECT_EQ(found.best->cost.temporary, 2 * 96 * 32 * 4 + 96 * 8 * 4);
}

TEST(Search, WhatTilesReceive) {
  // 4 tiles, 2 x 2: each receives half of its input from its neighbour, at twice the rate, and half of its weights.
  const Config config;
  const Product p = product(matmul(96, 32, 16, DType::fp32, true));
  const Method method = methods(config, p).front();
  Splitter splitter(config, p, method);
  splitter.set_field(1, 1, 2);
  const SplitCost cost = splitter.cost({.columns = 2, .outs = 2});
  const std::int64_t input = 48 * 32 * 4, weights = 32 * 8 * 4;
  EXPECT_EQ(cost.step_received, input / 2 + weights / 2);
  EXPECT_EQ(cost.step_exchange, input / 2 / 8 + weights / 2 / 4);
  EXPECT_EQ(cost.supersteps, 1);
}

TEST(Search, PartsOfTheInputsAreSummedUpInASuperstepOfTheirOwn) {
  const Config config;
  const Product p = product(matmul(60, 64, 8, DType::fp32, true));
  const Method method = methods(config, p).front();
  const Splitter splitter(config, p, method);
  const SplitCost cost = splitter.cost({.ins = 4});
  // 480 sums of 4 tiles: each takes 120 of them, 3 of which it receives
  EXPECT_EQ(cost.tail_received, 120 * 3 * 4);
  EXPECT_EQ(cost.tail_exchange, 120 * 3);
  EXPECT_EQ(cost.tail_compute, 6 * (32 + (3 * 4 + 7) * 5));  // 30 loops of 4, 5 a worker
  EXPECT_EQ(cost.supersteps, 2);
}

TEST(Search, SerialStepsAddUpAndSaveMemory) {
  const Config config;
  const Product p = product(matmul(60, 64, 8, DType::fp32, true));
  const Method method = methods(config, p).front();
  const Splitter splitter(config, p, method);
  const SplitCost whole = splitter.cost({}), four = splitter.cost({.serial = 4});
  EXPECT_LT(four.temporary, whole.temporary);
  EXPECT_GT(four.compute({.serial = 4}), whole.compute({}));
  EXPECT_EQ(four.supersteps, 4);
}

TEST(Search, NothingThatIsMoreMakesAPlanSlower) {
  const std::vector<OpDescription> ops{
      square(700, DType::fp32),        square(1000, DType::fp16, true),      conv(64, 96, 28, 3, DType::fp16),
      conv(3, 64, 56, 7, DType::fp32), conv(96, 96, 28, 3, DType::fp16, 96), matmul(1, 2048, 1000, DType::fp32, true)};
  const auto cycles = [](const Config& config, const OpDescription& op) {
    const auto found = search(config, product(op), temporary_limit(config));
    EXPECT_TRUE(found.best) << op.label;
    return found.best ? found.best->cycles : 0;
  };
  for (const auto& op : ops) {
    SCOPED_TRACE(op.label);
    Config config;
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    for (const int tiles : {300, 608, 1215, 1216, 1472, 3000}) {
      config.tiles = tiles;
      EXPECT_LE(cycles(config, op), last) << tiles << " tiles";
      last = cycles(config, op);
    }
    config = Config{};
    last = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t kib : {64, 128, 200, 256, 624}) {
      config.sram = Bytes(kib * 1024);
      EXPECT_LE(cycles(config, op), last) << kib << " KiB";
      last = cycles(config, op);
    }
    config = Config{};
    last = std::numeric_limits<std::int64_t>::max();
    for (const int sharing : {1, 2, 3, 4, 6}) {
      config.exchange_sharing = sharing;
      EXPECT_LE(cycles(config, op), last) << sharing << " neighbours";
      last = cycles(config, op);
    }
    config = Config{};
    last = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t rate : {1, 2, 4, 5, 8, 16}) {
      config.exchange = BytesPerCycle(rate);
      EXPECT_LE(cycles(config, op), last) << rate << " B/cycle";
      last = cycles(config, op);
    }
  }
}

TEST(Search, NoSplitBeatsThePeak) {
  const Config config;
  for (const auto& op : {conv(64, 64, 56, 3, DType::fp32), conv(3, 64, 112, 7, DType::fp16),
                         conv(96, 96, 28, 3, DType::fp16, 96), square(512, DType::fp16)}) {
    EXPECT_LT(share_of_peak(config, op), 1.0);
  }
}

TEST(Search, ZeroBlocksOfWeightsAreSkipped) {
  Config config;
  const auto op = square(1024, DType::fp32, true);
  const std::int64_t dense = plan_of(config, op).total().total();
  config.sparsity = {.density = 0.25, .block = 16};
  const std::int64_t sparse = plan_of(config, op).total().total();
  EXPECT_LT(sparse, dense / 2);
  EXPECT_GT(sparse, dense / 4);
  // Blocks of one element leave hardly a block of 8 x 8 weights empty: 1 - 0.75^64.
  config.sparsity.block = 1;
  EXPECT_GT(plan_of(config, op).total().total(), dense * 9 / 10);
}

// Energy counts the multiply-accumulates of whole units' blocks, as time does.
TEST(Search, ZerosWithinAMultipliedBlockCostEnergy) {
  Config config;
  const auto op = square(1024, DType::fp32, true);
  config.sparsity = {.density = 0.25, .block = 1};
  EXPECT_GT(plan_of(config, op).multiplied, 0.99);
  config.sparsity = {.density = 0.25, .block = 16};
  EXPECT_NEAR(plan_of(config, op).multiplied, 0.25, 0.10);
}

TEST(PartCounts, AreTheSmallestOfEachSize) {
  EXPECT_EQ(part_counts(1), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(part_counts(10, 1.0), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 10}));
  for (const std::int64_t extent : {7, 100, 2944, 12544}) {
    const auto counts = part_counts(extent);
    EXPECT_EQ(counts.front(), 1);
    EXPECT_EQ(counts.back(), extent);
    EXPECT_LT(counts.size(), 256u);
  }
}

}  // namespace
}  // namespace chipcast::ipu
