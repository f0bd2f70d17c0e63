// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "models/dram/cost.h"
#include "models/dram/model.h"
#include "tests/component/probe.h"

namespace chipcast {
namespace {

using namespace component_test;

/// 1000 MT/s on 64 pins are 8 GB/s; an eighth of the time is refresh: 7 GB/s. A burst is 64 B.
/// A closed row answers after 8 + 10 + 12 = 30 ns; turning the bus round takes 5 ns.
dram::Config round_numbers() {
  dram::Config config;
  config.mega_transfers_per_second = 1000.0;
  config.data_bits = 64;
  config.burst_length = 8;
  config.channels = 1;
  config.t_rfc = Seconds(125e-9);
  config.t_refi = Seconds(1000e-9);
  config.controller_latency = Seconds(8e-9);
  config.t_rcd = Seconds(10e-9);
  config.t_cl = Seconds(12e-9);
  config.t_turnaround = Seconds(5e-9);
  config.row = Bytes(1024);
  config.banks = 8;
  return config;
}

class DramModel : public testing::Test {
 protected:
  SimulationContext context_;
  TransferLog log_;
  dram::Model memory_{"memory", round_numbers(), log_};
};

TEST_F(DramModel, ReadIsAnsweredAfterServiceAndLatencyAndNotBefore) {
  Master master("master", {{Time(), false, 0, 448}});
  master.socket.bind(memory_.socket);
  const Time expected = ns(64) + ns(30);  // 448 B / 7 GB/s, then the access latency
  advance_to(expected - Time::ps(1));
  EXPECT_TRUE(master.answered.empty());
  advance_to(expected);
  ASSERT_EQ(master.answered.size(), 1u);
  EXPECT_EQ(master.answered[0], expected);
  EXPECT_EQ(master.status[0], tlm::TLM_OK_RESPONSE);
}

TEST_F(DramModel, PartsOfABurstTakeAWholeOne) {
  Master master("master", {{Time(), false, 0, 1}, {ns(500), false, 0, 65}});
  master.socket.bind(memory_.socket);
  advance_to(ns(2000));
  ASSERT_EQ(master.answered.size(), 2u);
  EXPECT_EQ(master.answered[0], Time::ps(9143) + ns(30));             // 64 B / 7 GB/s = 9142.86 ps
  EXPECT_EQ(master.answered[1], ns(500) + Time::ps(18286) + ns(30));  // 128 B
  EXPECT_EQ(log_.events[0].bytes, Bytes(1)) << "what is told is what was asked for";
}

TEST_F(DramModel, DirectionChangeLeavesTheBusIdleForTheTurnaround) {
  // All four arrive while the first is served; 448 B take 64 ns.
  Master a("a", {{ns(0), false, 0, 448}}), b("b", {{ns(1), true, 0, 448}});
  Master c("c", {{ns(2), true, 0, 448}}), d("d", {{ns(3), false, 0, 448}});
  Mux mux("mux");
  for (Master* master : {&a, &b, &c, &d}) master->socket.bind(mux.target);
  mux.memory.bind(memory_.socket);
  advance_to(ns(1000));
  ASSERT_EQ(log_.events.size(), 4u);
  EXPECT_EQ(log_.events[0].begin, ns(0));
  EXPECT_EQ(log_.events[1].begin, ns(64 + 5)) << "read to write";
  EXPECT_EQ(log_.events[2].begin, ns(64 + 5 + 64)) << "write to write: no gap";
  EXPECT_EQ(log_.events[3].begin, ns(64 + 5 + 64 + 64 + 5)) << "write to read";
  EXPECT_EQ(d.answered.at(0), log_.events[3].begin + ns(64) + ns(30));
}

TEST_F(DramModel, TurnaroundIsHiddenByIdleTime) {
  Master master("master", {{ns(0), false, 0, 448}, {ns(200), true, 0, 448}});
  master.socket.bind(memory_.socket);
  advance_to(ns(1000));
  EXPECT_EQ(log_.events.at(1).begin, ns(200));
}

TEST_F(DramModel, FirstTransferTurnsNothingRound) {
  Master master("master", {{ns(0), true, 0, 448}});
  master.socket.bind(memory_.socket);
  advance_to(ns(1000));
  EXPECT_EQ(master.answered.at(0), ns(64) + ns(30));
}

TEST_F(DramModel, BanksHoldTheirRowsOpen) {
  // Rows of 1 KiB over eight banks: row 8 shares its bank with row 0.
  Master master("master", {{ns(0), false, 0, 4096},
                           {ns(0), true, 64, 64},
                           {ns(0), false, 8 * 1024, 64},
                           {ns(0), false, 0, 64},
                           {ns(0), false, 5 * 1024 - 1, 2}});
  master.socket.bind(memory_.socket);
  advance_to(ns(10'000));
  std::vector<double> opened;
  for (const auto& event : log_.events) opened.push_back(event.activates);
  // Rows 0 to 3; row 0 is open; row 8 closes it; row 0 again; row 4 is new, row 5 too.
  EXPECT_EQ(opened, (std::vector<double>{4.0, 0.0, 1.0, 1.0, 2.0}));
}

/// An engine that is never the limit: its port and its bursts in flight carry far more than the memory.
dma::Config greedy_engine() {
  return {.outstanding = 4096, .burst = Bytes(4096), .chunk = Bytes(448), .port = BytesPerSecond(1e14)};
}

TEST_F(DramModel, BackToBackBurstsFlowAtPeakLessRefresh) {
  constexpr std::int64_t kBytes = 448'000;
  Mover mover("mover", greedy_engine(), {{.address = 0, .bytes = Bytes(kBytes), .write = false, .op = {}}});
  mover.socket().bind(memory_.socket);
  advance_to(ns(1'000'000));
  // peak * (1 - tRFC / tREFI) = 8 GB/s * 7 / 8; the last word comes one latency later.
  const double bandwidth = 8e9 * (1.0 - 125.0 / 1000.0);
  EXPECT_EQ(mover.ended.at(0) - ns(30), Time::from_seconds(Seconds(kBytes / bandwidth)));
}

TEST_F(DramModel, TwoInitiatorsNeverGetMoreThanTheChannel) {
  constexpr std::int64_t kBytes = 44'800;
  const dma::Engine::Request read{.address = 0, .bytes = Bytes(kBytes), .write = false, .op = {}};
  Mover left("left", greedy_engine(), {read, read}), right("right", greedy_engine(), {read, read});
  Mux mux("mux");
  left.socket().bind(mux.target);
  right.socket().bind(mux.target);
  mux.memory.bind(memory_.socket);
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
