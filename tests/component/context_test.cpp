// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast {
namespace {

using testing::HasSubstr;

/// Does something every nanosecond; throws at the tick given, if any.
class Ticker : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Ticker);
  explicit Ticker(sc_core::sc_module_name name, int throw_at = -1) : sc_module(name), throw_at_(throw_at) {
    SC_METHOD(tick);
  }
  int ticks = 0;

 private:
  void tick() {
    if (++ticks == throw_at_) throw std::runtime_error("tick tock");
    next_trigger(sc_core::sc_time(1, sc_core::SC_NS));
  }
  int throw_at_;
};

constexpr auto kNever = [] { return false; };

TEST(SimulationContext, TimeStartsAtZeroEachTime) {
  for (int i = 0; i < 3; ++i) {
    const SimulationContext context;
    EXPECT_EQ(now(), Time());
    Ticker ticker("ticker");
    EXPECT_EQ(run_until([&] { return ticker.ticks > 10; }, {}), RunEnd::finished);
    EXPECT_GT(now(), Time());
  }
}

TEST(SimulationContext, ModulesMayHaveTheSameNamesInEachRun) {
  for (int i = 0; i < 3; ++i) {
    const SimulationContext context;
    const Ticker ticker("ticker");
    EXPECT_STREQ(ticker.name(), "ticker");
  }
}

TEST(SimulationContext, OneAtATime) {
  {
    const SimulationContext context;
    Ticker ticker("ticker");
    EXPECT_THROW(SimulationContext(), std::logic_error);
    // The one that runs is not disturbed.
    EXPECT_EQ(run_until([&] { return ticker.ticks >= 5; }, {}), RunEnd::finished);
  }
  EXPECT_NO_THROW(SimulationContext());
}

TEST(SimulationContext, TheContextBeforeIsPutBack) {
  sc_core::sc_simcontext* before = sc_core::sc_get_curr_simcontext();
  {
    const SimulationContext context;
    EXPECT_NE(sc_core::sc_get_curr_simcontext(), before);
  }
  EXPECT_EQ(sc_core::sc_get_curr_simcontext(), before);
}

TEST(SimulationContext, AnExceptionInsideARunLeavesTheNextOneIntact) {
  const auto run = [](int throw_at) {
    const SimulationContext context;
    Ticker ticker("ticker", throw_at);
    run_until([&] { return ticker.ticks >= 1000; }, {});
    return now();
  };
  const Time undisturbed = run(-1);
  for (const int at : {1, 2, 500}) {
    try {
      run(at);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const InvariantError& error) {
      EXPECT_THAT(error.what(), HasSubstr("tick tock"));
    }
    EXPECT_EQ(run(-1), undisturbed);
  }
}

TEST(SimulationContext, AnErrorWhileModulesAreBuiltLeavesTheNextRunIntact) {
  const auto build = [](const char* second) {
    const SimulationContext context;
    const Ticker first("same"), other(second);
  };
  EXPECT_ANY_THROW(build("same")) << "the kernel warns of two modules of one name, and warnings throw";
  EXPECT_NO_THROW(build("different"));
}

TEST(RunUntil, EndsWhenNoEventIsLeft) {
  const SimulationContext context;
  EXPECT_EQ(run_until(kNever, {}), RunEnd::finished);
  EXPECT_EQ(now(), Time());
}

TEST(RunUntil, NothingToDo) {
  const SimulationContext context;
  Ticker ticker("ticker");
  EXPECT_EQ(run_until([] { return true; }, {}), RunEnd::finished);
  EXPECT_EQ(ticker.ticks, 0);
}

TEST(RunUntil, NothingHappensAfterTheSimulatedTime) {
  const SimulationContext context;
  Ticker ticker("ticker");
  const Time limit = Time::ps(2'000'500);
  EXPECT_EQ(run_until(kNever, {.simulated = limit}), RunEnd::simulated_time);
  EXPECT_EQ(now(), Time::ps(2'000'000)) << "the last event before the limit";
  EXPECT_EQ(ticker.ticks, 2001) << "at 0, 1, ..., 2000 ns";
}

TEST(RunUntil, StopsSoonAfterTheNumberOfSteps) {
  const SimulationContext context;
  Ticker ticker("ticker");
  EXPECT_EQ(run_until(kNever, {.steps = 100'000}), RunEnd::steps);
  EXPECT_GE(ticker.ticks, 100'000);
  EXPECT_LE(ticker.ticks, 1'000'000) << "it looks at the end of a slice of 100 us";
}

TEST(RunUntil, StopsWhereEventsGoOnButNothingGetsDone) {
  const SimulationContext context;
  Ticker ticker("ticker");
  // Something gets done up to the 300,000th tick, then no more.
  const auto progress = [&] { return static_cast<std::uint64_t>(std::min<std::int64_t>(ticker.ticks, 300'000)); };
  EXPECT_EQ(run_until(kNever, {.idle_steps = 100'000}, {.progress = progress}), RunEnd::no_progress);
  EXPECT_GE(ticker.ticks, 400'000);
  EXPECT_LE(ticker.ticks, 2'000'000);
}

TEST(RunUntil, StopsWhenThePollSaysSo) {
  const SimulationContext context;
  Ticker ticker("ticker");
  int polls = 0;
  Time last;
  const auto poll = [&](Time at) {
    EXPECT_GT(at, last) << "time goes on between polls";
    last = at;
    return ++polls < 3;
  };
  EXPECT_EQ(run_until(kNever, {}, {.poll = poll}), RunEnd::cancelled);
  EXPECT_EQ(polls, 3);
}

TEST(RunUntil, AnExceptionOfThePollComesThrough) {
  {
    const SimulationContext context;
    Ticker ticker("ticker");
    EXPECT_THROW(run_until(kNever, {}, {.poll = [](Time) -> bool { throw std::runtime_error("stop"); }}),
                 std::runtime_error);
  }
  EXPECT_NO_THROW(SimulationContext());
}

TEST(RunUntil, LongIdleRunsReachTheirLimit) {
  // A few events in 92 days: slices grow, and must not grow beyond what a Time holds.
  struct Sleeper : sc_core::sc_module {
    SC_HAS_PROCESS(Sleeper);
    explicit Sleeper(sc_core::sc_module_name name) : sc_module(name) { SC_METHOD(wake); }
    void wake() { next_trigger(sc_core::sc_time(1'000'000, sc_core::SC_SEC)); }
  };
  const SimulationContext context;
  Sleeper sleeper("sleeper");
  const Time limit = Time::from_seconds(Seconds(8e6));
  EXPECT_EQ(run_until(kNever, {.simulated = limit}), RunEnd::simulated_time);
  EXPECT_EQ(now(), limit);
}

TEST(ScTime, ConvertsBothWaysToThePicosecond) {
  const SimulationContext context;
  for (const std::int64_t ps :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{769}, std::int64_t{9'000'000'000'000'000'000}}) {
    EXPECT_EQ(from_sc_time(to_sc_time(Time::ps(ps))), Time::ps(ps));
  }
  EXPECT_EQ(to_sc_time(Time::ps(1000)), sc_core::sc_time(1, sc_core::SC_NS));
  EXPECT_THROW(to_sc_time(Time::ps(-1)), InvariantError);
}

}  // namespace
}  // namespace chipcast
