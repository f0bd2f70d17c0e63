// SPDX-License-Identifier: Apache-2.0
// Addresses by lifetimes.
#include <gtest/gtest.h>

#include <random>

#include "mappers/address_space.h"

namespace chipcast {
namespace {

/// Alive from one task to another of one device.
Lifetime alive(std::uint64_t size, std::int64_t first, std::int64_t last) {
  return {.tensor = TensorId(0),
          .size = size,
          .begin = {first},
          .end = {last + 1},
          .first = static_cast<std::size_t>(first),
          .last = static_cast<std::size_t>(last)};
}

void expect_apart(const std::vector<Lifetime>& lifetimes, const Packing& packing) {
  for (std::size_t a = 0; a < lifetimes.size(); ++a) {
    EXPECT_LE(packing.address[a] + lifetimes[a].size, packing.size);
    for (std::size_t b = 0; b < a; ++b) {
      if (!lifetimes[a].overlaps(lifetimes[b])) continue;
      EXPECT_TRUE(packing.address[a] + lifetimes[a].size <= packing.address[b] ||
                  packing.address[b] + lifetimes[b].size <= packing.address[a]);
    }
  }
}

std::uint64_t live_peak(const std::vector<Lifetime>& lifetimes) {
  std::uint64_t most = 0;
  for (const Lifetime& at : lifetimes) {
    std::uint64_t sum = 0;
    for (const Lifetime& other : lifetimes) {
      if (other.first <= at.first && at.first <= other.last) sum += other.size;
    }
    most = std::max(most, sum);
  }
  return most;
}

TEST(AddressPacking, AChainNeedsItsTwoLargestNeighbours) {
  const std::vector<Lifetime> chain{alive(640, 0, 1), alive(64, 1, 2), alive(320, 2, 3), alive(576, 3, 4)};
  const Packing packing = pack(chain);
  expect_apart(chain, packing);
  EXPECT_EQ(packing.size, 896);
}

TEST(AddressPacking, LargerFirstClosesWhatFirstFitLeavesOpen) {
  // In the order of issue the third tensor does not fit the hole of the first and goes on top.
  const std::vector<Lifetime> lifetimes{alive(64, 0, 1), alive(64, 0, 3), alive(128, 2, 4), alive(64, 3, 4)};
  const Packing packing = pack(lifetimes);
  expect_apart(lifetimes, packing);
  EXPECT_EQ(packing.size, live_peak(lifetimes));
}

TEST(AddressPacking, KeepsTensorsApartThatTwoDevicesUseAtAnyTime) {
  // Tasks of different devices that do not wait for each other.
  Lifetime a{.tensor = TensorId(0), .size = 64, .begin = {0, 0}, .end = {1, 0}, .first = 0, .last = 0};
  Lifetime b{.tensor = TensorId(1), .size = 64, .begin = {0, 0}, .end = {0, 1}, .first = 1, .last = 1};
  EXPECT_TRUE(a.overlaps(b));
  EXPECT_EQ(pack({a, b}).size, 128);
  b.begin = {1, 0};  // now it waits
  EXPECT_EQ(pack({a, b}).size, 64);
}

TEST(AddressPacking, IsSoundAndNearTheBytesAlive) {
  std::mt19937_64 random(5);
  double worst = 1.0, sum = 0.0;
  constexpr int kRuns = 200;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<Lifetime> lifetimes;
    for (std::int64_t t = 0; t < 30; ++t) {
      lifetimes.push_back(alive(64 * (1 + random() % 40), t,
                                t + 1 + static_cast<std::int64_t>(random() % (random() % 5 == 0 ? 12 : 2))));
    }
    const Packing packing = pack(lifetimes);
    expect_apart(lifetimes, packing);
    const double ratio = static_cast<double>(packing.size) / static_cast<double>(live_peak(lifetimes));
    EXPECT_GE(ratio, 1.0);
    worst = std::max(worst, ratio);
    sum += ratio;
  }
  EXPECT_LT(sum / kRuns, 1.06);
  EXPECT_LT(worst, 1.4);
}

TEST(AddressPacking, ManyThousandTensorsTakeNoTime) {
  std::vector<Lifetime> chain;
  for (std::int64_t t = 0; t < 200'000; ++t) chain.push_back(alive(64, t, t + 1));
  EXPECT_EQ(pack(chain).size, 128);
}

}  // namespace
}  // namespace chipcast
