// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "models/cache/cost.h"
#include "models/cache/tags.h"
#include "sim/config/reader.h"

namespace chipcast::cache {
namespace {

/// 2 sets of 4 lines of 64 bytes.
Config tiny() {
  Config config;
  config.capacity = Bytes(512);
  config.ways = 4;
  config.line = Bytes(64);
  return config;
}

std::vector<std::uint64_t> lines_of(const std::vector<Range>& ranges, std::uint64_t line) {
  std::vector<std::uint64_t> out;
  for (const Range& range : ranges) {
    const std::uint64_t end = range.address + static_cast<std::uint64_t>(range.bytes.count());
    for (std::uint64_t at = range.address / line; at * line < end; ++at) out.push_back(at);
  }
  return out;
}

TEST(CacheTags, GathersNeighbours) {
  Tags tags(tiny());
  const Access first = tags.lookup(100, Bytes(100), false);  // lines 1 to 3
  EXPECT_EQ(first.fills, (std::vector<Range>{{64, Bytes(192)}}));
  EXPECT_TRUE(first.hits.empty());
  EXPECT_EQ(first.missed_lines, 3);
  const Access second = tags.lookup(0, Bytes(256), false);
  EXPECT_EQ(second.fills, (std::vector<Range>{{0, Bytes(64)}}));
  EXPECT_EQ(second.hits, (std::vector<Range>{{64, Bytes(192)}}));
  EXPECT_EQ(tags.lookup(0, Bytes(0), true).hit_lines, 0);
}

TEST(CacheTags, ALineWrittenWholeIsNotFetched) {
  Tags tags(tiny());
  const Access access = tags.lookup(32, Bytes(160), true);  // half of line 0, lines 1 and 2
  EXPECT_EQ(access.fills, (std::vector<Range>{{0, Bytes(64)}}));
  EXPECT_EQ(access.missed_lines, 3);
  EXPECT_EQ(tags.flush(), (std::vector<Range>{{0, Bytes(192)}}));
  EXPECT_TRUE(tags.flush().empty());
  EXPECT_EQ(tags.lookup(0, Bytes(192), false).hit_lines, 3);
}

TEST(CacheTags, PoliciesOfAllocation) {
  Tags tags(tiny());
  const Access write = tags.lookup(10, Bytes(100), true, Allocate::read_only);
  EXPECT_EQ(write.bypasses, (std::vector<Range>{{10, Bytes(100)}}));
  EXPECT_TRUE(write.fills.empty());
  EXPECT_EQ(tags.lookup(0, Bytes(64), false, Allocate::none).bypasses.size(), 1U);
  tags.lookup(0, Bytes(64), false, Allocate::read_only);
  // What is there is used whatever the policy, and a write makes it dirty.
  EXPECT_EQ(tags.lookup(0, Bytes(64), true, Allocate::none).hit_lines, 1);
  EXPECT_EQ(tags.flush(), (std::vector<Range>{{0, Bytes(64)}}));
}

/// Sets as lists, most recent first.
class NaiveLru {
 public:
  NaiveLru(std::uint64_t sets, std::size_t ways) : ways_(ways), sets_(sets) {}
  struct Answer {
    bool hit;
    std::optional<std::uint64_t> written_back;
  };
  Answer use(std::uint64_t line, bool write) {
    auto& set = sets_[line % sets_.size()];
    const auto it = std::find_if(set.begin(), set.end(), [&](const auto& held) { return held.first == line; });
    Answer answer{it != set.end(), std::nullopt};
    const bool dirty = write || (answer.hit && it->second);
    if (answer.hit) {
      set.erase(it);
    } else if (set.size() == ways_) {
      if (set.back().second) answer.written_back = set.back().first;
      set.pop_back();
    }
    set.emplace_front(line, dirty);
    return answer;
  }

 private:
  std::size_t ways_;
  std::vector<std::deque<std::pair<std::uint64_t, bool>>> sets_;
};

struct Transfer {
  std::uint64_t address;
  std::int64_t bytes;
  bool write;
};

std::vector<Transfer> random_trace(unsigned seed, std::uint64_t space, int most, int count) {
  std::mt19937 random(seed);
  std::vector<Transfer> out;
  for (int i = 0; i < count; ++i) {
    out.push_back({std::uniform_int_distribution<std::uint64_t>(0, space)(random),
                   std::uniform_int_distribution(1, most)(random), random() % 3 == 0});
  }
  return out;
}

TEST(CacheTags, AreExactLru) {
  for (const auto& [sets, ways] : {std::pair{1, 1}, {1, 8}, {7, 3}, {16, 4}, {64, 16}}) {
    Config config;
    config.ways = ways;
    config.capacity = Bytes(std::int64_t{64} * sets * ways);
    Tags tags(config);
    NaiveLru naive(static_cast<std::uint64_t>(sets), static_cast<std::size_t>(ways));
    for (const Transfer& t : random_trace(5, static_cast<std::uint64_t>(config.capacity.count()) * 2, 500, 4000)) {
      const Access& access = tags.lookup(t.address, Bytes(t.bytes), t.write);
      std::vector<std::uint64_t> hits, written;
      const std::uint64_t end = t.address + static_cast<std::uint64_t>(t.bytes);
      for (std::uint64_t line = t.address / 64; line * 64 < end; ++line) {
        const auto answer = naive.use(line, t.write);
        if (answer.hit) hits.push_back(line);
        if (answer.written_back) written.push_back(*answer.written_back);
      }
      ASSERT_EQ(lines_of(access.hits, 64), hits);
      ASSERT_EQ(lines_of(access.writebacks, 64), written);
    }
  }
}

/// Memory always has, or the cache gives it before it is asked for, what was written last.
void conserves(const Config& config, unsigned seed) {
  Tags tags(config);
  std::set<std::uint64_t> stale;  // lines of which memory does not have the latest
  std::int64_t written_lines = 0, written_back = 0;
  for (const Transfer& t : random_trace(seed, static_cast<std::uint64_t>(config.capacity.count()) * 3, 700, 5000)) {
    const Access& access = tags.lookup(t.address, Bytes(t.bytes), t.write);
    const std::uint64_t end = t.address + static_cast<std::uint64_t>(t.bytes);
    const auto lines = static_cast<std::int64_t>((end - 1) / 64 - t.address / 64) + 1;
    ASSERT_EQ(access.hit_lines + access.missed_lines, lines);
    const auto past = lines_of(access.bypasses, 64);
    for (const auto line : past) ASSERT_EQ(stale.count(line), 0U);
    for (const auto line : lines_of(access.fills, 64)) {
      // Given way in this very transfer, or before.
      const auto out = lines_of(access.writebacks, 64);
      ASSERT_TRUE(stale.count(line) == 0 || std::count(out.begin(), out.end(), line) == 1);
    }
    for (const auto line : lines_of(access.writebacks, 64)) stale.erase(line);
    written_back += static_cast<std::int64_t>(lines_of(access.writebacks, 64).size());
    if (!t.write) continue;
    const auto out = lines_of(access.writebacks, 64);
    for (std::uint64_t line = t.address / 64; line * 64 < end; ++line) {
      if (std::count(past.begin(), past.end(), line) > 0) continue;
      ++written_lines;
      if (std::count(out.begin(), out.end(), line) == 0) stale.insert(line);
    }
  }
  const auto left = lines_of(tags.flush(), 64);
  EXPECT_EQ(std::set<std::uint64_t>(left.begin(), left.end()), stale);
  EXPECT_LE(written_back + static_cast<std::int64_t>(left.size()), written_lines);
  EXPECT_GT(written_back, 0);
}

TEST(CacheTags, LoseNoWrite) {
  for (const Allocate allocate : {Allocate::read_write, Allocate::read_only}) {
    for (const Replacement replacement : {Replacement::lru, Replacement::tree_plru}) {
      Config config;
      config.capacity = Bytes(16 * 1024);
      config.ways = 8;
      config.allocate = allocate;
      config.replacement = replacement;
      conserves(config, 17);
    }
  }
}

TEST(CacheTags, TreeOfTwoIsLru) {
  Config config;
  config.capacity = Bytes(64 * 2 * 16);
  config.ways = 2;
  Tags lru(config);
  config.replacement = Replacement::tree_plru;
  Tags tree(config);
  for (const Transfer& t : random_trace(3, 6000, 300, 4000)) {
    const Access a = lru.lookup(t.address, Bytes(t.bytes), t.write);
    const Access& b = tree.lookup(t.address, Bytes(t.bytes), t.write);
    ASSERT_EQ(a.hits, b.hits);
    ASSERT_EQ(a.writebacks, b.writebacks);
  }
}

/// After a, b, c, d the tree points to a; a hit on a turns it to the other half, where c is older.
TEST(CacheTags, TreeOfFour) {
  Config config;
  config.capacity = Bytes(4 * 64);
  config.ways = 4;
  config.replacement = Replacement::tree_plru;
  Tags tags(config);
  tags.lookup(0, Bytes(4 * 64), true);
  tags.lookup(0, Bytes(1), false);
  EXPECT_EQ(tags.lookup(4 * 64, Bytes(64), false).writebacks, (std::vector<Range>{{2 * 64, Bytes(64)}}));
  // Now the left half is older, and in it b.
  EXPECT_EQ(tags.lookup(5 * 64, Bytes(64), false).writebacks, (std::vector<Range>{{1 * 64, Bytes(64)}}));
}

double measured_miss_rate(const Config& config, Bytes bytes) {
  Tags tags(config);
  tags.lookup(0, bytes, false);
  tags.lookup(0, bytes, false);
  const Access& access = tags.lookup(0, bytes, false);
  return static_cast<double>(access.missed_lines) / static_cast<double>(access.hit_lines + access.missed_lines);
}

TEST(CacheCost, CyclicStreams) {
  Config config;
  config.capacity = Bytes(64 * 1024);
  config.ways = 8;  // 128 sets
  for (int lines = 1; lines <= 1400; lines += 3) {
    const Bytes bytes(std::int64_t{lines} * 64);
    ASSERT_NEAR(measured_miss_rate(config, bytes), cyclic_miss_rate(config, bytes), 1e-12) << lines;
  }
  EXPECT_DOUBLE_EQ(cyclic_miss_rate(config, Bytes(64 * 1024)), 0.0);
  EXPECT_DOUBLE_EQ(cyclic_miss_rate(config, Bytes(72 * 1024)), 1.0);
}

TEST(CacheCost, TimesOfAHit) {
  Config config;
  config.width = BytesPerCycle(32);
  config.clock = Hertz(1e9);
  config.latency = Cycles(20);
  EXPECT_EQ(service_time(config, 0, Bytes(4096)), Time::ps(128 * 1000));
  EXPECT_EQ(service_time(config, 31, Bytes(2)), Time::ps(2000));
  EXPECT_EQ(service_time(config, 31, Bytes(0)), Time());
  EXPECT_EQ(hit_latency(config), Time::ps(20000));
}

TEST(CacheCost, Tags) {
  Config config;  // 4 MiB, 16 ways, 64 B: 4096 sets, 18 bits of index and offset
  EXPECT_EQ(set_count(config), 4096);
  EXPECT_EQ(tag_bits_read(config, 40), (40 - 18 + 2) * 16);
  EXPECT_EQ(tag_array(config, 40), Bytes(4096 * (40 - 18 + 2) * 16 / 8));
}

TEST(CacheConfig, NamesWhatDoesNotFit) {
  const auto message = [](const char* text) -> std::string {
    try {
      read_value<Config>(Json::parse(text), "cache");
    } catch (const InputError& e) {
      return e.what();
    }
    return {};
  };
  EXPECT_EQ(message(R"({"capacity": "3 MiB", "ways": 12})"), "");
  EXPECT_NE(message(R"({"capacity": "1000 B"})").find("sets are whole"), std::string::npos);
  EXPECT_NE(message(R"({"capacity": "3 MiB", "ways": 12, "replacement": "tree_plru"})").find("power of two"),
            std::string::npos);
  EXPECT_EQ(message(R"({"capacity": "512 MiB", "line": "8 B"})"), "");
  EXPECT_NE(message(R"({"capacity": "1 GiB", "line": "8 B"})").find("134217728 lines"), std::string::npos);
}

}  // namespace
}  // namespace chipcast::cache
