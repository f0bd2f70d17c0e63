// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/cache/model.h"
#include "models/dram/model.h"
#include "models/simple_memory/model.h"
#include "tests/component/foreign_at.h"
#include "tests/component/probe.h"

namespace chipcast {
namespace {

using namespace component_test;
using testing::IsEmpty;

/// 4 KiB in lines of 64 B, 64 B a nanosecond, 10 ns to a hit.
cache::Config small_cache() {
  cache::Config config;
  config.capacity = Bytes(4096);
  config.ways = 4;
  config.clock = Hertz(1e9);
  config.latency = Cycles(10);
  return config;
}

/// 64 B take 8 ns, 100 ns under way.
simple_memory::Config far_memory() {
  simple_memory::Config config;
  config.bandwidth = BytesPerSecond(8e9);
  config.latency = Seconds(100e-9);
  return config;
}

class CacheModel : public testing::Test {
 protected:
  SimulationContext context_;
  TransferLog log_, memory_log_;
  cache::Model cache_{"cache", small_cache(), log_};
  simple_memory::Model memory_{"memory", far_memory(), memory_log_};
  void SetUp() override { cache_.memory.bind(memory_.target()); }

  Bytes moved(bool write) const {
    Bytes sum;
    for (const auto& event : memory_log_.events) {
      if (event.write == write) sum += event.bytes;
    }
    return sum;
  }
};

TEST_F(CacheModel, AMissPaysTheCacheAndTheMemoryAHitTheCacheAlone) {
  Master master("master", {{ns(0), false, 0, 64}, {ns(1000), false, 0, 64}, {ns(2000), false, 32, 8}});
  master.socket.bind(cache_.target);
  advance_to(ns(10 + 8 + 100) - Time::ps(1));
  EXPECT_TRUE(master.answered.empty());
  advance_to(ns(5000));
  ASSERT_EQ(master.answered.size(), 3u);
  EXPECT_EQ(master.answered[0], ns(10 + 8 + 100)) << "look up, then fetch";
  EXPECT_EQ(master.answered[1], ns(1000 + 1 + 10));
  EXPECT_EQ(master.answered[2], ns(2000 + 1 + 10));
  EXPECT_EQ(cache_.statistics().hit_lines, 2);
  EXPECT_EQ(cache_.statistics().missed_lines, 1);
}

TEST_F(CacheModel, NobodyWaitsForWriteBacks) {
  // Fill the cache with dirty lines, then read other lines: every fill pushes one out.
  Master master("master", {{ns(0), true, 0, 4096}, {ns(10'000), false, 0x10000, 64}});
  master.socket.bind(cache_.target);
  advance_to(ns(20'000));
  EXPECT_EQ(master.answered.at(0), ns(64 + 10)) << "whole lines that are written need nothing from memory";
  EXPECT_EQ(moved(true), Bytes(64));
  EXPECT_EQ(moved(false), Bytes(64));
  // The write-back goes first: 8 ns on the data path; its latency is not waited for.
  EXPECT_EQ(master.answered.at(1), ns(10'000 + 10 + 8 + 8 + 100));
}

TEST_F(CacheModel, BytesAreConserved) {
  // Two rounds over 16 KiB, four times the cache: nothing is left of one round for the next.
  const dma::Config engine{.outstanding = 256, .burst = Bytes(64), .chunk = Bytes(1024), .port = BytesPerSecond(1e12)};
  std::vector<dma::Engine::Request> requests;
  for (const bool write : {true, false, true}) {
    requests.push_back(
        {.what = {.address = 0, .pattern = dma::contiguous(Bytes(16384))}, .write = write, .op = OpId(3)});
  }
  Mover mover("mover", engine, requests);
  mover.socket().bind(cache_.target);
  advance_to(ns(1'000'000));
  ASSERT_EQ(mover.ended.size(), 3u);
  EXPECT_EQ(cache_.statistics().hit_lines, 0);
  EXPECT_EQ(cache_.statistics().missed_lines, 3 * 256);
  EXPECT_EQ(moved(false), Bytes(16384)) << "the reads";
  EXPECT_EQ(moved(true), Bytes(2 * 16384 - 4096)) << "all that was written but what still lies in the cache";
  EXPECT_EQ(cache_.statistics().written_back, moved(true));
  for (const auto& event : memory_log_.events) EXPECT_EQ(event.op, OpId(3));
}

TEST_F(CacheModel, AWorkingSetThatFitsIsReadAtTheCachesBandwidth) {
  const dma::Config engine{.outstanding = 256, .burst = Bytes(64), .chunk = Bytes(1024), .port = BytesPerSecond(1e12)};
  std::vector<dma::Engine::Request> requests(
      21, {.what = {.address = 0, .pattern = dma::contiguous(Bytes(4096))}, .write = false, .op = {}});
  Mover mover("mover", engine, requests);
  mover.socket().bind(cache_.target);
  advance_to(ns(1'000'000));
  EXPECT_EQ(mover.ended.back() - mover.ended.front(), ns(20 * (64 + 10))) << "64 lines of 1 ns, then the latency";
}

/// Write-backs that a slow memory has not taken yet hold nobody up, until there are too many.
TEST(CacheBeforeASlowMemory, TakesTheFirstWriteBackWithoutWaiting) {
  const SimulationContext context;
  TransferLog log;
  auto config = small_cache();
  config.capacity = Bytes(256);
  config.ways = 4;
  cache::Model cache("cache", config, log);
  foreign::AtMemory memory("memory", 1 << 20, 4, sc_core::sc_time(1, sc_core::SC_PS),
                           sc_core::sc_time(20, sc_core::SC_US), sc_core::sc_time(10, sc_core::SC_US));
  cache.memory.bind(memory.socket);
  std::vector<foreign::AtInitiator::Access> writes;
  for (std::uint64_t i = 0; i < 6; ++i) writes.push_back({true, i * 64, 64});
  foreign::AtInitiator initiator("initiator", writes, 1);
  initiator.socket.bind(cache.target);
  advance_to(ns(100'000));
  ASSERT_TRUE(initiator.finished());
  EXPECT_THAT(memory.complaints, IsEmpty());
  EXPECT_LT(initiator.answered[4], sc_core::sc_time(1, sc_core::SC_US)) << "the first line that gives way";
  EXPECT_GT(initiator.answered[5], sc_core::sc_time(10, sc_core::SC_US)) << "the second waits until the first is taken";
}

TEST(CacheBeforeASlowMemory, EndsAnswersOnTheReturnPath) {
  const SimulationContext context;
  TransferLog log;
  cache::Model cache("cache", small_cache(), log);
  foreign::ReturningMemory memory("memory", sc_core::sc_time(50, sc_core::SC_NS));
  cache.memory.bind(memory.socket);
  Mover mover("mover", {},
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(16384))}, .write = false, .op = {}}});
  mover.socket().bind(cache.target);
  advance_to(ns(1'000'000));
  EXPECT_EQ(mover.ended.size(), 1u);
  EXPECT_EQ(memory.ended, memory.served);
}

/// What goes past the cache crosses the pins as it came: compressed.
TEST(CacheThatKeepsNothing, PassesCompressedBytesOn) {
  const SimulationContext context;
  TransferLog log, memory_log;
  auto config = small_cache();
  config.allocate = cache::Allocate::none;
  cache::Model cache("cache", config, log);
  simple_memory::Model memory("memory", far_memory(), memory_log);
  cache.memory.bind(memory.target());
  dma::Config engine;
  engine.compression.scheme = dma::Scheme::ratio;
  engine.compression.ratio = 2.0;
  Mover mover("mover", engine,
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(65536))}, .write = false, .op = {}}});
  mover.socket().bind(cache.target);
  advance_to(ns(1'000'000));
  Bytes on_bus;
  for (const auto& event : memory_log.events) on_bus += event.on_bus;
  EXPECT_EQ(on_bus, Bytes(32768));
}

/// The same traffic through memories that answer later, and a foreign one.
class CacheBefore : public testing::TestWithParam<std::string> {};

TEST_P(CacheBefore, AnyMemory) {
  const SimulationContext context;
  TransferLog log, memory_log;
  cache::Model cache("cache", small_cache(), log);
  foreign::AtMemory foreign("foreign", 1 << 20, 2, sc_core::sc_time(125, sc_core::SC_PS),
                            sc_core::sc_time(100, sc_core::SC_NS));
  dram::BoardConfig board;
  board.standard = "DDR4-2400";
  board.speed = GetParam() == "stream" ? dram::Speed::stream : dram::Speed::command;
  const auto dram = dram::make_model("dram", board, memory_log);
  foreign::AtInitiator spare("spare", {}, 1);
  if (GetParam() == "foreign") {
    cache.memory.bind(foreign.socket);
    spare.socket.bind(dram->target());
  } else {
    cache.memory.bind(dram->target());
    spare.socket.bind(foreign.socket);
  }
  std::vector<foreign::AtInitiator::Access> accesses;
  for (std::uint64_t i = 0; i < 400; ++i) accesses.push_back({i % 3 == 0, i * 7 % 64 * 256, 32 + i % 7 * 96});
  foreign::AtInitiator initiator("initiator", accesses, 4);
  initiator.socket.bind(cache.target);
  advance_to(ns(1'000'000));
  EXPECT_TRUE(initiator.finished());
  EXPECT_THAT(initiator.complaints, IsEmpty());
  EXPECT_THAT(foreign.complaints, IsEmpty());
  EXPECT_EQ(initiator.errors, 0u);
  EXPECT_EQ(cache.state() + dram->state(), "");
  EXPECT_GT(cache.statistics().hit_lines, 0);
}

INSTANTIATE_TEST_SUITE_P(Memories, CacheBefore, testing::Values("stream", "command", "foreign"),
                         [](const auto& p) { return p.param; });

}  // namespace
}  // namespace chipcast
