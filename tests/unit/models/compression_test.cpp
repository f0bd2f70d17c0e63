// SPDX-License-Identifier: Apache-2.0
#include "models/dma/compression.h"

#include <gtest/gtest.h>

#include <random>

#include "sim/config/reader.h"

namespace chipcast::dma {
namespace {

constexpr std::int64_t kElements = 200'000;

std::vector<bool> zeros(double share) {
  std::mt19937 random(23);
  std::bernoulli_distribution zero(share);
  std::vector<bool> out(kElements);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = zero(random);
  return out;
}

/// Pairs that an encoder emits: a run of zeros up to the longest, then the next element whatever it is.
std::int64_t pairs_of(const std::vector<bool>& zero, std::size_t longest) {
  std::int64_t pairs = 0;
  for (std::size_t at = 0; at < zero.size(); ++at, ++pairs) {
    for (std::size_t run = 0; run < longest && at + 1 < zero.size() && zero[at]; ++run) ++at;
  }
  return pairs;
}

/// 5-bit runs and 16-bit values, three pairs in 64 bits, as Eyeriss has it.
TEST(Compression, RunLengthsAgainstAnEncoder) {
  const Compression config{.scheme = Scheme::zero_run_length};
  for (const double share : {0.4, 0.5, 0.7, 0.9, 0.99, 1.0}) {
    const double encoded = static_cast<double>((pairs_of(zeros(share), 31) + 2) / 3 * 8);
    const auto form = static_cast<double>(
        compressed_bytes(config, Bytes(kElements * 2), {.element_bits = 16, .zero_share = share}).count());
    EXPECT_NEAR(form, encoded, 0.02 * encoded) << share;
  }
}

TEST(Compression, BitmapsAgainstCounting) {
  const Compression config{.scheme = Scheme::bitmap};
  for (const double share : {0.2, 0.5, 0.9, 1.0}) {
    const auto zero = zeros(share);
    const double encoded = kElements / 8.0 + static_cast<double>(std::count(zero.begin(), zero.end(), false));
    const auto form = static_cast<double>(
        compressed_bytes(config, Bytes(kElements), {.element_bits = 8, .zero_share = share}).count());
    EXPECT_NEAR(form, encoded, 0.02 * encoded) << share;
  }
  // 1000 bytes, half of them zero: 125 + 500
  EXPECT_EQ(compressed_bytes(config, Bytes(1000), {.zero_share = 0.5}), Bytes(625));
}

TEST(Compression, NeverLargerThanRawAndHeaders) {
  for (const Scheme scheme : {Scheme::bitmap, Scheme::zero_run_length, Scheme::ratio}) {
    for (const int bits : {1, 4, 8, 16, 64}) {
      const Compression config{.scheme = scheme, .block = Bytes(256), .metadata = Bytes(2)};
      EXPECT_EQ(compressed_bytes(config, Bytes(1000), {.element_bits = bits, .zero_share = 0.0}), Bytes(1000 + 4 * 2));
    }
  }
  EXPECT_EQ(compressed_bytes({}, Bytes(1000), {.zero_share = 1.0}), Bytes(1000));
  EXPECT_EQ(compressed_bytes({.scheme = Scheme::bitmap, .metadata = Bytes(2)}, Bytes(0), {}), Bytes(0));
}

TEST(Compression, RatioAndThroughput) {
  const Compression config{.scheme = Scheme::ratio, .ratio = 4.0, .throughput = BytesPerSecond(8e9)};
  EXPECT_EQ(compressed_bytes(config, Bytes(1001), {}), Bytes(251));
  EXPECT_EQ(codec_time(config, Bytes(8000)), Time::ps(1'000'000));
  EXPECT_EQ(codec_time({}, Bytes(8000)), Time());
}

TEST(Compression, MoreZerosNeverTakeMore) {
  for (const Scheme scheme : {Scheme::bitmap, Scheme::zero_run_length}) {
    Bytes before(1 << 20);
    for (int percent = 0; percent <= 100; ++percent) {
      const Bytes now = compressed_bytes({.scheme = scheme}, Bytes(1 << 20), {.zero_share = percent / 100.0});
      EXPECT_LE(now, before);
      before = now;
    }
  }
}

TEST(Compression, RatioBelongsToItsScheme) {
  EXPECT_NO_THROW(read_value<Compression>(Json{{"scheme", "ratio"}, {"ratio", 2.0}}, "c"));
  EXPECT_THROW(read_value<Compression>(Json{{"scheme", "bitmap"}, {"ratio", 2.0}}, "c"), InputError);
}

}  // namespace
}  // namespace chipcast::dma
