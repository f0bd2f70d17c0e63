// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/timing.h"

#include "crosscheck/host/rates.h"
#include "kernels/simd/targets.h"

namespace chipcast::crosscheck {
namespace {

TEST(Timing, SummaryIsMinimumMedianAndSpread) {
  const Timing timing = summary({3.0, 1.0, 2.0, 9.0, 2.0});
  EXPECT_DOUBLE_EQ(timing.minimum.count(), 1.0);
  EXPECT_DOUBLE_EQ(timing.median.count(), 2.0);
  EXPECT_DOUBLE_EQ(timing.spread(), 1.0);
  EXPECT_EQ(timing.runs, 5);
  EXPECT_EQ(summary({}).runs, 0);
}

TEST(Timing, ScaledEffortKeepsSomeRuns) {
  EXPECT_EQ(Effort{}.scaled(0.01).runs, 3);
  EXPECT_EQ(Effort{}.scaled(2.0).runs, 30);
}

TEST(Timing, WorkIsRunAsOftenAsAsked) {
  int calls = 0;
  const Timing timing =
      time_of([&] { ++calls; }, {.runs = 5, .budget = Seconds(0.0), .most = Seconds(5.0), .sample = Seconds(0.0)});
  EXPECT_EQ(timing.runs, 5);
  EXPECT_EQ(calls, 7);  // one to warm up, one to see how long it takes
}

TEST(Rates, AreMeasuredForEveryInstructionSetAndTheLimitIsPutBack) {
  const std::string before = kernels::target();
  const Effort quick{.runs = 3, .budget = Seconds(0.0), .most = Seconds(10e-3), .sample = Seconds(1e-6)};
  const auto rates = measure_rates(Hertz(1e9), quick);
  EXPECT_EQ(rates.size(), kernels::usable_targets().size());
  for (const TargetRates& rate : rates) {
    for (const double value : {rate.fp32, rate.int8, rate.int16, rate.vector, rate.load, rate.store})
      EXPECT_GT(value, 0.0);
  }
  EXPECT_EQ(kernels::target(), before);
}

}  // namespace
}  // namespace chipcast::crosscheck
