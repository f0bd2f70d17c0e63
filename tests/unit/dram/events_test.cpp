// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "models/dram/memory.h"

/// The memory burst by burst, driven from event to event, against the same transfers all at once.
namespace chipcast::dram {
namespace {

using Traffic = std::vector<Transfer>;
using Ends = std::map<std::int64_t, Cycle>;

/// Transfers of 16 B to 8 KiB, some in bursts, some after a pause.
Traffic random_traffic(const Standard& s, unsigned seed) {
  std::mt19937_64 random(seed);
  Traffic traffic;
  Cycle now = 0;
  for (int i = 0; i < 1500; ++i) {
    if (random() % 4 == 0) now += static_cast<Cycle>(random() % (random() % 50 == 0 ? 20000 : 300));
    const auto size = static_cast<std::int64_t>(std::uint64_t{16} << random() % 10);
    const auto places = static_cast<std::uint64_t>(s.organisation.capacity().count() / size);
    const auto place = static_cast<std::int64_t>(random() % (i % 2 == 0 ? places : 64));
    traffic.push_back({.address = place * size, .bytes = size, .write = random() % 3 == 0, .arrival = now});
  }
  return traffic;
}

void note(const CommandMemory& memory, Ends& ends) {
  for (const Finished& f : memory.finished()) {
    EXPECT_TRUE(ends.emplace(f.transfer, f.done).second) << "done twice";
    EXPECT_LE(f.first, f.done);
  }
}

/// As an event-driven wrapper would: never looks beyond the next event, hands over only what is accepted.
Ends by_events(CommandMemory& memory, const Traffic& traffic) {
  Ends ends;
  std::size_t next = 0;
  while (next < traffic.size() || !memory.idle()) {
    const bool offered = next < traffic.size() && memory.accepts();
    const Cycle event = memory.idle() ? kNever : memory.next_time();
    const Cycle arrival = offered ? traffic[next].arrival : kNever;
    if (arrival <= event) {
      memory.advance(arrival - 1);  // refreshes that were due meanwhile
      note(memory, ends);
      memory.submit(traffic[next++]);
    } else {
      memory.advance(event);
      note(memory, ends);
    }
  }
  return ends;
}

Ends at_once(CommandMemory& memory, const Traffic& traffic) {
  Ends ends;
  for (const Transfer& t : traffic) memory.submit(t);
  memory.drain();
  note(memory, ends);
  return ends;
}

class Events : public testing::TestWithParam<const char*> {
 protected:
  Standard s_ = find_standard(GetParam());
};

TEST_P(Events, GiveTheCyclesOfABatch) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    const Traffic traffic = random_traffic(s_, seed);
    for (const int channels : {1, 4}) {
      // Many channels in a batch see all transfers; here as many as the longest of them is behind.
      const MemoryConfig config{.channels = channels, .queue = channels == 1 ? 8 : 1500};
      CommandMemory step(s_, config), batch(s_, config);
      const Ends got = by_events(step, traffic), expected = at_once(batch, traffic);
      ASSERT_EQ(got.size(), traffic.size());
      EXPECT_EQ(got, expected) << channels << " channels, seed " << seed;
      EXPECT_EQ(step.take_counts(), batch.take_counts());
    }
  }
}

TEST_P(Events, AreTheSameWhateverIsLookedAtBetween) {
  const Traffic traffic = random_traffic(s_, 4);
  CommandMemory a(s_, {}), b(s_, {});
  Ends ends;
  std::size_t next = 0;
  for (Cycle now = 0; next < traffic.size() || !b.idle(); now += 7) {  // polled, in steps that fit nothing
    for (; next < traffic.size() && traffic[next].arrival <= now && b.accepts(); ++next) {
      Transfer t = traffic[next];
      t.arrival = now;
      b.submit(t);
    }
    b.advance(now);
    note(b, ends);
  }
  EXPECT_EQ(ends.size(), traffic.size());
  by_events(a, traffic);
  EXPECT_EQ(a.take_counts().reads, b.take_counts().reads);
}

/// Reads end when their last data passed; writes when the queue holds them, long before.
TEST_P(Events, OfOneReadAndOneWrite) {
  CommandMemory memory(s_, {});
  const std::int64_t bytes = s_.organisation.burst_bytes();
  const Timing& t = s_.timing;
  memory.submit({.address = 0, .bytes = bytes, .write = true, .arrival = 50});
  memory.submit({.address = 4 * bytes, .bytes = bytes, .write = false, .arrival = 50});
  EXPECT_EQ(memory.next_time(), 50);
  memory.advance(50);
  ASSERT_EQ(memory.finished().size(), 1u);
  EXPECT_EQ(memory.finished()[0].transfer, 0);
  EXPECT_EQ(memory.finished()[0].done, 50);
  Ends ends;
  while (ends.empty()) {
    memory.advance(memory.next_time());
    note(memory, ends);
  }
  const Cycle latency = t[Param::rl] + t[Param::dqsck] + t[Param::bl];
  EXPECT_GE(ends.at(1), 50 + t[Param::rcd] + latency);
  EXPECT_FALSE(memory.idle()) << "the write still waits";
}

TEST_P(Events, RefuseMoreThanTheQueueHolds) {
  CommandMemory memory(s_, {.queue = 2});
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(memory.accepts());
    memory.submit({.address = 65536 * i, .bytes = 65536});
  }
  EXPECT_FALSE(memory.accepts());
  Cycle now = 0;
  while (!memory.accepts()) memory.advance(now = memory.next_time());
  const Cycle service = 65536 / s_.organisation.burst_bytes() * s_.timing[Param::ccd_s];
  EXPECT_GT(now, service / 2) << "room when the last burst of the first is in the controller's queue";
  EXPECT_LT(now, 2 * service);
}

INSTANTIATE_TEST_SUITE_P(Dram, Events, testing::Values("DDR4-2400", "LPDDR4-3200", "LPDDR5-6400", "HBM2-2000"),
                         [](const testing::TestParamInfo<const char*>& bin) {
                           std::string name = bin.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace chipcast::dram
