// SPDX-License-Identifier: Apache-2.0
#include "tests/component/foreign_memory.h"

#include <gtest/gtest.h>

#include "models/interconnect/model.h"
#include "tests/component/probe.h"

namespace chipcast {
namespace {

using namespace component_test;

/// 64 B per 1 GHz cycle, 10 cycles through the fabric.
interconnect::Config bus_config() {
  interconnect::Config config;
  config.clock = Hertz(1e9);
  config.width = BytesPerCycle(64);
  config.latency = Cycles(10);
  return config;
}

class ForeignMemory : public testing::Test {
 protected:
  static constexpr std::uint64_t kSize = 65536;
  SimulationContext context_;
  TransferLog log_;
  interconnect::Fabric bus_{
      "bus",
      bus_config(),
      {.devices = {"a"}, .sockets = {0}, .memories = {{.name = "memory", .size = kSize, .annotates = true}}},
      log_};
  foreign::Memory memory_{"memory", kSize, sc_core::sc_time(100, sc_core::SC_NS)};

  void SetUp() override { bus_.to_memory(0).bind(memory_.socket); }
};

TEST_F(ForeignMemory, AnswersBehindTheBusWithItsOwnDelay) {
  Master master("master", {{Time(), true, 0, 64}, {ns(500), false, 0, 64}});
  master.socket.bind(bus_.target);
  advance_to(ns(1000));
  ASSERT_EQ(master.status.size(), 2u);
  EXPECT_EQ(master.status[0], tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(master.status[1], tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(master.answered[0], ns(10 + 100));
  EXPECT_EQ(master.answered[1], ns(500 + 10 + 100));
}

TEST_F(ForeignMemory, ServesAnEngineThatSendsNoDataOfItsOwn) {
  const dma::Config config{.outstanding = 16, .burst = Bytes(128), .chunk = Bytes(1024), .port = BytesPerSecond(64e9)};
  Mover mover("mover", config,
              {{.what = {.address = 100, .pattern = dma::contiguous(Bytes(4000))}, .write = false, .op = {}},
               {.what = {.address = 0, .pattern = dma::contiguous(Bytes(1))}, .write = true, .op = {}}});
  mover.socket().bind(bus_.target);
  advance_to(ns(10'000));
  ASSERT_EQ(mover.ended.size(), 2u);
  EXPECT_EQ(memory_.accesses(), 4u + 1u);  // ceil(4000 / 1024), one
}

TEST_F(ForeignMemory, ItsLatencyLimitsAnEngineWithFewBurstsInFlight) {
  const dma::Config config{.outstanding = 2, .burst = Bytes(128), .chunk = Bytes(256), .port = BytesPerSecond(64e9)};
  constexpr std::int64_t kBytes = 25'600;
  Mover mover("mover", config,
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(kBytes))}, .write = false, .op = {}}});
  mover.socket().bind(bus_.target);
  advance_to(ns(100'000));
  // Little's law: 2 x 128 B in flight over a round trip of 10 + 100 ns, less the 4 beats that hide in it.
  const double least_s = kBytes / (2 * 128.0) * 106e-9;
  ASSERT_EQ(mover.ended.size(), 1u);
  EXPECT_GE(mover.ended[0], Time::from_seconds(Seconds(least_s)));
  EXPECT_LE(mover.ended[0], Time::from_seconds(Seconds(least_s)) + ns(2 * 110));
}

}  // namespace
}  // namespace chipcast
