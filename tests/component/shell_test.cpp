// SPDX-License-Identifier: Apache-2.0
#include "accelerators/shell/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "models/simple_memory/model.h"
#include "tests/component/probe.h"

namespace chipcast {
namespace {

using namespace component_test;
using testing::HasSubstr;

struct Done {
  std::size_t device;
  EngineKind engine;
  Time begin, end;
};

struct CommandLog final : shell::CommandObserver {
  std::vector<Done> done;
  void on_command(DeviceId device, EngineKind engine, const Command&, Time begin, Time end) override {
    done.push_back({device.index(), engine, begin, end});
  }
};

Command compute(std::uint32_t work) { return {.kind = CommandKind::compute, .work = work}; }
Command load(std::int64_t bytes) { return {.kind = CommandKind::load, .bytes = Bytes(bytes)}; }
Command store(std::int64_t bytes) { return {.kind = CommandKind::store, .bytes = Bytes(bytes)}; }
Command signal(std::size_t semaphore) { return {.kind = CommandKind::signal, .semaphore = SemaphoreId(semaphore)}; }
Command wait(std::size_t semaphore, std::int64_t value) {
  return {.kind = CommandKind::wait, .semaphore = SemaphoreId(semaphore), .value = value};
}

/// The memory is never the limit: it answers at once and 64 B take 1 ns.
simple_memory::Config instant_memory() {
  simple_memory::Config config;
  config.bandwidth = BytesPerSecond(64e9);
  config.latency = Seconds(0.0);
  return config;
}

/// Devices with hand-written queues; their ports carry 1 B per ns, so that bytes are nanoseconds.
class Shell : public testing::Test {
 protected:
  static constexpr std::size_t kSemaphores = 8;
  SimulationContext context_;
  CommandLog log_;
  TransferLog transfers_;
  shell::SemaphoreBank semaphores_{kSemaphores};
  simple_memory::Model memory_{"memory", instant_memory(), transfers_};
  Mux mux_{"mux"};
  std::vector<std::unique_ptr<shell::Engine>> engines_;
  std::vector<std::unique_ptr<DeviceProgram>> programs_;

  void SetUp() override { mux_.memory.bind(memory_.target()); }

  DeviceProgram& device(const std::string& name, std::vector<Cycles> works) {
    programs_.push_back(std::make_unique<DeviceProgram>());
    programs_.back()->device = name;
    for (const Cycles cycles : works) programs_.back()->works.push_back({.cycles = cycles, .macs = {}, .activity = {}});
    return *programs_.back();
  }

  /// Call once the queues are written.
  void build(DeviceProgram& program, Hertz clock) {
    const std::size_t index = engines_.size() / kEnginesPerDevice;
    for (const auto& [kind, kind_name] : enum_names(EngineKind{})) {
      const std::string name = program.device + "_" + std::string(kind_name);
      engines_.push_back(std::make_unique<shell::Engine>(
          name.c_str(),
          shell::Engine::Setup{
              .device = DeviceId(index),
              .kind = kind,
              .program = program,
              .clock = clock,
              .dma = {.outstanding = 64, .burst = Bytes(64), .chunk = Bytes(64), .port = BytesPerSecond(1e9)},
              .semaphores = semaphores_,
              .observer = log_}));
      if (auto* dma = engines_.back()->dma()) dma->socket.bind(mux_.target);
    }
  }

  bool finished() const {
    return std::all_of(engines_.begin(), engines_.end(), [](const auto& engine) { return engine->finished(); });
  }
  void run() {
    EXPECT_EQ(run_until([&] { return finished(); }, {}), RunEnd::finished);
    EXPECT_TRUE(finished());
  }
  std::vector<Done> of(EngineKind kind) const {
    std::vector<Done> out;
    std::copy_if(log_.done.begin(), log_.done.end(), std::back_inserter(out),
                 [kind](const Done& done) { return done.engine == kind; });
    return out;
  }
};

TEST_F(Shell, ComputeEndsOnAClockEdge) {
  auto& npu = device("npu", {Cycles(13), Cycles(1)});
  npu.queue(EngineKind::compute) = {compute(0), compute(1)};
  build(npu, Hertz(1.3e9));
  run();
  ASSERT_EQ(log_.done.size(), 2u);
  EXPECT_EQ(log_.done[0].end, ns(10)) << "13 cycles of 1.3 GHz";
  EXPECT_EQ(log_.done[1].end, Time::ps(10770)) << "edge 14: 14 / 1.3 GHz = 10769.2 ps, rounded up";
}

TEST_F(Shell, CyclesDoNotDrift) {
  auto& npu = device("npu", {Cycles(1'300'001), Cycles(1'299'999)});
  for (int i = 0; i < 500; ++i) {
    npu.queue(EngineKind::compute).push_back(compute(0));
    npu.queue(EngineKind::compute).push_back(compute(1));
  }
  build(npu, Hertz(1.3e9));
  run();
  EXPECT_EQ(now(), Time::ps(1'000'000'000'000)) << "1.3e9 cycles of 1.3 GHz are one second";
}

TEST_F(Shell, ComputeThatIsWokenBetweenEdgesBeginsWithTheNext) {
  auto& host = device("host", {Cycles(1)});
  auto& npu = device("npu", {Cycles(1)});
  host.queue(EngineKind::compute) = {compute(0), signal(0)};
  npu.queue(EngineKind::compute) = {wait(0, 1), compute(0)};
  build(host, Hertz(1e9));
  build(npu, Hertz(1.3e9));
  run();
  ASSERT_EQ(log_.done.size(), 2u);
  EXPECT_EQ(log_.done[1].begin, ns(1));
  // The first edge not before 1000 ps is number 2 (1538.5 ps); the cycle ends with number 3: 2307.7 ps.
  EXPECT_EQ(log_.done[1].end, Time::ps(2308));
}

TEST_F(Shell, WaitsPassInOrderAndOnlyWhenTheCountIsReached) {
  auto& a = device("a", {Cycles(10)});
  auto& b = device("b", {Cycles(1)});
  a.queue(EngineKind::compute) = {compute(0), signal(0), compute(0), signal(0), compute(0), signal(0)};
  b.queue(EngineKind::compute) = {wait(0, 2), compute(0), wait(0, 1), compute(0), wait(0, 3), compute(0)};
  build(a, Hertz(1e9));
  build(b, Hertz(1e9));
  advance_to(ns(20) - Time::ps(1));
  EXPECT_EQ(of(EngineKind::compute).size(), 1u) << "b has not started";
  run();
  std::vector<Time> begins;
  for (const auto& done : log_.done) {
    if (done.device == 1) begins.push_back(done.begin);
  }
  // The second signal comes at 20 ns; a count once reached stays reached; the third comes at 30 ns.
  EXPECT_EQ(begins, (std::vector<Time>{ns(20), ns(21), ns(30)}));
}

TEST_F(Shell, OneSignalWakesAllWhoWait) {
  auto& a = device("a", {Cycles(5)});
  auto& b = device("b", {Cycles(1)});
  auto& c = device("c", {Cycles(1)});
  a.queue(EngineKind::compute) = {compute(0), signal(3)};
  b.queue(EngineKind::compute) = {wait(3, 1), compute(0)};
  c.queue(EngineKind::compute) = {wait(3, 1), compute(0)};
  for (auto* program : {&a, &b, &c}) build(*program, Hertz(1e9));
  run();
  EXPECT_EQ(log_.done[1].begin, ns(5));
  EXPECT_EQ(log_.done[2].begin, ns(5));
}

TEST_F(Shell, DoubleBufferingHidesLoadsBehindCompute) {
  // Four tiles: load 64 ns, compute 100 ns, store 64 ns. Loads run at most two tiles ahead.
  auto& npu = device("npu", {Cycles(100)});
  constexpr std::size_t kLoaded = 0, kComputed = 1, kStored = 2;
  for (std::int64_t tile = 0; tile < 4; ++tile) {
    auto& loads = npu.queue(EngineKind::load);
    auto& computes = npu.queue(EngineKind::compute);
    auto& stores = npu.queue(EngineKind::store);
    if (tile >= 2) loads.push_back(wait(kComputed, tile - 1));
    loads.insert(loads.end(), {load(64), signal(kLoaded)});
    computes.push_back(wait(kLoaded, tile + 1));
    if (tile >= 2) computes.push_back(wait(kStored, tile - 1));
    computes.insert(computes.end(), {compute(0), signal(kComputed)});
    stores.insert(stores.end(), {wait(kComputed, tile + 1), store(64), signal(kStored)});
  }
  build(npu, Hertz(1e9));
  run();
  const auto loads = of(EngineKind::load), computes = of(EngineKind::compute), stores = of(EngineKind::store);
  ASSERT_EQ(loads.size(), 4u);
  EXPECT_EQ(loads[1].begin, ns(64)) << "the second half is free";
  EXPECT_EQ(loads[2].begin, ns(64 + 100)) << "the first half is free when the first tile has been computed";
  for (std::size_t tile = 0; tile < 4; ++tile) {
    EXPECT_EQ(computes[tile].begin, ns(64 + 100 * static_cast<std::int64_t>(tile))) << "without a gap";
    EXPECT_EQ(stores[tile].begin, computes[tile].end);
  }
  EXPECT_EQ(stores.back().end, ns(64 + 4 * 100 + 64)) << "first load + computes + last store";
}

TEST_F(Shell, EmptyQueuesAreFinished) {
  build(device("idle", {}), Hertz(1e9));
  run();
  EXPECT_EQ(now(), Time());
  EXPECT_TRUE(log_.done.empty());
}

TEST_F(Shell, ComputeOfNoCyclesTakesNoTime) {
  auto& npu = device("npu", {Cycles(0)});
  npu.queue(EngineKind::compute) = {compute(0), compute(0)};
  build(npu, Hertz(1e9));
  run();
  ASSERT_EQ(log_.done.size(), 2u);
  EXPECT_EQ(log_.done[1].end, Time());
}

TEST_F(Shell, DeadlockLeavesTheWaitingEnginesWithTheirReasons) {
  auto& npu = device("npu0", {Cycles(1)});
  auto& cpu = device("a76", {Cycles(1)});
  npu.queue(EngineKind::compute) = {compute(0), signal(1), wait(2, 4), compute(0)};
  npu.queue(EngineKind::store) = {wait(1, 2), store(64)};
  cpu.queue(EngineKind::compute) = {compute(0), signal(2)};
  build(npu, Hertz(1e9));
  build(cpu, Hertz(1e9));
  EXPECT_EQ(run_until([&] { return finished(); }, {}), RunEnd::finished) << "no event is left";
  EXPECT_FALSE(finished());
  EXPECT_EQ(engines_[1]->state(), "npu0.compute waits for semaphore 2 to reach 4, it is at 1 (command 2 of 4)");
  EXPECT_EQ(engines_[2]->state(), "npu0.store waits for semaphore 1 to reach 2, it is at 1 (command 0 of 2)");
  EXPECT_EQ(engines_[4]->state(), "a76.compute has finished");
}

TEST_F(Shell, AnEngineAtWorkSaysAtWhat) {
  auto& npu = device("npu0", {Cycles(1000)});
  npu.queue(EngineKind::compute) = {compute(0)};
  npu.queue(EngineKind::load) = {load(4096)};
  build(npu, Hertz(1e9));
  advance_to(ns(100));
  EXPECT_THAT(engines_[0]->state(), HasSubstr("npu0.load is in a load (command 0 of 1)"));
  EXPECT_THAT(engines_[1]->state(), HasSubstr("npu0.compute is in a compute (command 0 of 1)"));
}

}  // namespace
}  // namespace chipcast
