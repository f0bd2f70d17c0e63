// SPDX-License-Identifier: Apache-2.0
#include "sim/ledger/ledger.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "sim/base/check.h"

namespace chipcast {
namespace {

LedgerEntry entry(ComponentId component, ActionId action, std::optional<OpId> op, double count, double each) {
  return {
      .component = component, .action = action, .op = op, .begin = {}, .end = {}, .count = count, .each = Joules(each)};
}

TEST(Ledger, NamesAreRegisteredOnce) {
  Ledger ledger;
  const auto mac = ledger.component("npu.mac"), sram = ledger.component("npu.sram");
  EXPECT_EQ(ledger.component("npu.mac"), mac);
  EXPECT_NE(mac, sram);
  EXPECT_EQ(ledger.name(sram), "npu.sram");
  const auto read = ledger.action("read");
  EXPECT_EQ(ledger.action("read"), read);
  EXPECT_EQ(ledger.name(read), "read");
}

TEST(Ledger, SharesAddUpToTheTotal) {
  Ledger ledger;
  const auto idle = ledger.component("idle"), mac = ledger.component("mac"), sram = ledger.component("sram");
  const auto read = ledger.action("read"), add = ledger.action("add");
  ledger.add(entry(sram, read, OpId(1), 4, 0.5));
  ledger.add(entry(mac, add, OpId(0), 8, 0.25));
  ledger.add(entry(sram, read, std::nullopt, 2, 0.5));
  EXPECT_EQ(ledger.total(), Joules(5.0));

  const auto components = ledger.by_component();
  ASSERT_EQ(components.size(), 2u) << "idle has no entry";
  EXPECT_EQ(ledger.name(idle), "idle");
  EXPECT_EQ(components[0].name, "mac") << "order of registration";
  EXPECT_EQ(components[0].energy, Joules(2.0));
  EXPECT_EQ(components[1].energy, Joules(3.0));

  const auto actions = ledger.by_action();
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(actions[0].name, "read");
  EXPECT_EQ(actions[0].energy, Joules(3.0));

  const auto ops = ledger.by_op(3);
  ASSERT_EQ(ops.size(), 3u);
  EXPECT_EQ(ops[0], Joules(2.0));
  EXPECT_EQ(ops[1], Joules(2.0)) << "background power belongs to no operator";
  EXPECT_EQ(ops[2], Joules(0.0));
}

TEST(Ledger, AStreamOfChunksIsOneEntry) {
  Ledger ledger;
  const auto bus = ledger.component("bus"), mac = ledger.component("mac");
  const auto byte = ledger.action("byte");
  const auto chunk = [&](ComponentId component, std::int64_t begin, std::int64_t end, double count, std::size_t op) {
    LedgerEntry one = entry(component, byte, OpId(op), count, 1e-12);
    one.begin = Time::ps(begin);
    one.end = Time::ps(end);
    ledger.add(one);
  };
  chunk(bus, 0, 1000, 64, 0);
  chunk(mac, 0, 500, 8, 0);  // another component between them
  chunk(bus, 1000, 2000, 64, 0);
  chunk(bus, 2000, 3001, 64, 0);  // a picosecond of rounding
  ASSERT_EQ(ledger.entries().size(), 2u);
  EXPECT_EQ(ledger.entries()[0].end, Time::ps(3001));
  EXPECT_EQ(ledger.entries()[0].count, 192.0);
  chunk(bus, 3001, 4001, 32, 0);  // half the rate
  chunk(bus, 4002, 5002, 32, 0);  // a gap
  chunk(bus, 5002, 6002, 32, 1);  // another operator
  EXPECT_EQ(ledger.entries().size(), 5u);
  EXPECT_DOUBLE_EQ(ledger.total().count(), (192 + 8 + 96) * 1e-12);
}

TEST(Ledger, SummingDoesNotLoseSmallEntries) {
  Ledger ledger;
  const auto c = ledger.component("c");
  const auto a = ledger.action("a");
  ledger.add(entry(c, a, OpId(0), 1, 1e16));
  for (int i = 0; i < 1000; ++i) ledger.add(entry(c, a, OpId(0), 1, 1.0));
  ledger.add(entry(c, a, OpId(0), 1, -1e16));
  EXPECT_EQ(ledger.total(), Joules(1000.0));
  EXPECT_EQ(ledger.by_component()[0].energy, Joules(1000.0));
  EXPECT_EQ(ledger.by_op(1)[0], Joules(1000.0));
}

TEST(Ledger, RandomSharesAgreeWithTheTotal) {
  std::mt19937_64 random(8);
  std::uniform_real_distribution<double> exponent(-15, 0), count(0, 1e6);
  Ledger ledger;
  for (int i = 0; i < 20'000; ++i) {
    const auto c = ledger.component(std::string("c") + std::to_string(random() % 40));
    const auto a = ledger.action(std::string("a") + std::to_string(random() % 9));
    ledger.add(entry(c, a, OpId(random() % 100), count(random), std::pow(10.0, exponent(random))));
  }
  const double total = ledger.total().count();
  double components = 0, actions = 0, ops = 0;
  for (const auto& share : ledger.by_component()) components += share.energy.count();
  for (const auto& share : ledger.by_action()) actions += share.energy.count();
  for (const auto& energy : ledger.by_op(100)) ops += energy.count();
  EXPECT_NEAR(components, total, 1e-14 * total);
  EXPECT_NEAR(actions, total, 1e-14 * total);
  EXPECT_NEAR(ops, total, 1e-14 * total);
}

TEST(Ledger, AnEmptyOneHasNoEnergy) {
  const Ledger ledger;
  EXPECT_EQ(ledger.total(), Joules(0.0));
  EXPECT_TRUE(ledger.by_component().empty());
  EXPECT_EQ(ledger.by_op(2).size(), 2u);
}

TEST(Ledger, AnOperatorBeyondTheGraphIsABug) {
  Ledger ledger;
  ledger.add(entry(ledger.component("c"), ledger.action("a"), OpId(5), 1, 1));
  EXPECT_THROW(ledger.by_op(5), InvariantError);
}

}  // namespace
}  // namespace chipcast
