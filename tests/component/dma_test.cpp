// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "models/dma/cost.h"
#include "models/simple_memory/cost.h"
#include "models/simple_memory/model.h"
#include "tests/component/probe.h"

namespace chipcast {
namespace {

using namespace component_test;

/// A memory that answers after 100 ns and is hardly ever busy: 64 B take 1 ns, refresh takes nothing.
simple_memory::Config fast_memory() {
  simple_memory::Config config;
  config.bandwidth = BytesPerSecond(64e9);
  config.latency = Seconds(100e-9);
  return config;
}

class DmaEngine : public testing::Test {
 protected:
  SimulationContext context_;
  TransferLog log_;
  simple_memory::Model memory_{"memory", fast_memory(), log_};

  /// Time that one transfer takes.
  Time move(const dma::Config& config, std::int64_t bytes, std::uint64_t address = 0, bool write = false) {
    Mover mover("mover", config,
                {{.what = {.address = address, .pattern = dma::contiguous(Bytes(bytes))}, .write = write, .op = {}}});
    mover.socket().bind(memory_.target());
    advance_to(ns(10'000'000));
    EXPECT_EQ(mover.ended.size(), 1u);
    return mover.ended.at(0);
  }
};

dma::Config engine(int outstanding, std::int64_t burst, std::int64_t chunk, double port) {
  return {.outstanding = outstanding, .burst = Bytes(burst), .chunk = Bytes(chunk), .port = BytesPerSecond(port)};
}

TEST_F(DmaEngine, BurstsInFlightLimitTheRate) {
  // Little's law: 4 x 64 B in flight, each 100 ns under way: 256 B per 100 ns. Ten chunks of 256 B leave 100 ns
  // apart; the last one is paced as the others and takes its latency.
  EXPECT_EQ(move(engine(4, 64, 256, 1e12), 2560), ns(10 * 100 + 100));
}

TEST_F(DmaEngine, PortLimitsTheRate) {
  // 4096 x 64 B in flight would carry 2.6 TB/s; the port carries 1 GB/s: 1 ns per byte.
  EXPECT_EQ(move(engine(4096, 64, 256, 1e9), 2560), ns(2560 + 100));
}

TEST_F(DmaEngine, MemoryLimitsTheRate) {
  // 64 B per ns: 2560 B are 40 ns.
  EXPECT_EQ(move(engine(4096, 64, 256, 1e12), 2560), ns(40 + 100));
}

TEST_F(DmaEngine, SingleByte) {
  EXPECT_EQ(move(engine(4096, 64, 256, 1e9), 1), ns(1 + 100));  // its burst of 64 B and its port time both take 1 ns
  ASSERT_EQ(log_.events.size(), 1u);
  EXPECT_EQ(log_.events[0].bytes, Bytes(1));
}

TEST_F(DmaEngine, WritesTakeAsLongAsReads) {
  EXPECT_EQ(move(engine(4, 64, 256, 1e12), 2560, 0, true), ns(10 * 100 + 100));
  for (const auto& event : log_.events) EXPECT_TRUE(event.write);
}

/// Bytes around the borders of chunks of 256 B.
class DmaChunks : public DmaEngine, public testing::WithParamInterface<std::int64_t> {};

TEST_P(DmaChunks, AreFullButForTheLast) {
  constexpr std::int64_t kChunk = 256;
  const std::int64_t bytes = GetParam();
  const dma::Config config = engine(4, 64, kChunk, 8e9);
  const Time taken = move(config, bytes, 0x1000);

  ASSERT_EQ(static_cast<std::int64_t>(log_.events.size()), (bytes + kChunk - 1) / kChunk);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < log_.events.size(); ++i) {
    const std::int64_t size = log_.events[i].bytes.count();
    EXPECT_EQ(size, i + 1 < log_.events.size() ? kChunk : bytes - sum);
    EXPECT_GT(size, 0);
    sum += size;
  }
  EXPECT_EQ(sum, bytes);

  // Alone on its path, an engine takes the time that the closed form says, to the picosecond.
  const dma::UnloadedPath path{.latency = ns(100), .slowest_service = [](Bytes part) {
                                 return simple_memory::service_time(fast_memory(), part);
                               }};
  EXPECT_EQ(taken, dma::transfer_time(config, Bytes(bytes), path));
}

INSTANTIATE_TEST_SUITE_P(Borders, DmaChunks,
                         testing::Values(1, 63, 64, 65, 255, 256, 257, 511, 512, 513, 25600, 25601));

TEST_F(DmaEngine, TransfersFollowEachOtherWithoutOverlap) {
  const dma::Engine::Request request{
      .what = {.address = 0, .pattern = dma::contiguous(Bytes(2560))}, .write = false, .op = {}};
  Mover mover("mover", engine(4, 64, 256, 1e12), {request, request, request});
  mover.socket().bind(memory_.target());
  advance_to(ns(10'000'000));
  EXPECT_EQ(mover.ended, (std::vector<Time>{ns(1100), ns(2200), ns(3300)}));
}

TEST_F(DmaEngine, AddressesFollowTheStream) {
  /// Remembers where each chunk went.
  struct Spy : sc_core::sc_module {
    tlm_utils::simple_target_socket<Spy> socket{"socket"};
    std::vector<std::uint64_t> addresses;
    explicit Spy(sc_core::sc_module_name name) : sc_module(name) {
      socket.register_b_transport(this, &Spy::b_transport);
    }
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
      addresses.push_back(payload.get_address());
      payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
  };
  Spy spy("spy");
  Mover mover("mover", engine(4, 64, 256, 1e12),
              {{.what = {.address = 0x1000, .pattern = dma::contiguous(Bytes(600))}, .write = true, .op = {}}});
  mover.socket().bind(spy.socket);
  Mover other("other", engine(4, 64, 256, 1e12), {});
  other.socket().bind(memory_.target());
  advance_to(ns(1000));
  EXPECT_EQ(spy.addresses, (std::vector<std::uint64_t>{0x1000, 0x1100, 0x1200}));
}

/// Strided transfers take what the closed form says, to the picosecond, and move each byte once.
TEST_F(DmaEngine, StridedTransfersTakeTheTimeOfTheClosedForm) {
  const std::vector<dma::Pattern> patterns{
      {.row = Bytes(20), .rows = 7, .row_stride = Bytes(224)},
      {.row = Bytes(64), .rows = 56, .row_stride = Bytes(3584)},
      {.row = Bytes(700), .rows = 3, .row_stride = Bytes(1000), .planes = 5, .plane_stride = Bytes(4000)},
      {.row = Bytes(5000), .rows = 2, .row_stride = Bytes(8192)},
      {.row = Bytes(128), .rows = 4, .row_stride = Bytes(128), .planes = 3, .plane_stride = Bytes(512)}};
  std::vector<dma::Engine::Request> requests;
  for (const auto& pattern : patterns)
    requests.push_back({.what = {.address = 33, .pattern = pattern}, .write = false, .op = {}});
  dma::Config config = engine(4, 64, 1024, 8e9);
  config.packed = false;
  config.row_overhead = Seconds(5e-9);
  Mover mover("mover", config, requests);
  mover.socket().bind(memory_.target());
  advance_to(ns(10'000'000));
  ASSERT_EQ(mover.ended.size(), patterns.size());
  const dma::UnloadedPath path{.latency = ns(100), .slowest_service = [](Bytes part) {
                                 return simple_memory::service_time(fast_memory(), part);
                               }};
  Time before;
  Bytes wanted, on_bus;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(mover.ended[i] - before, dma::transfer_time(config, requests[i].what, path));
    before = mover.ended[i];
    wanted += patterns[i].bytes();
    on_bus += dma::bus_bytes(config, requests[i].what);
  }
  Bytes moved;
  double counted = 0.0;
  for (const auto& event : log_.events) {
    moved += event.bytes;
    counted += event.counts[simple_memory::kReadBytes];
  }
  EXPECT_EQ(moved, wanted);
  // Whole bursts are paid for; only the last pattern, which stands together, may end inside one.
  EXPECT_NEAR(counted, static_cast<double>(on_bus.count()), 64.0);
}

TEST_F(DmaEngine, CompressionShortensWhatCrossesTheBus) {
  dma::Config config = engine(4096, 64, 256, 1e12);
  config.compression.scheme = dma::Scheme::ratio;
  config.compression.ratio = 2.0;
  config.compression.block = Bytes(256);
  // Half the bytes on the memory's 64 B per ns.
  EXPECT_EQ(move(config, 25'600), ns(25'600 / 2 / 64 + 100));
  double counted = 0.0;
  Bytes asked;
  for (const auto& event : log_.events) {
    asked += event.bytes;
    counted += event.counts[simple_memory::kReadBytes];
    EXPECT_EQ(event.on_bus, Bytes(128));
  }
  EXPECT_EQ(asked, Bytes(25'600));
  EXPECT_EQ(counted, 12'800.0) << "and energy is paid for those";
}

TEST_F(DmaEngine, ADecompressorMayBeTheLimit) {
  dma::Config config = engine(4096, 64, 256, 1e12);
  config.compression.scheme = dma::Scheme::ratio;
  config.compression.ratio = 4.0;
  config.compression.throughput = BytesPerSecond(1e9);
  EXPECT_EQ(move(config, 2560), ns(2560 + 100)) << "raw bytes at 1 B per ns";
}

TEST_F(DmaEngine, OperatorIsPassedOn) {
  Mover mover("mover", engine(4, 64, 256, 1e12),
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(300))}, .write = false, .op = OpId(7)}});
  mover.socket().bind(memory_.target());
  advance_to(ns(1000));
  ASSERT_EQ(log_.events.size(), 2u);
  for (const auto& event : log_.events) EXPECT_EQ(event.op, OpId(7));
}

}  // namespace
}  // namespace chipcast
