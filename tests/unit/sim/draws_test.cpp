// SPDX-License-Identifier: Apache-2.0
#include "sim/base/draws.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace chipcast {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

TEST(Draws, AreThoseOfTheStandardsGenerator) {
  Draws draws(5489);
  std::uint64_t last = 0;
  for (int i = 0; i < 10'000; ++i) last = draws.below(kMost);
  EXPECT_EQ(last, 9981545732273789042U) << "[rand.predef] of C++: the 10,000th of mt19937_64";
}

TEST(Draws, StayInTheirRange) {
  Draws draws(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LT(draws.below(7), 7U);
    const double unit = draws.unit();
    EXPECT_GE(unit, 0.0);
    EXPECT_LT(unit, 1.0);
  }
  EXPECT_EQ(draws.below(1), 0U);
}

TEST(Draws, BothKindsTakeOneNumberEach) {
  Draws a(3), b(3);
  const std::uint64_t first = b.below(kMost);
  EXPECT_EQ(a.unit(), static_cast<double>(first >> 11U) * 0x1p-53);
  EXPECT_EQ(a.below(1000), b.below(1000));
}

TEST(Draws, SeedsOfStreamsDiffer) {
  EXPECT_EQ(mixed_bits(0), 0xe220a8397b1dcdafU) << "the first number of splitmix64 from seed 0";
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t index = 0; index < 20; ++index) seeds.insert(seed_of(seed, index));
  }
  EXPECT_EQ(seeds.size(), 400U);
}

}  // namespace
}  // namespace chipcast
