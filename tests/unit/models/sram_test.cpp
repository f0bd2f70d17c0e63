// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "models/sram/banks.h"
#include "sim/config/reader.h"

namespace chipcast::sram {
namespace {

/// 1 ns cycles, 8 banks of 16-byte words, one port.
Config small() {
  Config config;
  config.capacity = Bytes(64 * 1024);
  config.banks = 8;
  config.width = BytesPerCycle(16);
  config.interleave = Bytes(16);
  config.clock = Hertz(1e9);
  config.latency = Cycles(2);
  return config;
}

Time ns(std::int64_t n) { return Time::ps(n * 1000); }

/// Accesses per bank, word by word.
std::map<std::int64_t, std::int64_t> counted(const Config& config, std::uint64_t address, std::int64_t bytes) {
  std::map<std::int64_t, std::int64_t> out;
  const auto width = static_cast<std::uint64_t>(config.width.count());
  for (std::uint64_t word = address / width; word * width < address + static_cast<std::uint64_t>(bytes); ++word) {
    ++out[static_cast<std::int64_t>(word * width / static_cast<std::uint64_t>(config.interleave.count())) %
          config.banks];
  }
  return out;
}

TEST(SramSpread, IsThatOfEveryWord) {
  std::mt19937 random(7);
  for (int i = 0; i < 4000; ++i) {
    Config config = small();
    config.banks = std::uniform_int_distribution(1, 9)(random);
    config.interleave = Bytes(16 * std::uniform_int_distribution(1, 5)(random));
    const std::uint64_t address = std::uniform_int_distribution(0U, 5000U)(random);
    const std::int64_t bytes = std::uniform_int_distribution(1, i % 2 == 0 ? 100 : 3000)(random);
    const Spread spread(config, address, Bytes(bytes));
    auto naive = counted(config, address, bytes);
    ASSERT_EQ(spread.parts(), static_cast<std::int64_t>(naive.size()));
    std::int64_t most = 0, total = 0;
    for (std::int64_t part = 0; part < spread.parts(); ++part) {
      ASSERT_EQ(spread.accesses(part), naive[spread.bank(part)]) << part << " of " << bytes << " at " << address;
      most = std::max(most, spread.accesses(part));
      total += spread.accesses(part);
    }
    ASSERT_EQ(spread.most(), most);
    ASSERT_EQ(spread.total(), total);
  }
}

TEST(SramCost, StreamHasAllBanks) {
  // 8 banks * 16 B * 1 GHz
  EXPECT_DOUBLE_EQ(stream_bandwidth(small()).count(), 128e9);
  EXPECT_EQ(service_cycles(small(), 0, Bytes(4096)), Cycles(4096 / 128));
  Config two = small();
  two.ports = 2;
  EXPECT_DOUBLE_EQ(stream_bandwidth(two).count(), 256e9);
  EXPECT_EQ(service_cycles(two, 0, Bytes(4096)), Cycles(16));
}

TEST(SramCost, UnalignedEndsTakeWholeAccesses) {
  EXPECT_EQ(service_cycles(small(), 15, Bytes(2)), Cycles(1));  // two banks side by side
  EXPECT_EQ(switched_bytes(small(), 15, Bytes(2)), Bytes(32));
  EXPECT_EQ(service_cycles(small(), 1, Bytes(128)), Cycles(2));  // the ninth access is in the first bank again
  EXPECT_EQ(service_cycles(small(), 0, Bytes(0)), Cycles(0));
}

TEST(SramCost, StrideMeetsBanksOverGcd) {
  const Config config = small();
  // 8 / gcd(s, 8) banks for strides of s words
  EXPECT_DOUBLE_EQ(strided_accesses_per_cycle(config, Bytes(16)), 8.0);
  EXPECT_DOUBLE_EQ(strided_accesses_per_cycle(config, Bytes(2 * 16)), 4.0);
  EXPECT_DOUBLE_EQ(strided_accesses_per_cycle(config, Bytes(3 * 16)), 8.0);
  EXPECT_DOUBLE_EQ(strided_accesses_per_cycle(config, Bytes(6 * 16)), 4.0);
  EXPECT_DOUBLE_EQ(strided_accesses_per_cycle(config, Bytes(8 * 16)), 1.0);
}

TEST(SramCost, StridesAgainstTheBanks) {
  for (const int banks : {1, 6, 8, 12}) {
    for (const int interleave : {16, 48, 64}) {
      for (const int stride : {4, 16, 24, 32, 48, 64, 80, 96, 100, 192, 512, 1000}) {
        Config config = small();
        config.banks = banks;
        config.interleave = Bytes(interleave);
        Banks memory(config);
        const int count = banks * interleave * 20;  // whole rounds
        Time end;
        for (int i = 0; i < count; ++i) {
          end = std::max(
              end,
              memory.book(static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(stride), Bytes(1), false, Time())
                  .end);
        }
        const double cycles = static_cast<double>(end.ps()) / 1000.0;
        EXPECT_NEAR(count / cycles, strided_accesses_per_cycle(config, Bytes(stride)), 1e-9)
            << banks << " banks, interleave " << interleave << ", stride " << stride;
      }
    }
  }
}

TEST(SramBanks, ConflictIsServedOneCycleLater) {
  Banks banks(small());
  const auto first = banks.book(0, Bytes(16), false, ns(5));
  EXPECT_EQ(first.begin, ns(5));
  EXPECT_EQ(first.end, ns(6));
  const auto second = banks.book(8 * 16, Bytes(16), false, ns(5));  // the same bank
  EXPECT_EQ(second.begin, ns(6));
  EXPECT_EQ(second.end, ns(7));
  EXPECT_EQ(second.conflict, Cycles(1));
  EXPECT_EQ(banks.conflicts(), Cycles(1));
}

/// One picosecond before the bank is free a transfer has to wait for nothing but the next edge of the clock.
TEST(SramBanks, IsFreeAtTheEdgeAndNotBefore) {
  for (const auto& [arrival, begin] :
       {std::pair{ns(6) - Time::ps(1), ns(6)}, {ns(6), ns(6)}, {ns(6) + Time::ps(1), ns(7)}}) {
    Banks banks(small());
    banks.book(0, Bytes(16), true, ns(5));
    const auto next = banks.book(0, Bytes(16), true, arrival);
    EXPECT_EQ(next.begin, begin);
    EXPECT_EQ(next.conflict, Cycles(0));
  }
  Banks banks(small());
  banks.book(0, Bytes(32 * 16), true, ns(5));  // four accesses in every bank: busy to 9 ns
  EXPECT_EQ(banks.book(0, Bytes(1), true, ns(8)).begin, ns(9));
}

TEST(SramBanks, OtherBanksAreNotDisturbed) {
  Banks together(small()), alone(small());
  for (int i = 0; i < 100; ++i) {
    together.book(3 * 16, Bytes(16), false, ns(i));
    const auto with = together.book(4 * 16, Bytes(16), true, ns(i));
    const auto without = alone.book(4 * 16, Bytes(16), true, ns(i));
    EXPECT_EQ(with.end, without.end);
    EXPECT_EQ(with.conflict, Cycles(0));
  }
}

TEST(SramBanks, OneBankIsSharedExactly) {
  Banks banks(small());
  Time end;
  for (int i = 0; i < 100; ++i) {
    for (int stream = 0; stream < 2; ++stream) end = banks.book(0, Bytes(16), false, Time()).end;
  }
  EXPECT_EQ(end, ns(200));  // two accesses per stream and cycle pair
}

TEST(SramBanks, SeparatePortsKeepReadsFromWrites) {
  Config config = small();
  config.separate_ports = true;
  Banks banks(config);
  banks.book(0, Bytes(16), false, Time());
  EXPECT_EQ(banks.book(0, Bytes(16), true, Time()).begin, Time());
  EXPECT_EQ(banks.book(0, Bytes(16), true, Time()).begin, ns(1));
  EXPECT_EQ(banks.book(0, Bytes(16), false, Time()).begin, ns(1));
}

TEST(SramBanks, TwoPortsServeTwoInACycle) {
  Config config = small();
  config.ports = 2;
  Banks banks(config);
  EXPECT_EQ(banks.book(0, Bytes(16), false, Time()).end, ns(1));
  EXPECT_EQ(banks.book(0, Bytes(16), false, Time()).end, ns(1));
  EXPECT_EQ(banks.book(0, Bytes(16), false, Time()).end, ns(2));
}

/// Rounds of k accesses; those not served in their first cycle are forgotten.
double dropped(const Config& config, int requesters, int rounds) {
  std::mt19937 random(11);
  std::uniform_int_distribution<std::uint64_t> word(0, 4095);
  std::int64_t served = 0;
  Banks banks(config);
  for (int round = 0; round < rounds; ++round) {
    const Time now = ns(std::int64_t{round} * (requesters + 1));
    for (int i = 0; i < requesters; ++i) {
      if (banks.book(word(random) * 16, Bytes(16), false, now).end == now + ns(1)) ++served;
    }
  }
  return static_cast<double>(served) / rounds;
}

TEST(SramBanks, RandomTrafficThatIsDropped) {
  for (const int ports : {1, 2}) {
    for (const int requesters : {1, 4, 8, 24}) {
      Config config = small();
      config.ports = ports;
      const double form = dropped_throughput(config, requesters);
      EXPECT_NEAR(dropped(config, requesters, 20000), form, 0.02 * form) << requesters << " on " << ports;
    }
  }
  // 8 (1 - (7/8)^4)
  EXPECT_NEAR(dropped_throughput(small(), 4), 8.0 * (1.0 - std::pow(0.875, 4)), 1e-12);
}

/// Every requester has one access in flight; who has waited longest asks first.
double queued(const Config& config, int requesters, int cycles) {
  std::mt19937 random(13);
  std::uniform_int_distribution<std::uint64_t> word(0, 4095);
  Banks banks(config);
  std::multimap<Time, int> next;
  for (int i = 0; i < requesters; ++i) next.emplace(Time(), i);
  std::int64_t served = 0;
  while (next.begin()->first < ns(cycles)) {
    const Time now = next.begin()->first;
    next.erase(next.begin());
    next.emplace(banks.book(word(random) * 16, Bytes(16), false, now).end, 0);
    ++served;
  }
  return static_cast<double>(served) / cycles;
}

TEST(SramBanks, RandomTrafficThatWaits) {
  for (const int banks : {4, 8, 32}) {
    for (const int requesters : {1, 2, 4, 8, 16, 64}) {
      Config config = small();
      config.banks = banks;
      const double form = queued_throughput(banks, requesters);
      EXPECT_NEAR(queued(config, requesters, 40000), form, 0.02 * form) << requesters << " on " << banks;
    }
  }
}

TEST(SramConfig, NamesWhatDoesNotFit) {
  const auto message = [](const char* text) -> std::string {
    try {
      read_value<Config>(Json::parse(text), "sram");
    } catch (const InputError& e) {
      return e.what();
    }
    return {};
  };
  EXPECT_EQ(message(R"({"interleave": "64 B", "width": "16 B/cycle"})"), "");
  EXPECT_NE(message(R"({"interleave": "24 B"})").find("no multiple of width"), std::string::npos);
  EXPECT_NE(message(R"({"banks": 7})").find("multiple of banks x interleave"), std::string::npos);
}

}  // namespace
}  // namespace chipcast::sram
