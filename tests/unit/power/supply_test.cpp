// SPDX-License-Identifier: Apache-2.0
#include "models/power/supply.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chipcast::power {
namespace {

TEST(Supply, ARailLosesAShareAndItsOwnNeeds) {
  const Rail rail{.efficiency = 0.8, .quiescent = Watts(0.01)};
  EXPECT_DOUBLE_EQ(rail_input(rail, Watts(4.0)).count(), 5.01);
  EXPECT_DOUBLE_EQ(rail_input(rail, Watts(0.0)).count(), 0.01);
  EXPECT_EQ(rail_input(Rail{}, Watts(2.5)), Watts(2.5));
}

TEST(Supply, ALoadGoesInAStraightLineWithItsLevel) {
  const Load load{.idle = Watts(0.2), .full = Watts(1.2), .level = 0.0};
  EXPECT_DOUBLE_EQ(load_power(load, 0.0).count(), 0.2);
  EXPECT_DOUBLE_EQ(load_power(load, 0.3).count(), 0.5);
  EXPECT_DOUBLE_EQ(load_power(load, 1.0).count(), 1.2);
}

// 1000 mAh at 4 V are 4 Wh.
TEST(Battery, WithoutPeukertsExponentItGivesItsEnergy) {
  const Battery battery{.capacity_mah = 1000, .volts = 4.0, .peukert = 1.0, .rated_hours = 5.0, .usable = 0.9};
  for (const double watts : {0.01, 0.8, 2.0}) {
    EXPECT_NEAR(battery_life(battery, Watts(watts)).count(), 0.9 * 4.0 / watts * 3600.0, 1e-6);
  }
  EXPECT_DOUBLE_EQ(battery_current(battery, Watts(2.0)), 0.5);
}

// H (C / (I H))^k: 10 Ah rated over 20 h, k 1.2, at 2 A: 20 (10 / 40)^1.2 = 3.789 h.
TEST(Battery, PeukertsLaw) {
  const Battery battery{.capacity_mah = 10'000, .volts = 12.0, .peukert = 1.2, .rated_hours = 20.0, .usable = 1.0};
  EXPECT_NEAR(battery_life(battery, Watts(24.0)).count() / 3600.0, 20.0 * std::pow(0.25, 1.2), 1e-12);
  EXPECT_NEAR(battery_life(battery, Watts(24.0)).count() / 3600.0, 3.789, 1e-3);
}

TEST(Battery, AtTheRatedCurrentTheExponentDoesNotMatter) {
  for (const double k : {1.0, 1.1, 1.5}) {
    const Battery battery{.capacity_mah = 500, .volts = 3.7, .peukert = k, .rated_hours = 5.0, .usable = 0.8};
    EXPECT_NEAR(battery_life(battery, Watts(0.1 * 3.7)).count(), 0.8 * 5.0 * 3600.0, 1e-6);
  }
}

TEST(Battery, GivesNoMoreThanItsCapacityAtSmallCurrents) {
  const Battery battery{.capacity_mah = 577, .volts = 3.85, .peukert = 1.05, .rated_hours = 5.0, .usable = 0.95};
  EXPECT_NEAR(battery_life(battery, Watts(0.0296)).count() / 3600.0, 0.95 * 0.577 * 3.85 / 0.0296, 1e-9);
}

TEST(Battery, LastsForEverWithoutALoad) { EXPECT_TRUE(std::isinf(battery_life(Battery{}, Watts(0.0)).count())); }

}  // namespace
}  // namespace chipcast::power
