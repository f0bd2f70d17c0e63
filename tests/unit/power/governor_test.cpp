// SPDX-License-Identifier: Apache-2.0
#include "models/power/governor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace chipcast::power {
namespace {

const std::vector<OperatingPoint> kOpps{
    {Hertz(200e6), 0.6}, {Hertz(400e6), 0.7}, {Hertz(600e6), 0.8}, {Hertz(1e9), 0.9}};

std::size_t chosen(GovernorKind kind, const Demand& demand, std::size_t start = 1) {
  Governor governor;
  governor.kind = kind;
  return choose_opp(governor, kOpps, demand, start);
}

TEST(Governor, ThreeOfThemTakeNoNoticeOfTheLoad) {
  for (const double load : {0.0, 0.5, 1.0}) {
    const Demand demand{.load = load, .opp = 2, .pending = true, .due = std::nullopt};
    EXPECT_EQ(chosen(GovernorKind::fixed, demand), 1u);
    EXPECT_EQ(chosen(GovernorKind::performance, demand), 3u);
    EXPECT_EQ(chosen(GovernorKind::powersave, demand), 0u);
  }
}

// Linux's ondemand: above the threshold 1 GHz, else nearest to 200 MHz + load * 800 MHz.
TEST(Governor, OndemandJumpsUpAndFallsInProportion) {
  const auto at = [](double load) { return chosen(GovernorKind::ondemand, {.load = load, .opp = 3, .due = {}}); };
  EXPECT_EQ(at(0.0), 0u);
  EXPECT_EQ(at(0.12), 0u);  // 296 MHz
  EXPECT_EQ(at(0.13), 1u);  // 304 MHz
  EXPECT_EQ(at(0.5), 2u);   // 600 MHz
  EXPECT_EQ(at(0.74), 2u);  // 792 MHz: 600 is nearer than 1000
  EXPECT_EQ(at(0.8), 3u);   // 840 MHz; not above the threshold yet
  EXPECT_EQ(at(0.81), 3u);
}

// Two points equally near: the slower one.
TEST(Governor, OndemandPrefersTheSlowerOfTwo) {
  EXPECT_EQ(chosen(GovernorKind::ondemand, {.load = 0.125, .opp = 0, .due = {}}), 0u);  // 300 MHz
}

// 1.25 * load * clock of the last period, rounded up.
TEST(Governor, SchedutilLeavesAQuarter) {
  const auto at = [](double load, std::size_t opp) {
    return chosen(GovernorKind::schedutil, {.load = load, .opp = opp, .due = {}});
  };
  EXPECT_EQ(at(0.0, 3), 0u);
  EXPECT_EQ(at(0.16, 3), 0u);  // 200 MHz exactly
  EXPECT_EQ(at(0.17, 3), 1u);  // 212.5 MHz
  EXPECT_EQ(at(1.0, 0), 1u);   // 250 MHz: busy all the time, up one step
  EXPECT_EQ(at(1.0, 1), 2u);   // 500 MHz
  EXPECT_EQ(at(1.0, 3), 3u);   // 1250 MHz: as fast as it goes
  EXPECT_EQ(at(0.48, 3), 2u);  // 600 MHz exactly
}

TEST(Governor, RaceToIdleIsFastOrWaits) {
  EXPECT_EQ(chosen(GovernorKind::race_to_idle, {.load = 0.1, .opp = 0, .pending = true, .due = {}}), 3u);
  EXPECT_EQ(chosen(GovernorKind::race_to_idle, {.load = 1.0, .opp = 3, .pending = false, .due = {}}), 0u);
}

TEST(Governor, DeadlineTakesTheSlowestPointThatIsInTime) {
  const auto at = [](double left, double work, double fixed) {
    return chosen(GovernorKind::deadline,
                  {.load = 1.0,
                   .opp = 3,
                   .pending = true,
                   .due = Demand::Due{.left = Seconds(left), .work = Seconds(work), .fixed = Seconds(fixed)}});
  };
  EXPECT_EQ(at(1.0, 1.0, 0.0), 0u);    // just in time at 200 MHz
  EXPECT_EQ(at(0.5, 1.0, 0.0), 1u);    // twice as fast, exactly
  EXPECT_EQ(at(0.49, 1.0, 0.0), 2u);   // 1/3 s at 600 MHz
  EXPECT_EQ(at(0.25, 1.0, 0.0), 3u);   // 0.2 s at 1 GHz
  EXPECT_EQ(at(0.1, 1.0, 0.0), 3u);    // nothing is in time: as fast as it goes
  EXPECT_EQ(at(-1.0, 1.0, 0.0), 3u);   // too late already
  EXPECT_EQ(at(0.75, 1.0, 0.25), 1u);  // what does not scale leaves half a second
  EXPECT_EQ(at(0.5, 0.0, 0.5), 0u);    // speed does not matter
}

TEST(Governor, WorkWithoutADeadlineIsDoneAtOnce) {
  EXPECT_EQ(chosen(GovernorKind::deadline, {.load = 0.0, .opp = 0, .pending = true, .due = {}}), 3u);
  EXPECT_EQ(chosen(GovernorKind::deadline, {.load = 0.0, .opp = 0, .pending = false, .due = {}}), 0u);
}

TEST(Governor, AtLeastRoundsUpAndStopsAtTheTop) {
  EXPECT_EQ(at_least(kOpps, Hertz(0.0)), 0u);
  EXPECT_EQ(at_least(kOpps, Hertz(400e6)), 1u);
  EXPECT_EQ(at_least(kOpps, Hertz(400e6 + 1)), 2u);
  EXPECT_EQ(at_least(kOpps, Hertz(5e9)), 3u);
}

TEST(Governor, MoreLoadNeverMeansASlowerPoint) {
  for (const auto kind : {GovernorKind::ondemand, GovernorKind::schedutil}) {
    for (std::size_t opp = 0; opp < kOpps.size(); ++opp) {
      std::size_t last = 0;
      for (int percent = 0; percent <= 100; ++percent) {
        const std::size_t now = chosen(kind, {.load = percent / 100.0, .opp = opp, .due = {}});
        EXPECT_GE(now, last) << percent;
        last = now;
      }
    }
  }
}

// The slower point beside the chosen one would be late, the chosen one is not: any work, any time.
TEST(Governor, DeadlineIsNeitherLateNorEarly) {
  std::mt19937_64 random(20240501);
  const auto draw = [&random] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  Governor governor;
  governor.kind = GovernorKind::deadline;
  for (int i = 0; i < 2000; ++i) {
    const Demand::Due due{.left = Seconds(draw()), .work = Seconds(2.0 * draw()), .fixed = Seconds(0.2 * draw())};
    const std::size_t opp = choose_opp(governor, kOpps, {.load = 1.0, .opp = 0, .pending = true, .due = due}, 0);
    const auto takes = [&](std::size_t k) { return due.fixed + due.work * (kOpps[0].clock / kOpps[k].clock); };
    EXPECT_TRUE(takes(opp) <= due.left || opp == kOpps.size() - 1);
    EXPECT_TRUE(opp == 0 || takes(opp - 1) > due.left);
  }
}

}  // namespace
}  // namespace chipcast::power
