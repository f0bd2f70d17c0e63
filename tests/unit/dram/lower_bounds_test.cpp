// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "models/dram/board_config.h"
#include "models/dram/memory.h"
#include "models/dram/stream.h"

/// The closed forms for the analytic tier are below every answer of the memory, at both speeds.
namespace chipcast::dram {
namespace {

struct Board {
  const char* standard;
  int channels;
  double mega_transfers;
};

class Bounds : public testing::TestWithParam<Board> {
 protected:
  Bounds() {
    config_.standard = GetParam().standard;
    config_.channels = GetParam().channels;
    config_.mega_transfers = GetParam().mega_transfers;
    config_.controller_latency = Seconds(0.0);  // the models do not know it
  }

  std::vector<Transfer> traffic(unsigned seed, unsigned writes) const {
    std::mt19937_64 random(seed);
    std::vector<Transfer> all;
    Cycle now = 1000;
    const bool local = random() % 2 == 0;
    for (int i = 0; i < 400; ++i) {
      if (random() % 8 == 0) now += static_cast<Cycle>(random() % 500);
      const auto size = static_cast<std::int64_t>(std::uint64_t{64} << random() % 9);
      const auto place = static_cast<std::int64_t>(random() % (local ? 16 : 100000));
      const bool write = random() % 100 < writes;
      all.push_back({.address = place * 64, .bytes = size, .write = write, .arrival = now});
    }
    return all;
  }

  Time at(Cycle cycle) const { return clock_.edge(cycle); }

  BoardConfig config_;
  Clock clock_{Hertz(1.0)};
};

/// Last data of a run: the latency and the services of all its transfers.
void expect_no_less(Time got, Time least, const char* what) { EXPECT_GE(got.ps(), least.ps()) << what; }

TEST_P(Bounds, HoldForRunsOfTransfers) {
  const Standard s = standard_of(config_);
  clock_ = Clock(s.clock);
  const LowerBounds bounds(config_);
  for (unsigned seed = 1; seed <= 6; ++seed) {
    for (const unsigned writes : {0U, 30U, 100U}) {
      const std::vector<Transfer> all = traffic(seed, writes);
      StreamMemory stream(s, memory_config_of(config_));
      CommandMemory command(s, memory_config_of(config_));
      Time services;
      for (const Transfer& t : all) {
        stream.submit(t);
        command.submit(t);
        services += bounds.least_service(Bytes(t.bytes));
      }
      const Time reads = bounds.least_latency(false), written = bounds.least_latency(true);
      const Time latency = writes == 30U ? std::min(reads, written) : writes == 0U ? reads : written;
      const Time least = at(all.front().arrival) + services + latency;
      expect_no_less(at(stream.drain()), least, "stream");
      expect_no_less(at(command.drain()), least, "command");
    }
  }
}

/// Any stretch of transfers, seen from the arrival of its first: also after others, in whatever state they left.
TEST_P(Bounds, HoldForEveryStretchOfAnswers) {
  const Standard s = standard_of(config_);
  clock_ = Clock(s.clock);
  const LowerBounds bounds(config_);
  const Time posted = bounds.least_service(bounds.posted());
  for (const unsigned writes : {0U, 30U, 100U}) {
    const std::vector<Transfer> all = traffic(7, writes);
    StreamMemory stream(s, memory_config_of(config_));
    CommandMemory command(s, memory_config_of(config_));
    std::vector<Cycle> fast, slow(all.size());
    for (const Transfer& t : all) {
      fast.push_back(stream.submit(t).done);
      command.submit(t);
    }
    command.drain();
    for (const Finished& f : command.finished()) slow[static_cast<std::size_t>(f.transfer)] = f.done;
    for (std::size_t i = 0; i < all.size(); i += 7) {
      Time services;
      Cycle last_fast = 0, last_slow = 0;
      for (std::size_t k = i; k < std::min(all.size(), i + 60); ++k) {
        services += bounds.least_service(Bytes(all[k].bytes));
        last_fast = std::max(last_fast, fast[k]);
        last_slow = std::max(last_slow, slow[k]);
        Time least = at(all[i].arrival) + services;
        if (writes == 0) least += bounds.least_latency(false);
        if (writes > 0) least = least > posted ? least - posted : Time();
        expect_no_less(at(last_fast), least, "stream");
        expect_no_less(at(last_slow), least, "command");
      }
    }
  }
}

TEST_P(Bounds, SpansOfThePinsNeitherOverlapNorShrink) {
  const Standard s = standard_of(config_);
  clock_ = Clock(s.clock);
  const LowerBounds bounds(config_);
  for (const unsigned writes : {0U, 50U, 100U}) {
    StreamMemory stream(s, memory_config_of(config_));
    Cycle free = 0;
    Time services, first;
    for (const Transfer& t : traffic(11, writes)) {
      const Served served = stream.submit(t);
      EXPECT_GE(served.begin, free);
      EXPECT_GT(at(served.begin), at(t.arrival) + bounds.least_latency(t.write) - Time::ps(2));
      if (free == 0) first = at(served.begin);
      free = served.free;
      services += bounds.least_service(Bytes(t.bytes));
      expect_no_less(at(free), first + services - Time::ps(2), "pins");
      EXPECT_GE(served.done, t.arrival);
    }
    // The span of all is that of the memory itself, but for a refresh, a drain or the skew of channels.
    const Cycle end = stream.drain();
    EXPECT_NEAR(static_cast<double>(end), static_cast<double>(free), 0.05 * static_cast<double>(end));
  }
}

INSTANTIATE_TEST_SUITE_P(Dram, Bounds,
                         testing::Values(Board{"DDR3-1600", 1, 0.0}, Board{"DDR4-2666", 1, 2640.0},
                                         Board{"LPDDR4X-4266", 4, 4224.0}, Board{"LPDDR4-3200", 2, 3120.0},
                                         Board{"LPDDR5-6400", 16, 0.0}, Board{"HBM2-2000", 8, 0.0}));

}  // namespace
}  // namespace chipcast::dram
