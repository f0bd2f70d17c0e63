// SPDX-License-Identifier: Apache-2.0
// Where nothing is shared, the analytic tier and the simulation agree to the picosecond, as long as the memory is
// always as fast as its bounds. A DRAM is not: rows, refresh and turnarounds make it slower.
#include <gtest/gtest.h>

#include "platform/analytic.h"
#include "platform/machine.h"
#include "sim/base/check.h"
#include "tests/system/random_graph.h"
#include "tests/system/support.h"

namespace chipcast {
namespace {

using namespace system_test;

Time simulated(const Platform& platform, const Program& program) {
  Recorder recorder(platform, program);
  const MachineResult result = execute(platform, program, recorder, {});
  EXPECT_EQ(result.stuck, "");
  return result.latency;
}

/// A bundled platform with a memory of fixed bandwidth and latency.
std::shared_ptr<const Platform> with_simple_memory(const std::string& name,
                                                   const std::vector<std::string>& overrides = {}) {
  Json json = bundled(name)->to_json();
  json["memories"] = Json{{"memory", Json{{"type", "simple"}, {"bandwidth", "14.9 GB/s"}, {"latency", "95 ns"}}}};
  json.erase("power");  // its domains name the memory that was there
  return std::make_shared<const Platform>(Platform::from_json(json, name, {}, overrides));
}

/// Writes programs by hand: devices in turn, one command at a time over the whole chip.
class SerialProgram {
 public:
  explicit SerialProgram(const Platform& platform) {
    program_.placements.push_back({.op = "op", .label = "conv"});
    program_.memory_footprint = Bytes(1 << 20);
    for (const auto& device : platform.devices()) {
      DeviceProgram entry;
      entry.device = device.name;
      program_.devices.push_back(std::move(entry));
    }
  }

  void compute(std::size_t device, Cycles cycles) {
    auto& works = program_.devices[device].works;
    works.push_back({.cycles = cycles, .macs = {}, .activity = {}});
    add(device, EngineKind::compute,
        {.kind = CommandKind::compute, .work = static_cast<std::uint32_t>(works.size() - 1)});
  }
  void load(std::size_t device, std::int64_t bytes) {
    add(device, EngineKind::load, {.kind = CommandKind::load, .bytes = Bytes(bytes)});
  }
  void store(std::size_t device, std::int64_t bytes) {
    add(device, EngineKind::store, {.kind = CommandKind::store, .bytes = Bytes(bytes)});
  }
  Program finish() const {
    Program program = program_;
    program.semaphores = steps_;
    return program;
  }

 private:
  /// Each command has a semaphore of its own and waits for the one before it.
  void add(std::size_t device, EngineKind kind, const Command& command) {
    auto& queue = program_.devices[device].queue(kind);
    if (steps_ > 0) {
      queue.push_back({.kind = CommandKind::wait, .semaphore = SemaphoreId(steps_ - 1), .value = 1});
    }
    queue.push_back(command);
    queue.push_back({.kind = CommandKind::signal, .semaphore = SemaphoreId(steps_)});
    ++steps_;
  }

  Program program_;
  std::size_t steps_ = 0;
};

TEST(WhereNothingIsShared, OneDeviceInTurnIsExact) {
  for (const auto& name : platforms_of_each_kind()) {
    SCOPED_TRACE(name);
    const auto platform = with_simple_memory(name);
    SerialProgram serial(*platform);
    for (const std::int64_t bytes : {1, 4095, 4096, 4097, 100'000}) {
      serial.load(0, bytes);
      serial.compute(0, Cycles(bytes));
      serial.store(0, bytes);
    }
    const Program program = serial.finish();
    EXPECT_EQ(simulated(*platform, program), analytic_latency(*platform, program));
  }
}

TEST(WhereNothingIsShared, RandomSerialProgramsAreExact) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    Json json = random_platform(dice);
    // The bus may turn round between a store and a load that follow each other at once.
    json["memories"]["dram"] = random_simple_memory(dice);
    json["memories"]["dram"]["turnaround"] = "0 ns";
    json.erase("system_cache");
    const Platform platform = Platform::from_json(json, "random", {});
    SerialProgram serial(platform);
    const auto devices = static_cast<std::int64_t>(platform.devices().size());
    for (int i = 0; i < 40; ++i) {
      const auto device = static_cast<std::size_t>(dice.roll(0, devices - 1));
      switch (dice.roll(0, 2)) {
        case 0:
          serial.compute(device, Cycles(dice.roll(0, 5000)));
          break;
        case 1:
          serial.load(device, dice.roll(1, 20'000));
          break;
        default:
          serial.store(device, dice.roll(1, 20'000));
      }
    }
    const Program program = serial.finish();
    EXPECT_EQ(simulated(platform, program), analytic_latency(platform, program));
  }
}

TEST(WhereNothingIsShared, NetworkOfOneTileIsExact) {
  int exact = 0;
  for (const auto& name : platforms_of_each_kind()) {
    for (const DType dtype : {DType::int8, DType::fp32}) {
      SCOPED_TRACE(name + " in " + std::string(name_of(dtype)));
      try {
        Simulation simulation(with_simple_memory(name), one_conv(3, 4, 1, dtype), {});
        if (simulation.program().placements.at(0).tiles != 1) continue;  // a device that cuts as it likes
        const Report report = simulation.run();
        EXPECT_EQ(report.totals.latency_s, report.analytic.latency_s);
        ++exact;
      } catch (const InputError& error) {
        EXPECT_TRUE(is_a_refusal(error.what())) << error.what();
      }
    }
  }
  EXPECT_GE(exact, 4);
}

TEST(WhereSomethingIsShared, TheSimulationIsSlower) {
  // Two devices load at the same time; each alone would take all of the memory.
  const auto platform =
      with_simple_memory("rk3588", {"npu0.dma.outstanding=512", "npu0.dma.port=100 GB/s", "npu1.dma.outstanding=512",
                                    "npu1.dma.port=100 GB/s", "interconnect.ports={}"});
  Program program = SerialProgram(*platform).finish();
  for (const std::size_t device : {0u, 1u}) {
    program.devices[device].queue(EngineKind::load).push_back({.kind = CommandKind::load, .bytes = Bytes(1 << 20)});
  }
  const double analytic = analytic_latency(*platform, program).seconds().count();
  EXPECT_NEAR(simulated(*platform, program).seconds().count() / analytic, 2.0, 0.02);
}

}  // namespace
}  // namespace chipcast
