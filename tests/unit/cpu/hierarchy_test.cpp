// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/hierarchy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace chipcast::cpu {
namespace {

constexpr std::int64_t kKiB = 1024, kMiB = 1024 * kKiB;
constexpr Seconds kMemory(100e-9);

double ns(Seconds s) { return s.count() * 1e9; }

/// 1 GHz, so that cycles are nanoseconds: L1 32 KiB in 4 cycles, L2 512 KiB in 20.
Config two_levels() {
  Config config;
  config.clock = Hertz(1e9);
  config.caches = {
      {.name = "L1D", .size = Bytes(32 * kKiB), .ways = 2, .replacement = Replacement::lru, .latency = Cycles(4)},
      {.name = "L2", .size = Bytes(512 * kKiB), .shared = true, .latency = Cycles(20)}};
  return config;
}

double latency(const Config& config, std::int64_t block, Order order = Order::cyclic) {
  return ns(chase_latency(config, {.block = Bytes(block), .order = order}, kMemory).total());
}

TEST(Hierarchy, ABlockInTheFirstCacheWaitsForItAlone) {
  for (const Order order : {Order::cyclic, Order::random}) {
    EXPECT_DOUBLE_EQ(latency(two_levels(), 4 * kKiB, order), 4.0);
    EXPECT_DOUBLE_EQ(latency(two_levels(), 32 * kKiB, order), 4.0);
  }
}

TEST(Hierarchy, AnEndlessBlockWaitsForMemoryAndTheWalk) {
  Config config = two_levels();
  EXPECT_NEAR(latency(config, std::int64_t{1} << 33), 20.0 + 100.0, 1e-9);
  // Its page table, 2^33 / 4096 * 8 B = 16 MiB, fits no cache: the walk reads memory too.
  config.core.tlb = {{.entries = 32}, {.entries = 1024, .latency = Cycles(8)}};
  EXPECT_NEAR(latency(config, std::int64_t{1} << 33), 120.0 + 8.0 + 120.0, 1e-9);
}

TEST(Hierarchy, LruLosesEverythingToACyclicChaseRandomReplacementDoesNot) {
  Config config = two_levels();
  // 64 KiB in 32 KiB: each line gives way before it comes again.
  EXPECT_DOUBLE_EQ(latency(config, 64 * kKiB), 20.0);
  // h = exp(-2 (1 - h)) has the root 0.2032: 0.2032 * 4 + 0.7968 * 20 = 16.749
  config.caches[0].replacement = Replacement::random;
  EXPECT_NEAR(latency(config, 64 * kKiB), 16.749, 1e-3);
  // A line at random is there half of the time: 0.5 * 4 + 0.5 * 20.
  EXPECT_NEAR(latency(config, 64 * kKiB, Order::random), 12.0, 1e-12);
}

TEST(Hierarchy, ExclusiveLevelsAddUp) {
  Config config = two_levels();
  EXPECT_GT(latency(config, 544 * kKiB), 21.0);
  config.caches[1].exclusive = true;  // 512 + 32 KiB
  EXPECT_DOUBLE_EQ(latency(config, 544 * kKiB), 20.0);
}

TEST(Hierarchy, TranslationWaitsForTheNextTlbThenForTheTables) {
  Config config = two_levels();
  config.core.tlb = {{.entries = 16}, {.entries = 64, .latency = Cycles(8)}};
  const auto wait = [&](std::int64_t pages, std::int64_t page) {
    return ns(chase_latency(config, {.block = Bytes(pages * page), .page = Bytes(page)}, kMemory).translation);
  };
  EXPECT_EQ(wait(16, 4096), 0.0);
  EXPECT_EQ(wait(17, 4096), 8.0);  // true LRU: every page misses the first
  EXPECT_EQ(wait(64, 4096), 8.0);
  // 128 pages in 64 entries hit 0.2032 of the time; the others find their entry in L2, 20 cycles away.
  EXPECT_NEAR(wait(128, 4096), 8.0 + 0.7968 * 20.0, 1e-3);
  EXPECT_EQ(wait(16, 2 * kMiB), 0.0);  // huge pages reach far
}

TEST(Hierarchy, SharesAddUpToOneAndLatencyNeverFalls) {
  Config config = two_levels();
  config.core.tlb = {{.entries = 10}, {.entries = 512, .latency = Cycles(2)}};
  for (const bool scattered : {false, true}) {
    double before = 0.0;
    for (std::int64_t block = 4 * kKiB; block <= 256 * kMiB; block += block / 4) {
      const auto got = chase_latency(config, {.block = Bytes(block), .scattered = scattered}, kMemory);
      EXPECT_NEAR(got.levels[0] + got.levels[1] + got.memory, 1.0, 1e-12);
      EXPECT_GE(ns(got.total()), before * (1 - 1e-9)) << block;
      before = ns(got.total());
    }
  }
}

TEST(Hierarchy, NoCachesIsMemoryAlone) { EXPECT_EQ(latency(Config{}, 4096), 100.0); }

/// Binomial pages: 8 pages of 4 KiB and 4 colours of 2 ways. Of the visits, sum over k <= 2 of k P(k) / 2 hit LRU:
/// P(1) = 8 * 0.25 * 0.75^7 = 0.26697, P(2) = 28 * 0.25^2 * 0.75^6 = 0.31146, so (0.26697 + 2 * 0.31146) / 2 = 0.44495.
TEST(Hierarchy, ScatteredPagesCompeteForSets) {
  const Chase chase{.block = Bytes(32 * kKiB), .scattered = true};
  EXPECT_NEAR(hit_share(chase, Bytes(32 * kKiB), 2, Replacement::lru), 0.44495, 1e-4);
  // 8 ways of 4 KiB have one colour: nothing to compete for.
  EXPECT_EQ(hit_share(chase, Bytes(32 * kKiB), 8, Replacement::lru), 1.0);
}

/// The closed form beside a simulated fully associative cache with random replacement.
TEST(Hierarchy, CyclicShareIsThatOfASimulatedCache) {
  std::mt19937_64 random(7);
  for (const double x : {1.25, 2.0, 4.0}) {
    constexpr std::size_t kHeld = 2000;
    const auto lines = static_cast<std::size_t>(x * kHeld);
    std::vector<std::size_t> place(lines, kHeld), held(kHeld, lines);
    std::size_t hits = 0, visits = 0;
    for (int round = 0; round < 60; ++round) {
      for (std::size_t line = 0; line < lines; ++line) {
        const bool hit = place[line] < kHeld;
        if (round >= 30) hits += hit, ++visits;
        if (hit) continue;
        const std::size_t victim = random() % kHeld;
        if (held[victim] < lines) place[held[victim]] = kHeld;
        held[victim] = line;
        place[line] = victim;
      }
    }
    EXPECT_NEAR(static_cast<double>(hits) / static_cast<double>(visits), cyclic_share(x), 0.01) << x;
  }
}

}  // namespace
}  // namespace chipcast::cpu
