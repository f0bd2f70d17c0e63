// SPDX-License-Identifier: Apache-2.0
#include "models/dma/chunks.h"

#include <gtest/gtest.h>

#include <random>

#include "models/dma/cost.h"

namespace chipcast::dma {
namespace {

std::vector<Chunk> cut(const Config& config, const Descriptor& descriptor) {
  std::vector<Chunk> out;
  for (Chunks chunks(config, descriptor); !chunks.done();) out.push_back(chunks.next());
  return out;
}

Config engine(bool packed) {
  Config config;
  config.burst = Bytes(64);
  config.chunk = Bytes(256);
  config.packed = packed;
  return config;
}

TEST(Chunks, BytesThatStandTogetherAreCutEveryChunk) {
  const auto chunks = cut(engine(false), {.address = 10, .pattern = contiguous(Bytes(600))});
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[1].address, 266u);
  EXPECT_EQ(chunks[2].bytes, Bytes(88));
  for (const auto& chunk : chunks) EXPECT_EQ(chunk.bus_bytes, chunk.bytes);
}

TEST(Chunks, ShortRowsAreGatheredAsFarAsTheirBurstsFit) {
  // Rows of 20 B, 100 apart from 0: bursts 0; 1; 3; 4 and 5 (300 to 319 touches one: 4); ...
  const auto chunks = cut(engine(false), {.pattern = {.row = Bytes(20), .rows = 6, .row_stride = Bytes(100)}});
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0].rows, 4);
  EXPECT_EQ(chunks[0].bytes, Bytes(80));
  EXPECT_EQ(chunks[0].bus_bytes, Bytes(256));
  EXPECT_EQ(chunks[1].address, 400u);
  EXPECT_EQ(chunks[1].bus_bytes, Bytes(192)) << "500 to 519 lies in two bursts";
}

TEST(Chunks, PackedTensorsKnowNoRows) {
  const auto chunks =
      cut(engine(true), {.address = 64, .pattern = {.row = Bytes(20), .rows = 6, .row_stride = Bytes(100)}});
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0].bytes, Bytes(120));
  EXPECT_EQ(chunks[0].bus_bytes, Bytes(120));
  EXPECT_EQ(chunks[0].rows, 0);
}

TEST(Chunks, MoveEveryByteOnceAndTheBurstsOfEveryRow) {
  std::mt19937_64 random(7);
  const auto roll = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int i = 0; i < 2000; ++i) {
    Pattern pattern{.row = Bytes(roll(1, 400)), .rows = roll(1, 9), .planes = roll(1, 4)};
    pattern.row_stride = pattern.row + Bytes(roll(0, 200));
    pattern.plane_stride = pattern.row_stride * pattern.rows + Bytes(roll(0, 300));
    const Descriptor descriptor{.address = static_cast<std::uint64_t>(roll(0, 500)), .pattern = pattern};
    const Config config = engine(false);
    Bytes bytes, bus;
    for (const auto& chunk : cut(config, descriptor)) {
      ASSERT_GT(chunk.bytes, Bytes(0));
      ASSERT_GE(chunk.bus_bytes, chunk.bytes);
      bytes += chunk.bytes;
      bus += chunk.bus_bytes;
    }
    ASSERT_EQ(bytes, pattern.bytes());
    // A row that is cut between two chunks in the middle of a burst fetches that burst twice.
    if (merged(pattern).contiguous()) continue;
    ASSERT_GE(bus, bus_bytes(config, descriptor));
    ASSERT_LE(bus, bus_bytes(config, descriptor) + Bytes(64) * (pattern.rows * pattern.planes * 2));
  }
}

}  // namespace
}  // namespace chipcast::dma
