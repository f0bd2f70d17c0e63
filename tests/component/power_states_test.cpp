// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/power/idle.h"
#include "platform/power/standing.h"
#include "tests/component/power_support.h"

// Domains fall asleep and wake up to the picosecond.
namespace chipcast {
namespace {

using namespace power_test;

const std::vector<std::string> kOne{"npu"}, kTwo{"left", "right"};

ProgramWriter work(std::int64_t cycles, const std::vector<std::string>& devices = kOne, std::size_t device = 0) {
  ProgramWriter writer(devices);
  writer.compute(device, cycles);
  return writer;
}

Json sleeping(const char* entry, const char* exit, const char* min_residency = "1 ns") {
  return domain_json(kOne, Json{{"idle", Json::array({idle_json("sleep", entry, exit, min_residency)})}});
}

TEST(PowerStates, ADomainWakesAfterItsExitLatencyAndNotBefore) {
  const Platform platform = platform_of(kOne, Json{{"npu", sleeping("10 ns", "50 ns")}});
  Managed managed(platform, kOne, Json{{"governor", Json{{"idle", "deepest"}}}});
  ProgramWriter writer = work(100);
  managed.bench.add(writer, {ns(1000)});
  const auto run = managed.run();
  EXPECT_EQ(run.jobs[0].began, ns(1050));
  EXPECT_EQ(run.jobs[0].ended, ns(1150));
  const Notes& notes = managed.notes;
  EXPECT_EQ(notes.began("npu", Doing::waiting), Time());
  EXPECT_EQ(notes.began("npu", Doing::entering), Time::ps(1)) << "work may come at the same instant";
  EXPECT_EQ(notes.began("npu", Doing::idle), ns(10) + Time::ps(1));
  EXPECT_EQ(notes.began("npu", Doing::leaving), ns(1000));
  EXPECT_EQ(notes.began("npu", Doing::working), ns(1050));
}

TEST(PowerStates, WorkThatComesWhileItFallsAsleepWaitsForBothWays) {
  const Platform platform = platform_of(kOne, Json{{"npu", sleeping("400 ns", "50 ns")}});
  Managed managed(platform, kOne, Json{{"governor", Json{{"idle", "deepest"}}}});
  ProgramWriter writer = work(100);
  managed.bench.add(writer, {ns(100)});
  EXPECT_EQ(managed.run().jobs[0].began, ns(400 + 50) + Time::ps(1));
}

TEST(PowerStates, TheLadderIsClimbedAtItsTimes) {
  const Json idle = Json::array(
      {idle_json("nap", "5 ns", "10 ns", "100 ns", 0.5), idle_json("sleep", "20 ns", "50 ns", "700 ns", 0.0)});
  const Platform platform = platform_of(kOne, Json{{"npu", domain_json(kOne, Json{{"idle", idle}})}});
  Managed managed(platform, kOne, Json{{"governor", Json{{"idle", "ladder"}}}});
  ProgramWriter writer = work(100);
  managed.bench.add(writer, {Time(), ns(3000)});
  const auto run = managed.run();
  const std::size_t index = managed.notes.index("npu");
  const auto rungs =
      power::ladder_times(managed.domains[index].config.idle, standing_power(platform, managed.domains)[index]);
  const Time rest = ns(100);
  EXPECT_EQ(managed.notes.began("npu", Doing::entering, 0), rest + Time::from_seconds(rungs[0]));
  EXPECT_EQ(managed.notes.began("npu", Doing::entering, 1), rest + Time::from_seconds(rungs[1]));
  EXPECT_EQ(run.jobs[1].began, ns(3050)) << "out of the deeper one";
}

TEST(PowerStates, MenuHidesTheExitBeforeAKnownRelease) {
  const Platform platform = platform_of(kOne, Json{{"npu", sleeping("10 ns", "50 ns")}});
  for (const bool foreseen : {true, false}) {
    Managed managed(platform, kOne, Json{{"governor", Json{{"idle", "menu"}}}});
    ProgramWriter writer = work(100);
    managed.bench.add(writer, {ns(0), ns(1000), ns(2000), ns(2120)}).foreseen = foreseen;
    const auto run = managed.run();
    const Time late = foreseen ? Time() : ns(50);
    EXPECT_EQ(run.jobs[1].began - run.jobs[1].released, late);
    EXPECT_EQ(run.jobs[2].began - run.jobs[2].released, late);
    if (!foreseen) continue;
    EXPECT_EQ(managed.notes.began("npu", Doing::entering), ns(100) + Time::ps(1));
    EXPECT_EQ(managed.notes.began("npu", Doing::leaving), ns(950));
    EXPECT_EQ(managed.notes.began("npu", Doing::entering, 2), Time::ps(-1)) << "20 ns do not pay";
  }
}

TEST(PowerStates, NoneNeverSleeps) {
  const Platform platform = platform_of(kOne, Json{{"npu", sleeping("10 ns", "50 ns")}});
  Managed managed(platform, kOne, Json{{"governor", Json{{"idle", "none"}}}});
  ProgramWriter writer = work(100);
  managed.bench.add(writer, {ns(5000)});
  EXPECT_EQ(managed.run().jobs[0].began, ns(5000));
  EXPECT_EQ(managed.notes.began("npu", Doing::entering), Time::ps(-1));
}

TEST(PowerStates, MemoryWakesBesideTheDeviceAndTheSlowerOneCounts) {
  const auto idle = [](const char* exit) { return Json::array({idle_json("sleep", "1 ns", exit, "2 ns")}); };
  for (const auto& [device, memory] :
       std::vector<std::pair<const char*, const char*>>{{"50 ns", "80 ns"}, {"80 ns", "50 ns"}}) {
    const Platform platform = platform_of(kOne, Json{{"npu", domain_json({"npu"}, Json{{"idle", idle(device)}})},
                                                     {"ram", domain_json({"dram"}, Json{{"idle", idle(memory)}})}});
    Managed managed(platform, kOne, Json{{"governor", Json{{"idle", "deepest"}}}});
    ProgramWriter writer = work(100);
    managed.bench.add(writer, {ns(1000)});
    EXPECT_EQ(managed.run().jobs[0].began, ns(1080));
    EXPECT_EQ(managed.notes.began("npu", Doing::working), ns(1080));
    EXPECT_EQ(managed.notes.began("ram", Doing::working), ns(1080));
  }
}

TEST(PowerStates, EachDomainWakesWhenItsCommandsCome) {
  const auto idle = Json::array({idle_json("sleep", "1 ns", "30 ns", "2 ns")});
  const Platform platform = platform_of(kTwo, Json{{"l", domain_json({"left"}, Json{{"idle", idle}})},
                                                   {"r", domain_json({"right"}, Json{{"idle", idle}})}});
  ProgramWriter writer(kTwo);
  writer.op().tile(0, {.weights = 0, .input = 64, .cycles = 1000, .output = 64});
  writer.op().after(1, 0).tile(1, {.weights = 0, .input = 64, .cycles = 1000, .output = 64});
  Managed managed(platform, kTwo, Json{{"governor", Json{{"idle", "deepest"}}}});
  managed.bench.add(writer, {ns(500)});
  const auto run = managed.run();
  const Time stored = ns(500 + 30 + 64 + 1000 + 64);
  EXPECT_EQ(managed.notes.began("l", Doing::leaving), ns(500));
  EXPECT_EQ(managed.notes.began("r", Doing::leaving), stored);
  EXPECT_EQ(run.jobs[0].ended, stored + ns(30 + 64 + 1000 + 64));
  EXPECT_EQ(managed.notes.began("l", Doing::entering, 1), stored + Time::ps(1));
}

TEST(PowerStates, WhatIsAlwaysOnNeverSleeps) {
  const auto idle = Json::array({idle_json("sleep", "1 ns", "30 ns", "2 ns")});
  const Platform platform = platform_of(
      kOne,
      Json{{"aon", domain_json({"npu", "always_on"}, Json{{"idle", idle}})},
           {"gpu", domain_json({"gpu"}, Json{{"idle", idle}})},
           {"codec", domain_json({"codec"}, Json{{"idle", idle}})}},
      Json::object(),
      Json{{"loads", Json{{"gpu", Json{{"full", "1 W"}, {"level", 0.5}}}, {"codec", Json{{"full", "1 W"}}}}}});
  Managed managed(platform, kOne, Json{{"governor", Json{{"idle", "deepest"}}}});
  ProgramWriter writer = work(100);
  managed.bench.add(writer, {ns(1000)});
  const auto run = managed.run();
  EXPECT_EQ(run.jobs[0].began, ns(1000));
  EXPECT_EQ(managed.notes.time("aon", Doing::waiting, run.last_end), ns(1000));
  EXPECT_EQ(managed.notes.time("gpu", Doing::working, run.last_end), run.last_end);
  EXPECT_EQ(managed.notes.began("codec", Doing::idle), ns(1) + Time::ps(1)) << "nobody uses it";
}

TEST(PowerStates, AManagerWithNothingToManageChangesNothing) {
  const Platform plain = dispatch_test::platform_of(kTwo);
  const auto run = [&](bool manage) {
    Bench bench(plain, kTwo);
    ProgramWriter there(kTwo), back(kTwo);
    for (int round = 0; round < 5; ++round) {
      there.op().after(0, 1).tile(0, {.weights = 64, .input = 64, .cycles = 50, .output = 64});
      there.op().after(1, 0).tile(1, {.weights = 64, .input = 64, .cycles = 37, .output = 64});
      back.op().after(1, 0).tile(1, {.weights = 64, .input = 96, .cycles = 50, .output = 64});
      back.op().after(0, 1).tile(0, {.weights = 64, .input = 64, .cycles = 71, .output = 64});
    }
    bench.add(there, std::vector<Time>(8));
    bench.add(back, {ns(0), ns(133), ns(1000), ns(2500), ns(2500)}, 1);
    const auto domains = power_domains(plain);
    const power::Management rules;
    Notes notes(domains);
    if (manage) bench.manage({.domains = domains, .management = rules, .observer = &notes});
    const auto result = bench.run(Policy::fixed_priority, Preemption::tile);
    std::vector<Time> out{result.last_end};
    for (const auto& job : result.jobs) out.insert(out.end(), {job.began, job.ended});
    for (const auto& device : result.devices) out.push_back(device.busy);
    if (manage) {
      for (std::size_t d = 0; d < 2; ++d) {
        EXPECT_EQ(notes.time(kTwo[d], Doing::working, result.last_end), result.devices[d].busy);
        EXPECT_EQ(notes.time(kTwo[d], Doing::waiting, result.last_end), result.last_end - result.devices[d].busy);
      }
    }
    return out;
  };
  EXPECT_EQ(run(false), run(true));
}

}  // namespace
}  // namespace chipcast
