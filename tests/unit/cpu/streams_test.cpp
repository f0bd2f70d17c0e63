// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/streams.h"

#include <gtest/gtest.h>

#include "accelerators/cpu/cost.h"

namespace chipcast::cpu {
namespace {

/// 1 GHz: bytes per cycle are GB/s. L1 16 B/cycle, a shared L2 of 8 B/cycle per core, 20 cycles.
Config cluster() {
  Config config;
  config.clock = Hertz(1e9);
  config.cores = 4;
  config.core.outstanding_misses = 10;
  config.core.outstanding_writes = 20;
  config.caches = {
      {.name = "L1D", .size = Bytes(32768), .latency = Cycles(4), .bandwidth = BytesPerCycle(16)},
      {.name = "L2", .size = Bytes(1 << 20), .shared = true, .latency = Cycles(20), .bandwidth = BytesPerCycle(8)}};
  return config;
}

constexpr std::size_t kMemory = 2;
const MemoryPath kPath{.latency = Seconds(140e-9)};  // 160 ns with the L2

void expect(const StreamRate& got, double gigabytes, Bound bound, std::size_t level = 0) {
  EXPECT_NEAR(got.rate.count() * 1e-9, gigabytes, 1e-9);
  EXPECT_EQ(name_of(got.bound), name_of(bound));
  EXPECT_EQ(got.level, level);
}

TEST(Streams, OneCoreIsLimitedByItsLinesInFlight) {
  // 10 * 64 B / 160 ns = 4 GB/s, 20 * 64 / 160 = 8
  expect(stream_rate(cluster(), Stream::read, 1, kMemory, kPath), 4.0, Bound::misses);
  Config config = cluster();
  config.caches[1].bandwidth = BytesPerCycle(16);
  expect(stream_rate(config, Stream::write, 1, kMemory, kPath), 8.0, Bound::writes);
}

TEST(Streams, ReadsAndWritesOfACopyTakeTurns) {
  expect(stream_rate(cluster(), Stream::copy, 1, kMemory, kPath), 1.0 / (1.0 / 4.0 + 1.0 / 8.0), Bound::misses);
}

TEST(Streams, LoadedLatencySlowsThemDown) {
  MemoryPath loaded = kPath;
  loaded.latency = Seconds(300e-9);
  expect(stream_rate(cluster(), Stream::read, 1, kMemory, loaded), 2.0, Bound::misses);
}

TEST(Streams, CoresAddUpToTheQueueOfTheirCache) {
  Config config = cluster();
  expect(stream_rate(config, Stream::read, 4, kMemory, kPath), 16.0, Bound::misses);
  config.caches[1].outstanding = 20;  // 20 * 64 B / 160 ns, however many cores
  expect(stream_rate(config, Stream::read, 4, kMemory, kPath), 8.0, Bound::cache_queue, 1);
  expect(stream_rate(config, Stream::read, 2, kMemory, kPath), 8.0, Bound::misses);
  config.caches[1].shared = false;  // a queue each
  expect(stream_rate(config, Stream::read, 4, kMemory, kPath), 16.0, Bound::misses);
}

TEST(Streams, NeverMoreThanThePath) {
  MemoryPath path = kPath;
  path.bandwidth = BytesPerSecond(5e9);
  expect(stream_rate(cluster(), Stream::read, 4, kMemory, path), 5.0, Bound::path);
  expect(stream_rate(cluster(), Stream::copy, 4, kMemory, path), 2.5, Bound::path);  // in and out
  path.duplex = true;
  expect(stream_rate(cluster(), Stream::copy, 4, kMemory, path), 5.0, Bound::path);
  // Without streaming every written line is read first: three crossings per byte copied.
  Config config = cluster();
  config.core.write_streaming = false;
  path.duplex = false;
  expect(stream_rate(config, Stream::copy, 4, kMemory, path), 5.0 / 3.0, Bound::path);
}

TEST(Streams, CachesAreLimitedByWidthOrByLatency) {
  expect(stream_rate(cluster(), Stream::read, 1, 0, {}), 16.0, Bound::core_width);
  expect(stream_rate(cluster(), Stream::read, 1, 1, {}), 8.0, Bound::cache_bandwidth, 1);
  Config config = cluster();
  config.core.outstanding_misses = 2;  // 2 * 64 B / 20 cycles
  expect(stream_rate(config, Stream::read, 1, 1, {}), 6.4, Bound::misses);
}

TEST(Streams, TilesWaitForTheCachesTheyAreReadFrom) {
  // Four cores read 32 B/cycle from L2, and write as much: 3200 / 32 + 3200 / 32.
  EXPECT_EQ(cache_cycles(cache_rates(cluster()), Bytes(3200), Bytes(3200)), Cycles(200));
  Config first_only = cluster();
  first_only.caches.pop_back();
  EXPECT_EQ(cache_cycles(cache_rates(first_only), Bytes(3200), Bytes(3200)), Cycles(0));
}

TEST(Streams, SharedCachesGiveNoMoreThanTheirTotal) {
  Config config = cluster();
  config.caches[1].total_bandwidth = BytesPerCycle(12);
  expect(stream_rate(config, Stream::read, 1, 1, {}), 8.0, Bound::cache_bandwidth, 1);
  expect(stream_rate(config, Stream::read, 4, 1, {}), 12.0, Bound::cache_bandwidth, 1);
  EXPECT_EQ(make_device(config, "cpu", technology::Config{})->dma(EngineKind::load).port, BytesPerSecond(12e9));
}

TEST(Streams, OutOfOrderHidesTheShorterInOrderAShareOfIt) {
  Core core;
  EXPECT_EQ(overlapped(core, Cycles(100), Cycles(60)), Cycles(100));
  core.overlap = 0.5;
  EXPECT_EQ(overlapped(core, Cycles(100), Cycles(60)), Cycles(130));
  core.overlap = 0.0;
  EXPECT_EQ(overlapped(core, Cycles(60), Cycles(100)), Cycles(160));
}

TEST(Streams, EnginesHaveTheLinesOfTheirDirection) {
  Config config = cluster();
  config.caches[1].outstanding = 50;
  const auto device = make_device(config, "cpu", technology::Config{});
  EXPECT_EQ(device->dma(EngineKind::load).outstanding, 40);   // 4 cores * 10
  EXPECT_EQ(device->dma(EngineKind::store).outstanding, 50);  // the queue, not 4 * 20
  EXPECT_EQ(device->dma(EngineKind::load).burst, Bytes(64));
  EXPECT_NEAR(device->dma(EngineKind::load).latency.count(), 20e-9, 1e-15);  // through the L2
  EXPECT_EQ(device->dma(EngineKind::load).port, BytesPerSecond(32e9));       // 4 * 8 B/cycle of the L2
}

}  // namespace
}  // namespace chipcast::cpu
