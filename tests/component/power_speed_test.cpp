// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/power/governors.h"
#include "sim/base/check.h"
#include "tests/component/power_support.h"

// Operating points while a platform runs.
namespace chipcast {
namespace {

using namespace power_test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kOne{"npu"};

Json governed(const char* kind, const char* period = "1 us") {
  return Json{{"governor", Json{{"kind", kind}, {"period", period}, {"idle", "none"}}}};
}

ProgramWriter commands(int count, std::int64_t cycles) {
  ProgramWriter writer(kOne);
  for (int i = 0; i < count; ++i) writer.compute(0, cycles);
  return writer;
}

Platform scaled_platform(Json more = Json::object(), Json thermal = Json::object()) {
  return power_test::platform_of(kOne, Json{{"npu", scaled(kOne, std::move(more))}}, thermal);
}

TEST(PowerSpeed, TimeOfFixedWorkFollowsTheClockExactly) {
  for (const auto& [clock, time] :
       std::vector<std::pair<const char*, std::int64_t>>{{"250 MHz", 40'000}, {"500 MHz", 20'000}, {"1 GHz", 10'000}}) {
    const Platform platform = scaled_platform(Json{{"clock", clock}});
    Managed managed(platform, kOne, governed("fixed"));
    ProgramWriter writer = commands(10, 1000);
    managed.bench.add(writer, {Time()});
    EXPECT_EQ(managed.run().last_end, ns(time)) << clock;
  }
}

TEST(PowerSpeed, LaunchesKeepTheirTime) {
  const Platform platform = scaled_platform();
  for (const auto& [kind, time] :
       std::vector<std::pair<const char*, std::int64_t>>{{"powersave", 300 + 4000}, {"performance", 300 + 1000}}) {
    Managed managed(platform, kOne, governed(kind));
    ProgramWriter writer(kOne);
    writer.compute(0, 300, true).compute(0, 1000);
    managed.bench.add(writer, {Time()});
    EXPECT_EQ(managed.run().last_end, ns(time)) << kind;
  }
}

TEST(PowerSpeed, ASwitchDelaysWorkByItsLatency) {
  const Platform platform = scaled_platform(Json{{"switch_latency", "300 ns"}});
  Managed managed(platform, kOne, governed("race_to_idle"));
  ProgramWriter writer(kOne);
  writer.tile(0, {.weights = 0, .input = 64, .cycles = 100, .output = 64});
  managed.bench.add(writer, {ns(1000), ns(3000)});
  const auto run = managed.run();
  EXPECT_EQ(run.jobs[0].began, ns(1300)) << "neither computes nor loads";
  EXPECT_EQ(run.jobs[0].ended, ns(1300 + 64 + 100 + 64)) << "at the fastest point";
  EXPECT_EQ(run.jobs[1].began, ns(3300));
  EXPECT_EQ(managed.notes.began("npu", Doing::switching, 0), ns(1000));
  EXPECT_EQ(managed.notes.began("npu", Doing::switching, 1), ns(1528)) << "back, without work";
}

TEST(PowerSpeed, AnotherPointWaitsForTheCommandUnderWay) {
  const Platform platform = scaled_platform(Json{{"clock", "250 MHz"}, {"switch_latency", "50 ns"}});
  Managed managed(platform, kOne, governed("ondemand"));
  ProgramWriter writer = commands(10, 175);  // 700 ns each at 250 MHz
  managed.bench.add(writer, {Time()});
  // The first look is at 1000 ns, the second command ends at 1400 ns.
  EXPECT_EQ(managed.run().last_end, ns(2 * 700 + 50 + 8 * 175));
  EXPECT_EQ(managed.notes.began("npu", Doing::switching), ns(1400));
}

TEST(PowerSpeed, SchedutilKeepsAThirdOfRoom) {
  const Platform platform = scaled_platform();
  Managed managed(platform, kOne, governed("schedutil"));
  ProgramWriter writer = commands(1, 360);  // of 1000 ns: 1.25 x 0.36 GHz is below 500 MHz, at which it takes 720 ns
  std::vector<Time> releases;
  for (int i = 0; i < 50; ++i) releases.push_back(ns(1000 * i));
  managed.bench.add(writer, releases);
  const auto run = managed.run();
  EXPECT_EQ(run.jobs[0].ended - run.jobs[0].began, ns(360));
  for (std::size_t i = 1; i < run.jobs.size(); ++i) EXPECT_EQ(run.jobs[i].ended - run.jobs[i].began, ns(720)) << i;
}

TEST(PowerSpeed, GovernorsOfAPeriodicStreamRankAsVoltagesDo) {
  const Platform platform = scaled_platform();
  std::vector<double> energies;
  for (const char* kind : {"powersave", "deadline", "schedutil", "race_to_idle", "performance"}) {
    Managed managed(platform, kOne, governed(kind));
    ProgramWriter writer = commands(4, 50);
    std::vector<Time> releases;
    for (int i = 0; i < 40; ++i) releases.push_back(ns(1000 * i));
    managed.bench.add(writer, releases, 0, ns(900));
    const auto run = managed.run();
    energies.push_back(managed.notes.energy("npu", run.last_end).count());
    for (const auto& job : run.jobs) EXPECT_LE(job.ended, *job.deadline) << kind;
  }
  const double cycles = 40 * 4 * 50;  // V^2 nJ each
  EXPECT_NEAR(energies[0], cycles * 0.36e-9, 1e-15);
  EXPECT_NEAR(energies[4], cycles * 1.0e-9, 1e-15);
  EXPECT_DOUBLE_EQ(energies[0], energies[1]) << "250 MHz are in time: 800 ns of 900";
  for (std::size_t i = 1; i < energies.size(); ++i) EXPECT_LE(energies[i - 1], energies[i] * (1 + 1e-12)) << i;
}

TEST(PowerSpeed, DeadlineTakesTheSlowestPointThatIsInTime) {
  const Platform platform = scaled_platform();
  for (const auto& [deadline, time] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{4000, 4000}, {3999, 2000}, {2000, 2000}, {1999, 1000}}) {
    Managed managed(platform, kOne, governed("deadline", "1 ms"));
    ProgramWriter writer = commands(10, 100);
    managed.bench.add(writer, {ns(500)}, 0, ns(deadline));
    EXPECT_EQ(managed.run().last_end, ns(500 + time)) << deadline;
  }
  Managed managed(platform, kOne, governed("deadline"));
  ProgramWriter writer = commands(10, 100);
  managed.bench.add(writer, {Time()});
  EXPECT_EQ(managed.run().last_end, ns(1000)) << "work without a deadline runs at the fastest point";
}

TEST(PowerSpeed, ALookAheadLeavesRoomForReleasesToCome) {
  const Platform platform = scaled_platform();
  Managed managed(platform, kOne, governed("deadline", "1 ms"));
  ProgramWriter first = commands(20, 100), second = commands(20, 100);
  // Alone the first could take half the clock; but 2000 ns of work come at 2000 ns and are due at the same time.
  managed.bench.add(first, {Time()}, 0, ns(4000));
  managed.bench.add(second, {ns(2000)}, 0, ns(2000));
  const auto run = managed.run(Policy::edf, Preemption::tile);
  EXPECT_EQ(run.last_end, ns(4000));
}

Json hot_node(double throttle) {
  return Json{
      {"nodes", Json{{"soc", Json{{"capacity_j_per_k", 1.0}, {"to_ambient_k_per_w", 1.0}, {"throttle_c", throttle}}}}},
      {"hysteresis_k", 2.0}};
}

/// Busy for 5 ms at 1 GHz; a watt ends at 125 degrees, with a time constant of 100 us.
StreamsRun heat(Managed& managed) {
  managed.notes.k_per_w = 100.0;
  managed.notes.j_per_k = 1e-6;
  ProgramWriter writer = commands(5000, 1000);
  managed.bench.add(writer, {Time()});
  return managed.run();
}

TEST(PowerSpeed, ThrottlingHoldsTheTemperature) {
  const Platform platform = scaled_platform(Json::object(), hot_node(60.0));
  for (const char* kind : {"fixed", "performance", "ondemand"}) {
    Managed managed(platform, kOne, governed(kind, "10 us"));
    const auto run = heat(managed);
    // One period at the fastest point: towards 125 degrees for a tenth of the time constant, and a command's length.
    EXPECT_LE(managed.notes.hottest, 125.0 + (60.0 - 125.0) * std::exp(-11.0 / 100.0)) << kind;
    EXPECT_GE(managed.notes.hottest, 60.0) << kind;
    EXPECT_GT(managed.notes.time("npu", Doing::working, run.last_end, 2), ns(100'000)) << "it recovers";
    EXPECT_TRUE(run.warnings.empty()) << run.warnings.front();
  }
}

TEST(PowerSpeed, WhatCannotThrottleIsSaid) {
  const Platform hot = scaled_platform(Json::object(), hot_node(30.0));
  Managed managed(hot, kOne, governed("fixed", "10 us"));
  EXPECT_THAT(heat(managed).warnings, ElementsAre(HasSubstr("npu stayed above its throttle_c at its slowest")));
  const Platform plain = power_test::platform_of(kOne, Json{{"npu", domain_json(kOne)}}, hot_node(60.0));
  Managed fixed(plain, kOne, governed("fixed", "10 us"));
  fixed.notes.ambient = 70.0;
  EXPECT_THAT(heat(fixed).warnings,
              ElementsAre(AllOf(HasSubstr("npu was above its throttle_c"), HasSubstr("cannot throttle"))));
}

TEST(PowerSpeed, TheCapIsKeptOnceItsPointIsFound) {
  const Platform platform = scaled_platform();
  for (const auto& [cap, point] :
       std::vector<std::pair<const char*, std::size_t>>{{"1.1 W", 2}, {"0.9 W", 1}, {"0.2 W", 0}}) {
    Json how = governed("performance", "10 us");
    how["cap"] = cap;
    Managed managed(platform, kOne, how);
    ProgramWriter writer = commands(1000, 1000);
    managed.bench.add(writer, {Time()});
    const auto run = managed.run();
    // A period for each point that is given up, and the command under way.
    const Time found = ns(12'000) * static_cast<std::int64_t>(2 - point);
    EXPECT_GE(managed.notes.time("npu", Doing::working, run.last_end, point) + found, run.last_end) << cap;
    EXPECT_TRUE(run.warnings.empty()) << run.warnings.front();
  }
}

TEST(PowerSpeed, ACapThatNothingCanKeepIsSaid) {
  const Platform platform = scaled_platform();
  Json how = governed("performance", "10 us");
  how["cap"] = "0.05 W";
  Managed managed(platform, kOne, how);
  ProgramWriter writer = commands(1000, 1000);
  managed.bench.add(writer, {Time()});
  EXPECT_THAT(managed.run().warnings, ElementsAre(HasSubstr("power.cap of 50 mW was not kept")));
}

TEST(PowerSpeed, APlatformAtRestMakesNoEvents) {
  Json idle = Json::array({idle_json("sleep", "1 us", "5 us", "20 us")});
  const Platform platform = scaled_platform(Json{{"idle", idle}}, hot_node(60.0));
  for (const char* kind : {"ondemand", "schedutil", "race_to_idle", "deadline", "performance"}) {
    Json how{{"governor", Json{{"kind", kind}, {"period", "1 us"}}}, {"cap", "0.5 W"}};
    Managed managed(platform, kOne, how);
    ProgramWriter writer = commands(3, 100);
    managed.bench.add(writer, {Time(), Time::from_seconds(Seconds(50.0)), Time::from_seconds(Seconds(100.0))});
    const RunLimits limits{.steps = 20'000};
    EXPECT_EQ(managed.bench.run(Policy::fifo, Preemption::none, limits).end, RunEnd::finished) << kind;
  }
}

std::string refusal(const Json& domains, const Json& how) {
  const Platform platform = power_test::platform_of(kOne, domains);
  try {
    governors_of(power_domains(platform), management(how));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(PowerSpeed, GovernorsThatCannotBeFollowedAreRefused) {
  const auto of = [](const char* domain, const char* kind) {
    return Json{{"domains", Json{{domain, Json{{"kind", kind}}}}}};
  };
  const Json with{{"npu", scaled(kOne)}};
  EXPECT_EQ(refusal(with, of("npu", "ondemand")), "");
  EXPECT_THAT(refusal(with, of("npux", "ondemand")), HasSubstr("no power domain \"npux\""));
  EXPECT_THAT(refusal(with, of("dram", "ondemand")), HasSubstr("has no operating points"));
  EXPECT_EQ(refusal(with, of("dram", "fixed")), "");
  EXPECT_EQ(refusal(with, governed("ondemand")), "") << "for those that have operating points";
  Json off = with;
  off["npu"].erase("clock");
  off["npu"]["opps"].erase(2);
  EXPECT_THAT(refusal(off, governed("schedutil")), HasSubstr("set its `clock` to one of 250 MHz, 500 MHz"));
  EXPECT_EQ(refusal(off, governed("fixed")), "");
}

}  // namespace
}  // namespace chipcast
