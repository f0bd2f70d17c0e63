// SPDX-License-Identifier: Apache-2.0
// Products in register tiles, counted by hand.
#include "accelerators/cpu/register_tiles.h"

#include <gtest/gtest.h>

namespace chipcast::cpu {
namespace {

/// 4 multiply-accumulates, 16 B loaded and 16 B stored a cycle; 32 KiB before the second cache.
Config config_of(double overlap) {
  Config config;
  config.cores = 1;
  config.core.rates = {{DType::fp32, OpsPerCycle(4)}, {DType::int8, OpsPerCycle(8)}};
  config.core.load_width = config.core.store_width = BytesPerCycle(16);
  config.core.overlap = overlap;
  config.caches = {{.name = "L1D", .size = Bytes(32 * 1024)}, {.name = "L2"}};
  return config;
}

VectorKernels eight_by_twelve() {
  VectorKernels kernels;
  kernels.issue = 1.0;
  kernels.tile_start = Cycles(0);
  return kernels;
}

std::vector<std::pair<std::int64_t, std::int64_t>> parts(std::int64_t extent, std::int64_t size) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  for (const Part& part : register_parts(extent, size)) out.emplace_back(part.size, part.count);
  return out;
}

TEST(RegisterTiles, RemaindersAreHalved) {
  using Parts = std::vector<std::pair<std::int64_t, std::int64_t>>;
  EXPECT_EQ(parts(24, 12), (Parts{{12, 2}}));
  EXPECT_EQ(parts(37, 12), (Parts{{12, 3}, {1, 1}}));
  EXPECT_EQ(parts(11, 12), (Parts{{8, 1}, {2, 1}, {1, 1}}));
  EXPECT_EQ(parts(126, 8), (Parts{{8, 15}, {4, 1}, {2, 1}}));
  EXPECT_EQ(parts(3, 1), (Parts{{1, 3}}));
  for (std::int64_t size = 1; size <= 16; ++size) {
    for (std::int64_t extent = 1; extent <= 40; ++extent) {
      std::int64_t sum = 0;
      for (const Part& part : register_parts(extent, size)) sum += part.size * part.count;
      EXPECT_EQ(sum, extent) << size;
    }
  }
}

TEST(RegisterTiles, IssueHidesLoadsOutOfOrderOnly) {
  // One tile, depth 64: 8 * 12 * 64 / 4 = 1536 cycles of issue, 20 * 64 * 4 B / 16 = 320 of loads, 8 * 12 * 4 / 16 = 24
  // of stores.
  const Product product{.channels = 8, .depth = 64, .positions = 12};
  EXPECT_DOUBLE_EQ(product_work(config_of(1.0), eight_by_twelve(), DType::fp32, product).core, 1536.0 + 24.0);
  EXPECT_DOUBLE_EQ(product_work(config_of(0.0), eight_by_twelve(), DType::fp32, product).core, 1536.0 + 320.0 + 24.0);
}

TEST(RegisterTiles, PositionsAreReadOncePerGroupOfChannels) {
  const KernelWork work = product_work(config_of(1.0), eight_by_twelve(), DType::fp32, {32, 64, 100, 3});
  EXPECT_DOUBLE_EQ(work.reads, 3.0 * (4 * 100 + 32) * 64 * 4);
  EXPECT_DOUBLE_EQ(work.writes, 3.0 * 32 * 100 * 4);
}

TEST(RegisterTiles, ChannelsAreReadAgainWhereATileExceedsTheFirstCache) {
  // (8 + 12) * 512 * 4 B = 40 KiB; 100 positions are 8 groups of twelve and one of four.
  const KernelWork work = product_work(config_of(1.0), eight_by_twelve(), DType::fp32, {32, 512, 100, 1});
  EXPECT_DOUBLE_EQ(work.reads, (4.0 * 100 + 9 * 32) * 512 * 4);
}

TEST(RegisterTiles, CompanionsFillASecondPipeOrWait) {
  VectorKernels kernels = eight_by_twelve();
  kernels.companions = 1.0;
  const Product product{.channels = 8, .depth = 64, .positions = 12};
  const double stores = 8.0 * 12 * 4 / 16;  // sums of 32 bits
  EXPECT_DOUBLE_EQ(product_work(config_of(1.0), kernels, DType::int8, product).core, 768.0 + stores);
  EXPECT_DOUBLE_EQ(product_work(config_of(0.0), kernels, DType::int8, product).core, 2 * 768.0 + 80.0 + stores);
}

TEST(RegisterTiles, CoresTakeWholeGroupsOfChannels) {
  EXPECT_DOUBLE_EQ(imbalance(4, 8), 1.0);
  EXPECT_DOUBLE_EQ(imbalance(4, 3), 4.0 / 3.0);
  EXPECT_DOUBLE_EQ(imbalance(4, 9), 12.0 / 9.0);
  EXPECT_DOUBLE_EQ(imbalance(1, 7), 1.0);
}

TEST(RegisterTiles, CopiesLoadAndStore) {
  EXPECT_DOUBLE_EQ(copy_work(config_of(1.0).core, 320.0, 160.0).core, 20.0);
  EXPECT_DOUBLE_EQ(copy_work(config_of(0.0).core, 320.0, 160.0).core, 30.0);
}

}  // namespace
}  // namespace chipcast::cpu
