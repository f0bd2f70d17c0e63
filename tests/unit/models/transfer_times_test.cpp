// SPDX-License-Identifier: Apache-2.0
#include "models/dma/transfer_times.h"

#include <gtest/gtest.h>

#include <random>

namespace chipcast::dma {
namespace {

TEST(TransferTimes, AreThoseOfSingleQuestions) {
  std::mt19937_64 random(3);
  Config plain, large, compressed;
  plain.chunk = Bytes(1024);
  large.chunk = Bytes(1 << 20);
  large.port = BytesPerSecond(3.7e9);
  compressed.compression.scheme = Scheme::bitmap;
  compressed.compression.zero_share = 0.4;
  const UnloadedPath path{.latency = Time::ps(123'457),
                          .slowest_service = [](Bytes bytes) { return Time::ps(bytes.count() * 311 + 7); }};
  for (const Config& config : {plain, large, compressed}) {
    const TransferTimes times(config, path);
    for (int i = 0; i < 2000; ++i) {
      const Bytes bytes(static_cast<std::int64_t>(random() % (i % 2 == 0 ? 5000 : 5'000'000)));
      EXPECT_EQ(times(bytes), transfer_time(config, bytes, path)) << bytes.count();
    }
    for (const std::int64_t edge : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, config.chunk.count(),
                                    config.chunk.count() + 1, 2 * config.chunk.count()}) {
      EXPECT_EQ(times(Bytes(edge)), transfer_time(config, Bytes(edge), path)) << edge;
    }
  }
}

}  // namespace
}  // namespace chipcast::dma
