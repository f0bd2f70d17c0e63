// SPDX-License-Identifier: Apache-2.0
#include "models/technology/leakage.h"

#include <gtest/gtest.h>

namespace chipcast::technology {
namespace {

TEST(Leakage, IsOneAtTheReference) {
  EXPECT_EQ(leakage_factor(Config{}, 0.75, 0.75, 25.0), 1.0);
  EXPECT_EQ(leakage_factor(Config{}, 0.0, 0.75, 25.0), 0.0);
}

TEST(Leakage, DoublesByTheStep) {
  Config config;
  config.leakage_doubling = 10.0;
  EXPECT_DOUBLE_EQ(leakage_factor(config, 0.8, 0.8, 35.0), 2.0);
  EXPECT_DOUBLE_EQ(leakage_factor(config, 0.8, 0.8, 85.0), 64.0);
  EXPECT_DOUBLE_EQ(leakage_factor(config, 0.8, 0.8, 5.0), 0.25);
}

// Planar: 0.1 V more is 0.17 decades more current, and 1.0 / 0.9 more power per current.
TEST(Leakage, GrowsWithTheSupply) {
  Config config;
  config.dibl = 0.17;
  config.subthreshold_swing = 0.1;
  EXPECT_NEAR(leakage_factor(config, 1.0, 0.9, 25.0), 1.0 / 0.9 * 1.4791, 1e-4);
  config.dibl = 0.0;
  EXPECT_NEAR(leakage_factor(config, 0.6, 0.9, 25.0), 2.0 / 3.0, 1e-12);
}

TEST(Leakage, NeverFallsWithVoltageOrTemperature) {
  const Config config;
  double by_volts = 0.0, by_celsius = 0.0;
  for (double volts = 0.3; volts < 1.3; volts += 0.01) {
    EXPECT_GT(leakage_factor(config, volts, 0.75, 60.0), by_volts);
    by_volts = leakage_factor(config, volts, 0.75, 60.0);
  }
  for (double celsius = -40.0; celsius < 126.0; celsius += 1.0) {
    EXPECT_GT(leakage_factor(config, 0.75, 0.75, celsius), by_celsius);
    by_celsius = leakage_factor(config, 0.75, 0.75, celsius);
  }
}

}  // namespace
}  // namespace chipcast::technology
