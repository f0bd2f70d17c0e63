// SPDX-License-Identifier: Apache-2.0
#include "platform/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/check.h"

namespace chipcast {
namespace {

using testing::HasSubstr;

Platform two_cores() {
  const Json core{{"type", "npu"}, {"clock", "1 GHz"}};
  return Platform::from_json(Json{{"name", "test"},
                                  {"memories", Json{{"dram", Json{{"type", "simple"}}}}},
                                  {"devices", Json{{"left", core}, {"right", core}}}},
                             "test", {});
}

Program empty_program() {
  Program program;
  program.semaphores = 6;
  program.placements.push_back({.op = "op", .label = "conv"});
  for (const char* name : {"left", "right"}) {
    DeviceProgram device;
    device.device = name;
    device.works.push_back({.cycles = Cycles(1000), .macs = {}, .activity = {}});
    program.devices.push_back(std::move(device));
  }
  return program;
}

MachineResult run(const Platform& platform, const Program& program, const RunLimits& limits = {},
                  const std::function<bool(Time)>& poll = {}) {
  Recorder recorder(platform, program);
  return execute(platform, program, recorder, limits, poll);
}

TEST(Machine, ADeadlockNamesWhoWaitsForWhat) {
  const Platform platform = two_cores();
  Program program = empty_program();
  // Each waits for the other to go first.
  program.devices[0].queue(EngineKind::compute) = {{.kind = CommandKind::wait, .semaphore = SemaphoreId(1), .value = 1},
                                                   {.kind = CommandKind::signal, .semaphore = SemaphoreId(0)}};
  program.devices[1].queue(EngineKind::compute) = {{.kind = CommandKind::wait, .semaphore = SemaphoreId(0), .value = 1},
                                                   {.kind = CommandKind::signal, .semaphore = SemaphoreId(1)}};
  const MachineResult result = run(platform, program);
  EXPECT_EQ(result.end, RunEnd::finished);
  EXPECT_EQ(result.stuck,
            "left.compute waits for semaphore 1 to reach 1, it is at 0 (command 0 of 2); "
            "right.compute waits for semaphore 0 to reach 1, it is at 0 (command 0 of 2)");
}

TEST(Machine, AFinishedProgramIsNotStuck) {
  const Platform platform = two_cores();
  Program program = empty_program();
  program.devices[1].queue(EngineKind::compute) = {{.kind = CommandKind::compute}};
  const MachineResult result = run(platform, program);
  EXPECT_EQ(result.stuck, "");
  EXPECT_EQ(result.latency, Time::ps(1'000'000)) << "1000 cycles of 1 GHz";
}

TEST(Machine, AnAddressThatNoMemoryHasIsABugOfTheProgram) {
  const Platform platform = two_cores();
  Program program = empty_program();
  program.devices[0].queue(EngineKind::load) = {
      {.kind = CommandKind::load, .address = std::uint64_t{1} << 40, .bytes = Bytes(64)}};
  EXPECT_THROW(run(platform, program), InvariantError);
  program.devices[0].queue(EngineKind::load).clear();
  EXPECT_EQ(run(platform, program).stuck, "") << "the next run is intact";
}

TEST(Machine, ARunThatIsCutShortNamesWhoWaitsForWhichMemory) {
  Json json{{"name", "test"},
            {"memories", Json{{"slow", Json{{"type", "simple"}, {"bandwidth", "1 kB/s"}}}}},
            {"devices", Json{{"left", Json{{"type", "npu"}}}, {"right", Json{{"type", "npu"}}}}}};
  const Platform platform = Platform::from_json(json, "test", {});
  Program program = empty_program();
  for (auto& device : program.devices) {
    device.queue(EngineKind::load) = {{.kind = CommandKind::load, .bytes = Bytes(64)}};
  }
  const MachineResult result = run(platform, program, {.simulated = Time::ps(1'000'000'000)});
  EXPECT_EQ(result.end, RunEnd::simulated_time);
  EXPECT_THAT(result.stuck, HasSubstr("left.load is in a load (command 0 of 1); right.load is in a load"));
  EXPECT_THAT(result.stuck, HasSubstr("right waits for slow (1 transfer)"));
}

TEST(Machine, LimitsAndCancellationEndTheRunAndTellWhereItStood) {
  const Platform platform = two_cores();
  Program program = empty_program();
  program.devices[0].works[0].cycles = Cycles(1'000'000'000);  // one second
  program.devices[0].queue(EngineKind::compute) = {{.kind = CommandKind::compute}};
  const MachineResult late = run(platform, program, {.simulated = Time::ps(500'000'000'000)});
  EXPECT_EQ(late.end, RunEnd::simulated_time);
  EXPECT_THAT(late.stuck, HasSubstr("left.compute is in a compute (command 0 of 1)"));
  const MachineResult cancelled = run(platform, program, {}, [](Time) { return false; });
  EXPECT_EQ(cancelled.end, RunEnd::cancelled);
  EXPECT_EQ(run(platform, program).latency, Time::ps(1'000'000'000'000));
}

}  // namespace
}  // namespace chipcast
