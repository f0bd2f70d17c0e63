// SPDX-License-Identifier: Apache-2.0
#include "sim/base/time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace chipcast {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr Time kSecond = Time::ps(1'000'000'000'000);

TEST(Time, RoundsToTheNearestPicosecond) {
  EXPECT_EQ(Time::from_seconds(Seconds(0.0)), Time());
  EXPECT_EQ(Time::from_seconds(Seconds(1.0)), kSecond);
  EXPECT_EQ(Time::from_seconds(Seconds(1.4e-12)), Time::ps(1));
  EXPECT_EQ(Time::from_seconds(Seconds(1.6e-12)), Time::ps(2));
  EXPECT_DOUBLE_EQ(Time::ps(1500).seconds().count(), 1.5e-9);
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const double s : {-1e-9, -kInf, kInf, kNan, 1e7}) {
    EXPECT_THROW(Time::from_seconds(Seconds(s)), std::range_error) << s;
  }
}

TEST(Clock, RefusesWhatIsNoFrequency) {
  for (const double hz : {0.0, -1.0, 0.5, 2e12, kNan, kInf}) EXPECT_THROW(Clock(Hertz(hz)), std::range_error) << hz;
  EXPECT_NO_THROW(Clock(Hertz(1.0)));
  EXPECT_NO_THROW(Clock(Hertz(1e12)));
}

TEST(Clock, APeriodThatIsNoWholePicosecondDoesNotDrift) {
  const Clock clock(Hertz(1.3e9));
  // 1 / 1.3 GHz = 769.23 ps: the third edge stands at 2307.69, so at 2308 ps, where three rounded periods are at 2310.
  EXPECT_EQ(clock.edge(0), Time());
  EXPECT_EQ(clock.edge(1), Time::ps(770));
  EXPECT_EQ(clock.edge(3), Time::ps(2308));
  EXPECT_EQ(clock.edge(13), Time::ps(10'000));
  EXPECT_EQ(clock.edge(1'300'000'000), kSecond);
}

TEST(Clock, ASecondIsTheSameInManySteps) {
  const Clock clock(Hertz(1.3e9));
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::int64_t> step(1, 2'000);
  Time now;
  std::int64_t left = 1'300'000'000;
  while (left > 0) {
    const auto n = std::min(left, step(random));
    now = clock.after(now, Cycles(n));
    left -= n;
  }
  EXPECT_EQ(now, kSecond);
  EXPECT_EQ(clock.next_edge(now), 1'300'000'000);
}

TEST(Clock, NextEdgeIsTheInverseOfEdge) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> exponent(0.0, 12.0);
  for (int i = 0; i < 20'000; ++i) {
    const Clock clock(Hertz(std::pow(10.0, exponent(random))));
    const double most = std::min(1e15, clock.frequency().count() * 8e6);
    const auto n = std::uniform_int_distribution<std::int64_t>(0, static_cast<std::int64_t>(most))(random);
    const Time at = clock.edge(n);
    // Only at 1 THz and near it do neighbouring edges round up to the same picosecond.
    ASSERT_LE(clock.next_edge(at), n) << clock.frequency().count();
    ASSERT_EQ(clock.edge(clock.next_edge(at)), at) << clock.frequency().count();
    if (clock.frequency().count() < 5e11) {
      ASSERT_EQ(clock.next_edge(at), n) << clock.frequency().count();
      ASSERT_EQ(clock.next_edge(at + Time::ps(1)), n + 1) << clock.frequency().count();
    }
    if (n > 0) {
      ASSERT_LE(clock.next_edge(clock.edge(n - 1) + Time::ps(1)), n);
    }
  }
}

TEST(Clock, AfterWaitsForAnEdgeFirst) {
  const Clock clock(Hertz(1e9));
  EXPECT_EQ(clock.after(Time(), Cycles(3)), Time::ps(3000));
  EXPECT_EQ(clock.after(Time::ps(1), Cycles(3)), Time::ps(4000));
  EXPECT_EQ(clock.after(Time::ps(1000), Cycles(0)), Time::ps(1000));
  EXPECT_EQ(clock.after(Time::ps(1001), Cycles(0)), Time::ps(2000));
}

TEST(Clock, RefusesNegativeAndEndlessCounts) {
  const Clock clock(Hertz(1.0));
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_THROW(clock.edge(-1), std::range_error);
  EXPECT_THROW(clock.edge(9'300'000), std::range_error) << "107 days";
  EXPECT_THROW(clock.edge(kMost), std::range_error);
  EXPECT_THROW(clock.after(Time(), Cycles(-1)), std::range_error);
  EXPECT_THROW(clock.after(kSecond, Cycles(kMost)), std::range_error);
}

TEST(TransferTime, RoundsUpAndIsExactForWholeRates) {
  EXPECT_EQ(transfer_time(Bytes(0), BytesPerSecond(1e9)), Time());
  EXPECT_EQ(transfer_time(Bytes(64), BytesPerSecond(64e9)), Time::ps(1000));
  EXPECT_EQ(transfer_time(Bytes(1), BytesPerSecond(3e9)), Time::ps(334));
  EXPECT_EQ(transfer_time(Bytes(1), BytesPerSecond(1e15)), Time::ps(1));
  EXPECT_EQ(transfer_time(Bytes(1), BytesPerSecond(0.5)), Time::ps(2'000'000'000'000));
  EXPECT_EQ(transfer_time(Bytes(4096), BytesPerSecond(kInf)), Time());
  for (std::int64_t n = 1; n < 2000; ++n) {
    ASSERT_EQ(transfer_time(Bytes(n * 7), BytesPerSecond(7e9)), Time::ps(n * 1000)) << n;
  }
}

TEST(TransferTime, RefusesWhatIsNoRateOrSize) {
  for (const double rate : {0.0, -1.0, kNan, 1e-300}) {
    EXPECT_THROW(transfer_time(Bytes(1), BytesPerSecond(rate)), std::range_error) << rate;
  }
  EXPECT_THROW(transfer_time(Bytes(0), BytesPerSecond(0.0)), std::range_error);
  EXPECT_THROW(transfer_time(Bytes(-1), BytesPerSecond(1.0)), std::range_error);
  EXPECT_THROW(transfer_time(Bytes(std::numeric_limits<std::int64_t>::max()), BytesPerSecond(1.0)), std::range_error);
}

TEST(TransferTime, MoreBytesNeverTakeLess) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> rate(1e6, 1e12);
  std::uniform_int_distribution<std::int64_t> size(1, std::int64_t{1} << 40);
  for (int i = 0; i < 10'000; ++i) {
    const BytesPerSecond r(i % 2 == 0 ? rate(random) : std::floor(rate(random)));
    const Bytes n(size(random));
    ASSERT_LE(transfer_time(n - Bytes(1), r), transfer_time(n, r));
  }
}

}  // namespace
}  // namespace chipcast
