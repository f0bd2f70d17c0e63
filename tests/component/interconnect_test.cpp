// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "models/interconnect/model.h"
#include "tests/component/foreign_memory.h"
#include "tests/component/probe.h"

namespace chipcast {
namespace {

using namespace component_test;

/// 16 B per cycle of 500 MHz: a beat takes 2 ns. 5 cycles through the fabric: 10 ns.
interconnect::Config bus_config() {
  interconnect::Config config;
  config.clock = Hertz(500e6);
  config.width = BytesPerCycle(16);
  config.latency = Cycles(5);
  return config;
}

/// Two memories that answer at once: 4 KiB from 0, 8 KiB from 64 KiB.
class BusModel : public testing::Test {
 protected:
  SimulationContext context_;
  TransferLog log_;
  interconnect::Fabric bus_{"bus",
                            bus_config(),
                            {.devices = {"a", "b", "c", "d"},
                             .sockets = {0, 1, 2, 3},
                             .memories = {{.name = "low", .base = 0, .size = 4096, .annotates = true},
                                          {.name = "high", .base = 0x10000, .size = 8192, .annotates = true}}},
                            log_};
  foreign::Memory low_{"low", 4096, sc_core::SC_ZERO_TIME}, high_{"high", 8192, sc_core::SC_ZERO_TIME};

  void SetUp() override {
    bus_.to_memory(0).bind(low_.socket);
    bus_.to_memory(1).bind(high_.socket);
  }
};

TEST_F(BusModel, WholeBeatsThenTheLatency) {
  Master master("master",
                {{ns(0), false, 0, 1}, {ns(100), false, 0, 16}, {ns(200), false, 0, 17}, {ns(300), true, 0, 64}});
  master.socket.bind(bus_.target);
  advance_to(ns(1000));
  ASSERT_EQ(master.answered.size(), 4u);
  EXPECT_EQ(master.answered[0], ns(0 + 1 * 2 + 10));
  EXPECT_EQ(master.answered[1], ns(100 + 1 * 2 + 10));
  EXPECT_EQ(master.answered[2], ns(200 + 2 * 2 + 10)) << "17 B are two beats of 16";
  EXPECT_EQ(master.answered[3], ns(300 + 4 * 2 + 10));
}

TEST_F(BusModel, NotBeforeItsTime) {
  Master master("master", {{ns(0), false, 0, 64}});
  master.socket.bind(bus_.target);
  advance_to(ns(4 * 2 + 10) - Time::ps(1));
  EXPECT_TRUE(master.answered.empty());
  advance_to(ns(4 * 2 + 10));
  EXPECT_EQ(master.answered.size(), 1u);
}

TEST_F(BusModel, AddressesChooseTheMemoryAndReachItFromZero) {
  Master master("master", {{ns(0), false, 0x10000 + 8191, 1}, {ns(50), false, 4095, 1}});
  master.socket.bind(bus_.target);
  advance_to(ns(1000));
  // The last byte of each is inside: the foreign memory checks its own range.
  EXPECT_EQ(master.status.at(0), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(master.status.at(1), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(high_.accesses(), 1u);
  EXPECT_EQ(low_.accesses(), 1u);
}

TEST_F(BusModel, AddressOutsideEveryMemoryIsAnAddressError) {
  Master master("master", {{ns(0), false, 4096, 1}, {ns(1), false, 0xffff, 1}, {ns(2), true, 0x12000, 1}});
  master.socket.bind(bus_.target);
  advance_to(ns(1000));
  ASSERT_EQ(master.status.size(), 3u);
  for (const auto status : master.status) EXPECT_EQ(status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_TRUE(log_.events.empty()) << "nothing was moved";
}

TEST_F(BusModel, TransferAcrossTheEndOfAMemoryIsAnAddressError) {
  Master master("master", {{ns(0), false, 4090, 16}, {ns(1), false, 0xfff8, 16}});
  master.socket.bind(bus_.target);
  advance_to(ns(1000));
  for (const auto status : master.status) EXPECT_EQ(status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_TRUE(log_.events.empty());
}

TEST_F(BusModel, FirstComeFirstServed) {
  // 160 B hold the bus for 20 ns; b and c queue behind a in the order in which they come, d finds it free.
  Master a("a", {{ns(0), false, 0, 160}}), c("c", {{ns(2), false, 0x10000, 48}}), b("b", {{ns(1), true, 0, 32}});
  Master d("d", {{ns(100), false, 0, 16}});
  for (Master* master : {&c, &d, &a, &b}) master->socket.bind(bus_.target);
  advance_to(ns(1000));
  ASSERT_EQ(log_.events.size(), 4u);
  EXPECT_EQ(log_.events[0].bytes, Bytes(160));
  EXPECT_EQ(log_.events[0].begin, ns(0));
  EXPECT_EQ(log_.events[0].end, ns(20));
  EXPECT_EQ(log_.events[1].bytes, Bytes(32));
  EXPECT_TRUE(log_.events[1].write);
  EXPECT_EQ(log_.events[1].begin, ns(20));
  EXPECT_EQ(log_.events[2].bytes, Bytes(48));
  EXPECT_EQ(log_.events[2].begin, ns(20 + 4)) << "the bus is shared also where the memories differ";
  EXPECT_EQ(log_.events[3].begin, ns(100));
  EXPECT_EQ(c.answered.at(0), ns(20 + 4 + 6 + 10));
}

TEST_F(BusModel, MemoryAndBusOverlap) {
  // Cut-through: a memory that answers 100 ns after the first beat hides the beats that follow.
  foreign::Memory slow("slow", 4096, sc_core::sc_time(100, sc_core::SC_NS));
  TransferLog log;
  interconnect::Fabric bus("other", bus_config(),
                           {.devices = {"far"}, .sockets = {0}, .memories = {{.name = "slow", .size = 4096}}}, log);
  bus.to_memory(0).bind(slow.socket);
  Master near("near", {{ns(0), false, 0x10000, 16}}), far("far", {{ns(0), false, 0, 160}});
  near.socket.bind(bus_.target);
  far.socket.bind(bus.target);
  advance_to(ns(1000));
  EXPECT_EQ(far.answered.at(0), ns(10 + 100)) << "the 20 ns of its 10 beats are inside";
}

}  // namespace
}  // namespace chipcast
