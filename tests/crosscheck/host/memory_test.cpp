// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/memory.h"

#include <set>

namespace chipcast::crosscheck {
namespace {

std::vector<const void*> visits(std::span<std::byte> block) {
  std::vector<const void*> seen;
  const void* at = block.data();
  do {
    seen.push_back(at);
    at = follow_chain(at, 1);
  } while (at != block.data() && seen.size() < 100000);
  return seen;
}

TEST(Chain, VisitsEveryLineOnce) {
  Pages pages(64 * 1024);
  for (const std::size_t bytes : {64U, 128U, 4096U, 5 * 4096U + 192U}) {
    for (const std::size_t page : {std::size_t{4096}, std::size_t{64 * 1024}}) {
      const auto block = pages.bytes().first(bytes);
      make_chain(block, page, 7);
      const auto seen = visits(block);
      EXPECT_EQ(seen.size(), bytes / kLine);
      EXPECT_EQ(std::set<const void*>(seen.begin(), seen.end()).size(), bytes / kLine);
    }
  }
}

TEST(Chain, PagesFollowOneAnother) {
  Pages pages(64 * 1024);
  make_chain(pages.bytes(), 4096, 3);
  const auto seen = visits(pages.bytes());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto offset = static_cast<const std::byte*>(seen[i]) - pages.bytes().data();
    EXPECT_EQ(static_cast<std::size_t>(offset) / 4096, i / 64);
  }
}

TEST(Streams, CopyEveryByte) {
  Pages pages(16 * 1024);
  const auto from = pages.bytes().first(8192), to = pages.bytes().subspan(8192);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::byte>(i * 7);
  copy_stream(to.data(), from.data(), 7 * 1024);
  for (std::size_t i = 0; i < 7 * 1024; ++i) ASSERT_EQ(to[i], from[i]);
  EXPECT_EQ(to[7 * 1024], std::byte{1});  // as Pages left it
  write_stream(to.data(), 1024);
  EXPECT_EQ(to[1023], std::byte{1});
  EXPECT_EQ(to[1024], from[1024]);
}

TEST(Blocks, DoubleFromLeastToMost) {
  const auto sizes = block_sizes(Bytes(4096), Bytes(64 * 1024), 1);
  EXPECT_EQ(sizes, (std::vector<Bytes>{Bytes(4096), Bytes(8192), Bytes(16384), Bytes(32768), Bytes(65536)}));
  EXPECT_EQ(block_sizes(Bytes(4096), Bytes(8192), 2).size(), 3U);
  EXPECT_EQ(block_sizes(Bytes(4096), Bytes(8192), 2)[1], Bytes(6 * 1024));  // 4 KiB * sqrt 2 in whole KiB
}

TEST(Lines, AreRateTimesLatency) { EXPECT_DOUBLE_EQ(lines_in_flight(BytesPerSecond(12.8e9), Seconds(100e-9)), 20.0); }

}  // namespace
}  // namespace chipcast::crosscheck
