// SPDX-License-Identifier: Apache-2.0
#include "models/dma/chunks.h"

#include <gtest/gtest.h>

#include <random>

#include "models/dma/cost.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"

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
    if (merged(pattern).contiguous()) continue;
    ASSERT_EQ(bus, bus_bytes(config, descriptor));
  }
}

TEST(Chunks, LongRowsAreCutAtBordersOfBursts) {
  // Bytes 10 to 609: ten bursts, four in a chunk; the next row does not fit behind the last two.
  const auto chunks =
      cut(engine(false), {.address = 10, .pattern = {.row = Bytes(600), .rows = 2, .row_stride = Bytes(1024)}});
  ASSERT_EQ(chunks.size(), 6u);
  EXPECT_EQ(chunks[0].bytes, Bytes(246));
  EXPECT_EQ(chunks[1].address, 256u);
  EXPECT_EQ(chunks[1].bus_bytes, Bytes(256));
  EXPECT_EQ(chunks[2].bytes, Bytes(98));
  EXPECT_EQ(chunks[2].bus_bytes, Bytes(128));
}

TEST(Chunks, RowsLongerThanAChunkTakeTheirBurstsAndNoMore) {
  std::mt19937_64 random(11);
  const auto roll = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int i = 0; i < 2000; ++i) {
    Config config = engine(false);
    config.burst = Bytes(roll(1, 96));
    config.chunk = config.burst * roll(1, 12);
    Pattern pattern{.row = config.chunk + Bytes(roll(0, 5000)), .rows = roll(2, 6)};
    pattern.row_stride = pattern.row + Bytes(roll(1, 300));
    const Descriptor descriptor{.address = static_cast<std::uint64_t>(roll(0, 5000)), .pattern = pattern};
    Bytes bytes, bus;
    for (const auto& chunk : cut(config, descriptor)) {
      ASSERT_LE(chunk.bus_bytes, config.chunk);
      bytes += chunk.bytes;
      bus += chunk.bus_bytes;
    }
    ASSERT_EQ(bytes, pattern.bytes());
    ASSERT_EQ(bus, bus_bytes(config, descriptor));
  }
}

TEST(Config, ChunksOfRowsHoldWholeBursts) {
  const auto message = [](const char* text) -> std::string {
    try {
      read_value<Config>(Json::parse(text), "dma");
    } catch (const InputError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(message(R"({"packed": false, "burst": "64 B", "chunk": "256 B"})"), "");
  EXPECT_EQ(message(R"({"packed": true, "burst": "128 B", "chunk": "100 B"})"), "");
  for (const char* chunk : {"64 B", "200 B"}) {
    const std::string text = R"({"packed": false, "burst": "128 B", "chunk": ")" + std::string(chunk) + "\"}";
    EXPECT_NE(message(text.c_str()).find("no multiple of burst, 128 bytes"), std::string::npos) << chunk;
  }
}

}  // namespace
}  // namespace chipcast::dma
