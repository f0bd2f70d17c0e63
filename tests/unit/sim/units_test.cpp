// SPDX-License-Identifier: Apache-2.0
#include "sim/base/units.h"

#include <gtest/gtest.h>

namespace chipcast {
namespace {

using namespace literals;

static_assert(std::is_same_v<decltype(10_cyc / 5_MHz), Seconds>);
static_assert(std::is_same_v<decltype(BytesPerCycle(8) * 5_MHz), BytesPerSecond>);
static_assert(std::is_same_v<decltype(Joules(1.0) / Seconds(1.0)), Watts>);
static_assert(std::is_same_v<decltype(8_B / 4_B), double>);

TEST(Units, CeilDivRoundsUpAndRefusesZero) {
  EXPECT_EQ(ceil_div(9_B, BytesPerCycle(8)), 2_cyc);
  EXPECT_EQ(ceil_div(8_B, BytesPerCycle(8)), 1_cyc);
  EXPECT_EQ(ceil_div(0_B, BytesPerCycle(8)), 0_cyc);
  EXPECT_THROW(ceil_div(1_B, BytesPerCycle(0)), std::domain_error);
}

TEST(Units, CyclesOverFrequencyGiveSeconds) { EXPECT_DOUBLE_EQ((1000_cyc / 500_MHz).count(), 2e-6); }

}  // namespace
}  // namespace chipcast
