// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "sim/ledger/ledger.h"
#include "tests/unit/sim/message.h"

namespace chipcast {
namespace {

void add(Ledger& ledger, std::int64_t begin_ps, std::int64_t end_ps, double joules) {
  ledger.add({.component = ledger.component("c"),
              .action = ledger.action("a"),
              .op = std::nullopt,
              .begin = Time::ps(begin_ps),
              .end = Time::ps(end_ps),
              .count = 1,
              .each = Joules(joules)});
}

Time window_length(const PowerSeries& series, std::size_t i) {
  const Time begin = series.window * static_cast<std::int64_t>(i);
  return std::min(begin + series.window, series.end) - begin;
}

double energy_of(const PowerSeries& series) {
  double sum = 0;
  for (std::size_t i = 0; i < series.samples.size(); ++i) {
    sum += (series.samples[i] * window_length(series, i).seconds()).count();
  }
  return sum;
}

TEST(PowerOverTime, SpreadsAnEntryOverItsSpan) {
  Ledger ledger;
  add(ledger, 50, 350, 300e-12);  // 1 W from 50 to 350 ps
  const auto series = power_over_time(ledger, Time::ps(450), Time::ps(100));
  ASSERT_EQ(series.samples.size(), 5u);
  const double expected[] = {0.5, 1.0, 1.0, 0.5, 0.0};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(series.samples[i].count(), expected[i], 1e-12) << i;
  EXPECT_NEAR(series.peak().count(), 1.0, 1e-12);
}

TEST(PowerOverTime, TheLastWindowIsClipped) {
  Ledger ledger;
  add(ledger, 0, 250, 250e-12);
  const auto series = power_over_time(ledger, Time::ps(250), Time::ps(100));
  ASSERT_EQ(series.samples.size(), 3u);
  for (const auto& power : series.samples) EXPECT_NEAR(power.count(), 1.0, 1e-12);
}

TEST(PowerOverTime, EntriesOfNoLengthFallIntoTheirWindow) {
  Ledger ledger;
  add(ledger, 0, 0, 100e-12);
  add(ledger, 100, 100, 200e-12);
  add(ledger, 300, 300, 300e-12);  // at the very end: the last window
  const auto series = power_over_time(ledger, Time::ps(300), Time::ps(100));
  ASSERT_EQ(series.samples.size(), 3u);
  EXPECT_NEAR(series.samples[0].count(), 1.0, 1e-12);
  EXPECT_NEAR(series.samples[1].count(), 2.0, 1e-12);
  EXPECT_NEAR(series.samples[2].count(), 3.0, 1e-12);
}

TEST(PowerOverTime, OneWindowMayHoldEverything) {
  Ledger ledger;
  add(ledger, 10, 90, 50e-12);
  const auto series = power_over_time(ledger, Time::ps(100), Time::ps(1'000'000));
  ASSERT_EQ(series.samples.size(), 1u);
  EXPECT_NEAR(series.samples[0].count(), 0.5, 1e-12);
}

TEST(PowerOverTime, ARunOfNoLengthHasNoSamples) {
  EXPECT_TRUE(power_over_time(Ledger(), Time(), Time::ps(1)).samples.empty());
  EXPECT_EQ(PowerSeries().peak(), Watts(0.0));
}

TEST(PowerOverTime, APeakLeavesNothingBehind) {
  Ledger ledger;
  add(ledger, 0, 10'000, 1e-20);
  add(ledger, 1'000, 5'000, 1e6);
  const auto series = power_over_time(ledger, Time::ps(20'000), Time::ps(1'000));
  EXPECT_NEAR(series.samples[7].count(), 1e-20 / 10'000e-12, 1e-24);
  EXPECT_EQ(series.samples[12].count(), 0.0);
}

TEST(PowerOverTime, ConservesTheEnergyOfRandomEntries) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 200; ++round) {
    Ledger ledger;
    const auto end = std::uniform_int_distribution<std::int64_t>(1, 1'000'000'000)(random);
    const auto window =
        std::uniform_int_distribution<std::int64_t>(std::max<std::int64_t>(1, end / 5000), 2 * end)(random);
    std::uniform_int_distribution<std::int64_t> point(0, end);
    for (int i = 0; i < 300; ++i) {
      const auto [a, b] = std::minmax({point(random), i % 7 == 0 ? point(random) / 1000 : point(random)});
      add(ledger, a, i % 11 == 0 ? a : b, std::pow(10.0, std::uniform_real_distribution<double>(-15, 3)(random)));
    }
    const auto series = power_over_time(ledger, Time::ps(end), Time::ps(window));
    const double total = ledger.total().count();
    ASSERT_NEAR(energy_of(series), total, 1e-12 * total) << end << " " << window;
    for (const auto& power : series.samples) ASSERT_GE(power.count(), 0.0);
  }
}

TEST(PowerOverTime, AgreesWithTheDirectSum) {
  std::mt19937_64 random(10);
  std::uniform_int_distribution<std::int64_t> point(0, 10'000);
  Ledger ledger;
  for (int i = 0; i < 200; ++i) {
    const auto [a, b] = std::minmax({point(random), point(random)});
    if (a < b) add(ledger, a, b, std::uniform_real_distribution<double>(0, 1e-9)(random));
  }
  const auto series = power_over_time(ledger, Time::ps(10'000), Time::ps(130));
  for (std::size_t w = 0; w < series.samples.size(); ++w) {
    const Time from = series.window * static_cast<std::int64_t>(w), to = from + window_length(series, w);
    double energy = 0;
    for (const auto& e : ledger.entries()) {
      const auto overlap = (std::min(e.end, to) - std::max(e.begin, from)).ps();
      if (overlap > 0)
        energy += e.energy().count() * static_cast<double>(overlap) / static_cast<double>((e.end - e.begin).ps());
    }
    EXPECT_NEAR(series.samples[w].count(), energy / (to - from).seconds().count(), 1e-9 * series.peak().count());
  }
}

TEST(PowerOverTime, RefusesBadWindows) {
  const Ledger ledger;
  EXPECT_EQ(message_of([&] { power_over_time(ledger, Time::ps(5), Time()); }),
            "power window: 0 ps; give a length above zero");
  EXPECT_EQ(message_of([&] { power_over_time(ledger, Time::ps(1'000'000'001), Time::ps(1000)); }),
            "power window: 1000 ps cuts a run of 1000000001 ps into more than 1000000 windows; give at least 1001 ps");
  EXPECT_EQ(power_over_time(ledger, Time::ps(1'000'000), Time::ps(1)).samples.size(), 1'000'000u);
}

TEST(PowerOverTime, AnEntryOutsideTheRunIsABug) {
  Ledger ledger;
  add(ledger, 0, 101, 1);
  EXPECT_THROW(power_over_time(ledger, Time::ps(100), Time::ps(10)), InvariantError);
}

}  // namespace
}  // namespace chipcast
