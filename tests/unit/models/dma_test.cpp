// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>
#include <vector>

#include "models/dma/cost.h"
#include "sim/base/check.h"

namespace chipcast::dma {
namespace {

Pattern pattern(std::int64_t row, std::int64_t rows, std::int64_t row_stride, std::int64_t planes = 1,
                std::int64_t plane_stride = 0) {
  return {.row = Bytes(row),
          .rows = rows,
          .row_stride = Bytes(row_stride),
          .planes = planes,
          .plane_stride = Bytes(plane_stride)};
}

/// Every byte, in the order in which it moves.
std::vector<std::uint64_t> walked(const Descriptor& d) {
  std::vector<std::uint64_t> out;
  for (std::int64_t p = 0; p < d.pattern.planes; ++p) {
    for (std::int64_t r = 0; r < d.pattern.rows; ++r) {
      for (std::int64_t b = 0; b < d.pattern.row.count(); ++b) {
        out.push_back(d.address + static_cast<std::uint64_t>(p * d.pattern.plane_stride.count() +
                                                             r * d.pattern.row_stride.count() + b));
      }
    }
  }
  return out;
}

using Pieces = std::vector<std::pair<std::uint64_t, std::int64_t>>;
Pieces pieces(const Descriptor& d) {
  Pieces out;
  for_each_piece(d, [&](std::uint64_t address, Bytes bytes) { out.emplace_back(address, bytes.count()); });
  return out;
}

Descriptor any_descriptor(std::mt19937& random) {
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  return {.address = static_cast<std::uint64_t>(pick(0, 300)),
          .pattern = pattern(pick(1, 12), pick(1, 5), pick(0, 20), pick(1, 4), pick(0, 60))};
}

TEST(DmaDescriptor, RowsThatTouchAreOnePiece) {
  EXPECT_EQ(pieces({100, pattern(16, 4, 16)}), (Pieces{{100, 64}}));
  EXPECT_EQ(pieces({0, pattern(16, 4, 16, 3, 64)}), (Pieces{{0, 192}}));
  EXPECT_EQ(pieces({0, pattern(16, 4, 16, 2, 100)}), (Pieces{{0, 64}, {100, 64}}));
  EXPECT_EQ(pieces({0, pattern(8, 2, 16, 2, 100)}), (Pieces{{0, 8}, {16, 8}, {100, 8}, {116, 8}}));
  EXPECT_EQ(merged(pattern(8, 2, 16, 3, 32)), pattern(8, 6, 16));
  EXPECT_EQ(merged(pattern(8, 1, 5, 7, 32)), pattern(8, 7, 32));
}

TEST(DmaDescriptor, PiecesAreItsBytesInOrder) {
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    const Descriptor d = any_descriptor(random);
    const auto bytes = walked(d);
    std::vector<std::uint64_t> seen;
    for (const auto& [address, count] : pieces(d)) {
      for (std::int64_t b = 0; b < count; ++b) seen.push_back(address + static_cast<std::uint64_t>(b));
    }
    ASSERT_EQ(seen, bytes);
    ASSERT_EQ(d.pattern.bytes().count(), static_cast<std::int64_t>(bytes.size()));
    ASSERT_EQ(d.address + static_cast<std::uint64_t>(d.pattern.extent().count()),
              *std::max_element(bytes.begin(), bytes.end()) + 1);
    ASSERT_EQ(overlaps(d.pattern), std::set(bytes.begin(), bytes.end()).size() < bytes.size())
        << d.pattern.row.count() << ' ' << d.pattern.rows << ' ' << d.pattern.row_stride.count() << ' '
        << d.pattern.planes << ' ' << d.pattern.plane_stride.count();
  }
}

std::string refusal(const Descriptor& descriptor, bool write) {
  try {
    check(descriptor, write, "load 3");
  } catch (const InputError& e) {
    return e.what();
  }
  return {};
}

TEST(DmaDescriptor, RefusesWhatCannotBe) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  EXPECT_EQ(refusal({0, pattern(4, 3, 2)}, false), "");  // reads may overlap
  EXPECT_NE(refusal({0, pattern(4, 3, 2)}, true).find("rows of 4 bytes overlap"), std::string::npos);
  EXPECT_NE(refusal({0, pattern(0, 1, 0)}, false).find("at least 1"), std::string::npos);
  EXPECT_NE(refusal({0, pattern(4, 0, 8)}, false).find("rows is 0"), std::string::npos);
  EXPECT_NE(refusal({0, pattern(4, 2, -8)}, false).find("strides lead upwards"), std::string::npos);
  EXPECT_NE(refusal({0, pattern(4, kHuge, 8)}, false).find("address space"), std::string::npos);
  EXPECT_NE(refusal({0, pattern(4, 3, kHuge, 3, kHuge)}, false).find("address space"), std::string::npos);
  EXPECT_NE(refusal({~std::uint64_t{0}, pattern(4, 1, 0)}, false).find("address space"), std::string::npos);
}

TEST(DmaCost, ShortRowsTakeWholeBursts) {
  const Config config{.burst = Bytes(64)};
  EXPECT_EQ(bus_bytes(config, {0, contiguous(Bytes(20))}), Bytes(64));
  EXPECT_EQ(bus_bytes(config, {60, contiguous(Bytes(20))}), Bytes(128));
  EXPECT_EQ(bus_bytes(config, {0, pattern(20, 10, 256)}), Bytes(640));
  EXPECT_EQ(bus_bytes(config, {0, pattern(20, 10, 20)}), Bytes(256));  // 200 bytes that touch
  EXPECT_EQ(bus_bytes(config, {0, contiguous(Bytes(0))}), Bytes(0));
}

TEST(DmaCost, BusBytesAreThoseOfEveryPiece) {
  std::mt19937 random(2);
  for (int i = 0; i < 5000; ++i) {
    const Descriptor d = any_descriptor(random);
    const Config config{.burst = Bytes(std::uniform_int_distribution(1, 70)(random))};
    const auto burst = static_cast<std::uint64_t>(config.burst.count());
    std::uint64_t bytes = 0;
    for (const auto& [address, count] : pieces(d)) {
      bytes += round_up(address + static_cast<std::uint64_t>(count), burst) - address / burst * burst;
    }
    ASSERT_EQ(bus_bytes(config, d).count(), static_cast<std::int64_t>(bytes));
  }
}

/// Little's law: 4 bursts of 64 bytes in flight for 100 ns carry 2.56 GB/s; rows of 32 bytes use half of each.
TEST(DmaCost, BandwidthOfRows) {
  const Config config{.outstanding = 4, .burst = Bytes(64), .port = BytesPerSecond(16e9)};
  const Time latency = Time::ps(100'000);
  EXPECT_NEAR(bandwidth(config, {0, contiguous(Bytes(4096))}, latency).count(), 2.56e9, 1.0);
  EXPECT_NEAR(bandwidth(config, {0, pattern(32, 100, 256)}, latency).count(), 1.28e9, 1.0);
  Config slow = config;
  slow.row_overhead = Seconds(50e-9);  // longer than the 25 ns of a burst: 32 B / 50 ns
  EXPECT_NEAR(bandwidth(slow, {0, pattern(32, 100, 256)}, latency).count(), 0.64e9, 1.0);
  EXPECT_NEAR(bandwidth(slow, {0, contiguous(Bytes(4096))}, latency).count(), 2.56e9, 1.0);
}

TEST(DmaCost, AlignedStreamsTakeWhatTheyDid) {
  const Config config{.outstanding = 64, .burst = Bytes(64), .packed = false};
  const UnloadedPath path{.latency = Time::ps(100'600),
                          .slowest_service = [](Bytes bytes) { return Time::ps(bytes.count() * 31); }};
  for (const std::int64_t bytes : {64, 4096, 40960, 65536 + 64}) {
    EXPECT_EQ(transfer_time(config, {128, contiguous(Bytes(bytes))}, path), transfer_time(config, Bytes(bytes), path));
    EXPECT_EQ(transfer_time(config, {128, pattern(64, bytes / 64, 64)}, path),
              transfer_time(config, Bytes(bytes), path));
  }
  // 10 rows of one burst each: 64 B at 16 GB/s take 4 ns, longer than 64 * 31 ps
  EXPECT_EQ(transfer_time(config, {0, pattern(20, 10, 256)}, path), Time::ps(10 * 4000 + 100'600));
  EXPECT_EQ(transfer_time(config, {0, contiguous(Bytes(0))}, path), Time());
}

}  // namespace
}  // namespace chipcast::dma
