// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "models/simple_memory/cost.h"
#include "models/simple_memory/model.h"
#include "tests/component/probe.h"

namespace chipcast {
namespace {

using namespace component_test;

/// 7 GB/s; a burst is 64 B. Data come after 30 ns; turning the data path round takes 5 ns.
simple_memory::Config round_numbers() {
  simple_memory::Config config;
  config.bandwidth = BytesPerSecond(7e9);
  config.latency = Seconds(30e-9);
  config.turnaround = Seconds(5e-9);
  return config;
}

class SimpleMemory : public testing::Test {
 protected:
  SimulationContext context_;
  TransferLog log_;
  simple_memory::Model memory_{"memory", round_numbers(), log_};
};

TEST_F(SimpleMemory, ReadIsAnsweredAfterServiceAndLatencyAndNotBefore) {
  Master master("master", {{Time(), false, 0, 448}});
  master.socket.bind(memory_.target());
  const Time expected = ns(64) + ns(30);  // 448 B / 7 GB/s, then the access latency
  advance_to(expected - Time::ps(1));
  EXPECT_TRUE(master.answered.empty());
  advance_to(expected);
  ASSERT_EQ(master.answered.size(), 1u);
  EXPECT_EQ(master.answered[0], expected);
  EXPECT_EQ(master.status[0], tlm::TLM_OK_RESPONSE);
}

TEST_F(SimpleMemory, PartsOfABurstTakeAWholeOne) {
  Master master("master", {{Time(), false, 0, 1}, {ns(500), false, 0, 65}});
  master.socket.bind(memory_.target());
  advance_to(ns(2000));
  ASSERT_EQ(master.answered.size(), 2u);
  EXPECT_EQ(master.answered[0], Time::ps(9143) + ns(30));             // 64 B / 7 GB/s = 9142.86 ps
  EXPECT_EQ(master.answered[1], ns(500) + Time::ps(18286) + ns(30));  // 128 B
  EXPECT_EQ(log_.events[0].bytes, Bytes(1)) << "what is told is what was asked for";
}

TEST_F(SimpleMemory, DirectionChangeLeavesTheBusIdleForTheTurnaround) {
  // All four arrive while the first is served; 448 B take 64 ns.
  Master a("a", {{ns(0), false, 0, 448}}), b("b", {{ns(1), true, 0, 448}});
  Master c("c", {{ns(2), true, 0, 448}}), d("d", {{ns(3), false, 0, 448}});
  Mux mux("mux");
  for (Master* master : {&a, &b, &c, &d}) master->socket.bind(mux.target);
  mux.memory.bind(memory_.target());
  advance_to(ns(1000));
  ASSERT_EQ(log_.events.size(), 4u);
  EXPECT_EQ(log_.events[0].begin, ns(0));
  EXPECT_EQ(log_.events[1].begin, ns(64 + 5)) << "read to write";
  EXPECT_EQ(log_.events[2].begin, ns(64 + 5 + 64)) << "write to write: no gap";
  EXPECT_EQ(log_.events[3].begin, ns(64 + 5 + 64 + 64 + 5)) << "write to read";
  EXPECT_EQ(d.answered.at(0), log_.events[3].begin + ns(64) + ns(30));
}

TEST_F(SimpleMemory, TurnaroundIsHiddenByIdleTime) {
  Master master("master", {{ns(0), false, 0, 448}, {ns(200), true, 0, 448}});
  master.socket.bind(memory_.target());
  advance_to(ns(1000));
  EXPECT_EQ(log_.events.at(1).begin, ns(200));
}

TEST_F(SimpleMemory, FirstTransferTurnsNothingRound) {
  Master master("master", {{ns(0), true, 0, 448}});
  master.socket.bind(memory_.target());
  advance_to(ns(1000));
  EXPECT_EQ(master.answered.at(0), ns(64) + ns(30));
}

/// An engine that is never the limit: its port and its bursts in flight carry far more than the memory.
dma::Config greedy_engine() {
  return {.outstanding = 4096, .burst = Bytes(4096), .chunk = Bytes(448), .port = BytesPerSecond(1e14)};
}

TEST_F(SimpleMemory, BackToBackBurstsFlowAtItsBandwidth) {
  constexpr std::int64_t kBytes = 448'000;
  Mover mover("mover", greedy_engine(),
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(kBytes))}, .write = false, .op = {}}});
  mover.socket().bind(memory_.target());
  advance_to(ns(1'000'000));
  EXPECT_EQ(mover.ended.at(0) - ns(30), Time::from_seconds(Seconds(kBytes / 7e9)));
}

TEST_F(SimpleMemory, TwoInitiatorsNeverGetMoreThanTheChannel) {
  constexpr std::int64_t kBytes = 44'800;
  const dma::Engine::Request read{
      .what = {.address = 0, .pattern = dma::contiguous(Bytes(kBytes))}, .write = false, .op = {}};
  Mover left("left", greedy_engine(), {read, read}), right("right", greedy_engine(), {read, read});
  Mux mux("mux");
  left.socket().bind(mux.target);
  right.socket().bind(mux.target);
  mux.memory.bind(memory_.target());
  advance_to(ns(1'000'000));
  for (std::size_t i = 1; i < log_.events.size(); ++i) {
    ASSERT_GE(log_.events[i].begin, log_.events[i - 1].end) << "one transfer at a time on the data bus";
  }
  const Time end = std::max(left.ended.at(1), right.ended.at(1));
  EXPECT_GE(end, Time::from_seconds(Seconds(4 * kBytes / 7e9)));
  // Work is conserved too: between the two, the channel rests only while both fill their pipelines anew.
  EXPECT_LE(end, Time::from_seconds(Seconds(4 * kBytes / 7e9)) + ns(3 * 30));
  EXPECT_LT(left.ended.at(0), right.ended.at(1)) << "both get their share";
  EXPECT_LT(right.ended.at(0), left.ended.at(1));
}

}  // namespace
}  // namespace chipcast
