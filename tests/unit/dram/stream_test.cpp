// SPDX-License-Identifier: Apache-2.0
#include "models/dram/stream.h"

#include <gtest/gtest.h>

#include <random>

#include "models/dram/memory.h"

/// Transfers served whole against the same transfers burst by burst.
namespace chipcast::dram {
namespace {

using Traffic = std::vector<Transfer>;
constexpr std::int64_t kBytes = 2 << 20;

/// Blocks of one of `sizes` at random places, `writes` percent of them written.
Traffic random_blocks(const Standard& s, const std::vector<std::int64_t>& sizes, unsigned writes, unsigned seed) {
  Traffic traffic;
  std::mt19937_64 random(seed);
  const std::int64_t capacity = s.organisation.capacity().count();
  for (std::int64_t done = 0; done < kBytes;) {
    const std::int64_t size = sizes[random() % sizes.size()];
    const auto block = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(capacity / size));
    traffic.push_back({.address = block * size, .bytes = size, .write = random() % 100 < writes});
    done += size;
  }
  return traffic;
}

/// Blocks one stride apart; every `period`-th is written, none if zero.
Traffic strided(std::int64_t size, std::int64_t stride, int period) {
  Traffic traffic;
  for (std::int64_t i = 0; i * size < kBytes; ++i) {
    traffic.push_back({.address = i * stride, .bytes = size, .write = period > 0 && i % period == period - 1});
  }
  return traffic;
}

/// A copy: one stream read, another written, 4 KiB in turn.
Traffic copy(const Standard& s) {
  Traffic traffic;
  const std::int64_t half = s.organisation.capacity().count() / 2;
  for (std::int64_t a = 0; a < kBytes / 2; a += 4096) {
    traffic.push_back({.address = a, .bytes = 4096});
    traffic.push_back({.address = half + a, .bytes = 4096, .write = true});
  }
  return traffic;
}

struct Both {
  double cycles, energy;  ///< stream to command, as ratios
  double reads, writes;   ///< the same of bursts
};

Both compare(const Standard& s, const Traffic& traffic, const MemoryConfig& config = {}) {
  CommandMemory command(s, config);
  StreamMemory stream(s, config);
  for (const Transfer& t : traffic) {
    command.submit(t);
    stream.submit(t);
  }
  const auto slow = static_cast<double>(command.drain()), fast = static_cast<double>(stream.drain());
  const Activity a = command.activity(), b = stream.activity();
  const auto ratio = [&](Command c) {
    const auto base = static_cast<double>(a.commands[index(c)]);
    return base == 0.0 ? 1.0 : static_cast<double>(b.commands[index(c)]) / base;
  };
  return {fast / slow, stream.energy().total() / command.energy().total(), ratio(Command::read), ratio(Command::write)};
}

class Stream : public testing::TestWithParam<const char*> {
 protected:
  Standard s_ = find_standard(GetParam());

  void expect_close(const Traffic& traffic, double time, double energy, const char* what) {
    const Both r = compare(s_, traffic);
    EXPECT_NEAR(r.cycles, 1.0, time) << what;
    EXPECT_NEAR(r.energy, 1.0, energy) << what;
    EXPECT_EQ(r.reads, 1.0) << what;
    EXPECT_EQ(r.writes, 1.0) << what;
  }
};

TEST_P(Stream, OfLongTransfersIsWithinTwoPercent) {
  expect_close({{.address = 0, .bytes = 4 << 20}}, 0.015, 0.015, "one read");
  expect_close({{.address = 0, .bytes = 4 << 20, .write = true}}, 0.015, 0.015, "one write");
  expect_close(strided(65536, 65536, 2), 0.02, 0.02, "64 KiB, read and written in turn");
}

/// The acceptance: block sizes and directions mixed as a network's layers mix them.
TEST_P(Stream, OfMixedTrafficIsWithinFivePercent) {
  const std::vector<std::int64_t> sizes{64, 256, 1024, 4096};
  for (const unsigned seed : {1U, 2U, 3U}) {
    for (const unsigned writes : {0U, 25U, 50U, 75U, 100U}) {
      SCOPED_TRACE(std::to_string(writes) + " % written");
      expect_close(random_blocks(s_, sizes, writes, seed), 0.05, 0.08, "random blocks of 64 B to 4 KiB");
    }
  }
  Traffic all = random_blocks(s_, sizes, 33, 4);
  for (const Traffic& more : {strided(65536, 65536, 2), strided(256, 4096, 3), random_blocks(s_, {64}, 0, 5),
                              random_blocks(s_, {256}, 50, 6), copy(s_)}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  expect_close(all, 0.05, 0.05, "sequential, strided, random and copying in one run");
}

/// Four sizes, one of each decade, any share of writes, up to two thirds of it sequential.
Traffic random_mix(const Standard& s, int channels, unsigned seed) {
  std::mt19937_64 random(seed);
  const auto capacity = static_cast<std::uint64_t>(s.organisation.capacity().count() * channels);
  std::vector<std::int64_t> sizes;
  for (int decade = 0; decade < 4; ++decade) sizes.push_back(std::int64_t{64} << (2 * decade + random() % 2));
  const auto writes = random() % 101, sequential = random() % 67;
  auto next = static_cast<std::int64_t>(random() % capacity) / 8192 * 8192;
  Traffic traffic;
  for (std::int64_t done = 0; done < kBytes;) {
    const std::int64_t size = sizes[random() % 4];
    Transfer t{.address = next, .bytes = size, .write = random() % 100 < writes};
    if (random() % 100 < sequential) {
      next = (next + size) % static_cast<std::int64_t>(capacity);
    } else {
      t.address = static_cast<std::int64_t>(random() % (capacity / static_cast<std::uint64_t>(size))) * size;
    }
    traffic.push_back(t);
    done += size;
  }
  return traffic;
}

/// Eight families and bins times 24 mixes, on one to four channels, one or two ranks, hashed or not, with rows left
/// open or closed at once, refreshed all together or bank by bank.
TEST_P(Stream, OfAnyMixIsWithinFivePercentButForRareOnes) {
  int beyond = 0;
  for (unsigned seed = 1; seed <= 24; ++seed) {
    const Standard s = find_standard(GetParam(), {.ranks = seed % 7 == 0 ? 2 : 1});
    MemoryConfig config{.channels = seed % 3 == 0 ? 4 : static_cast<int>(seed % 3), .hash = seed % 5 == 0};
    config.controller.bank_refresh = seed % 4 == 0 && s.bank_refresh;
    config.controller.page = seed % 6 == 1 ? PagePolicy::closed : PagePolicy::open;
    const Both r = compare(s, random_mix(s, config.channels, seed), config);
    EXPECT_NEAR(r.cycles, 1.0, 0.07) << "mix " << seed;
    if (std::abs(r.cycles - 1.0) > 0.05) ++beyond;
    EXPECT_EQ(r.reads, 1.0);
    EXPECT_EQ(r.writes, 1.0);
  }
  EXPECT_LE(beyond, 1) << "of 24";
}

/// Traffic of one kind only leaves more of the reordering's fine print: the bound is wider.
TEST_P(Stream, OfOneKindOfTrafficIsWithinThirteenPercent) {
  for (const std::int64_t size : {64, 256, 1024, 4096}) {
    for (const unsigned writes : {0U, 50U}) {
      SCOPED_TRACE(std::to_string(size) + " B, writes " + std::to_string(writes) + " %");
      expect_close(random_blocks(s_, {size}, writes, 1), 0.13, 0.13, "random");
    }
  }
  expect_close(strided(64, s_.organisation.row_bytes(), 0), 0.10, 0.05, "64 B of each row");
  expect_close(strided(256, 4096, 3), 0.13, 0.10, "256 B of each 4 KiB");
  expect_close(copy(s_), 0.05, 0.05, "copy");
}

/// The worst there is: streams that meet in the same banks. The controller gathers hits of one row, then of the next.
TEST_P(Stream, OfStreamsInTheSameBanksGathersRowHits) {
  for (const int streams : {2, 3, 4}) {
    for (const std::int64_t chunk : {64, 256, 1024, 4096}) {
      Traffic traffic;
      for (std::int64_t i = 0; i * chunk < kBytes; ++i) {
        traffic.push_back({.address = i % streams * (std::int64_t{64} << 20) + i / streams * chunk, .bytes = chunk});
      }
      const Both r = compare(s_, traffic);
      EXPECT_NEAR(r.cycles, 1.0, 0.26) << streams << " streams of " << chunk << " B";
    }
  }
}

TEST_P(Stream, RefreshesSingleBanksToo) {
  if (!s_.bank_refresh) GTEST_SKIP() << s_.name << " refreshes all banks at once";
  const MemoryConfig config{.controller = {.bank_refresh = true}};
  EXPECT_NEAR(compare(s_, {{.address = 0, .bytes = 4 << 20}}, config).cycles, 1.0, 0.03);
  for (const unsigned writes : {0U, 25U, 50U}) {
    EXPECT_NEAR(compare(s_, random_blocks(s_, {64, 256, 1024, 4096}, writes, 1), config).cycles, 1.0, 0.05);
  }
}

TEST_P(Stream, SharesItsWorkAmongChannels) {
  const MemoryConfig config{.channels = 4};
  EXPECT_NEAR(compare(s_, {{.address = 0, .bytes = 4 << 20}}, config).cycles, 1.0, 0.03);
  EXPECT_NEAR(compare(s_, random_blocks(s_, {64, 256, 1024, 4096}, 25, 1), config).cycles, 1.0, 0.05);
  // 1 KiB a channel: half a queue. DDR4-3200 is 5.5 % too fast.
  EXPECT_NEAR(compare(s_, random_blocks(s_, {1024, 4096}, 25, 1), config).cycles, 1.0, 0.06);
}

/// Far below saturation a read takes tRCD + RL + burst, in both.
TEST_P(Stream, OfALoneReadHasTheSameLatency) {
  StreamMemory stream(s_, {});
  CommandMemory command(s_, {});
  const std::int64_t bytes = s_.organisation.burst_bytes();
  for (int i = 0; i < 5; ++i) {
    const Transfer t{.address = i * 7 * s_.organisation.row_bytes(), .bytes = bytes, .arrival = i * 500 + 17};
    const Cycle fast = stream.submit(t).done;
    command.submit(t);
    command.drain();
    ASSERT_EQ(command.finished().size(), 1u);
    EXPECT_NEAR(static_cast<double>(fast), static_cast<double>(command.finished()[0].done), 2.0);
  }
}

/// A pause of about two hundred refresh intervals, whose rounds the stream does not step through.
TEST_P(Stream, RefreshesInLongPausesAsOften) {
  for (const bool by_bank : {false, true}) {
    if (by_bank && !s_.bank_refresh) continue;
    const MemoryConfig config{.controller = {.bank_refresh = by_bank}};
    StreamMemory stream(s_, config);
    CommandMemory command(s_, config);
    const std::int64_t bytes = s_.organisation.burst_bytes();
    const Transfer before{.address = 0, .bytes = 64 * bytes}, after{.address = 0, .bytes = bytes, .arrival = 1234567};
    stream.submit(before);
    command.submit(before);
    command.drain();
    const Cycle fast = stream.submit(after).done;
    command.submit(after);
    const Cycle slow = command.drain();
    const Command kind = by_bank ? Command::refresh_bank : Command::refresh_all;
    const std::int64_t counted = stream.activity(fast).commands[index(kind)];
    EXPECT_GT(counted, 50);
    EXPECT_NEAR(static_cast<double>(counted), static_cast<double>(command.activity(slow).commands[index(kind)]),
                by_bank ? s_.organisation.banks_per_rank() : s_.organisation.ranks);
    EXPECT_LT(fast - after.arrival, 1000);
  }
}

/// A pause of hours costs no more steps than one of milliseconds, and what follows comes as soon.
TEST_P(Stream, ForgetsHowLongAPauseWas) {
  for (const bool by_bank : {false, true}) {
    if (by_bank && !s_.bank_refresh) continue;
    const auto delay = [&](Cycle pause) {
      StreamMemory stream(s_, {.controller = {.bank_refresh = by_bank}});
      const std::int64_t bytes = s_.organisation.burst_bytes();
      stream.submit({.address = 0, .bytes = 64 * bytes});
      return stream.submit({.address = 0, .bytes = bytes, .arrival = pause}).done - pause;
    };
    const int turns = by_bank ? s_.organisation.banks_per_rank() : 1;
    const Cycle round = s_.timing[Param::refi] / turns * turns;
    EXPECT_EQ(delay(3 * round + 17), delay(2'000'000'003 * round + 17)) << by_bank;
  }
}

std::string bin_name(const testing::TestParamInfo<const char*>& bin) {
  std::string name = bin.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Dram, Stream,
                         testing::Values("DDR3-1600", "DDR4-2400", "DDR4-3200", "LPDDR3-1600", "LPDDR4-3200",
                                         "LPDDR4X-4266", "LPDDR5-6400", "HBM2-2000"),
                         bin_name);

}  // namespace
}  // namespace chipcast::dram
