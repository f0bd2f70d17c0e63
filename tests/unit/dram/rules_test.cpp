// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/base/check.h"
#include "tests/unit/dram/probe.h"

namespace chipcast::dram {
namespace {

constexpr Cycle kStart = 100'000;  ///< long after whatever brought the engine into its state

/// Brings rank 0, bank 0 into the state that `command` needs.
void prepare(Engine& engine, Command command, const Address& at) {
  switch (command) {
    case Command::read:
    case Command::write:
      engine.issue(Command::activate, at, 10);
      break;
    case Command::power_down_exit:
      engine.issue(Command::power_down_enter, at, 10);
      break;
    case Command::self_refresh_exit:
      engine.issue(Command::self_refresh_enter, at, 10);
      break;
    default:
      break;
  }
}

/// Issues `from` as often as the rule's window is long, one clock apart, in different banks: the delay counts
/// from the first, at kStart.
void issue_window(Engine& engine, const Standard& s, const Rule& rule, Command from) {
  for (int i = 0; i < rule.window; ++i) {
    const Address at = place(s, 0, i / s.organisation.banks, i % s.organisation.banks);
    if (i > 0) prepare(engine, from, at);
    engine.issue(from, at, kStart + i);
  }
}

/// Addresses inside and outside the scope of a rule whose first command went to rank 0, group 0, bank 0.
struct Reach {
  std::vector<Address> held, free;
};

Reach reach(const Standard& s, Scope scope) {
  const Address same = place(s, 0, 0, 0), neighbour = place(s, 0, 0, 1), other_rank = place(s, 1, 0, 0);
  std::vector<Address> other_group;
  if (s.organisation.groups > 1) other_group.push_back(place(s, 0, 1, 0));
  Reach r;
  switch (scope) {
    case Scope::channel:
      r.held = {same, neighbour, other_rank};
      break;
    case Scope::rank:
      r = {{same, neighbour}, {other_rank}};
      r.held.insert(r.held.end(), other_group.begin(), other_group.end());
      break;
    case Scope::other_ranks:
      r = {{other_rank}, {same, neighbour}};
      break;
    case Scope::bank_group:
      r = {{same, neighbour}, {other_rank}};
      r.free.insert(r.free.end(), other_group.begin(), other_group.end());
      break;
    case Scope::bank:
      r = {{same}, {neighbour, other_rank}};
      break;
  }
  return r;
}

class EveryStandard : public testing::TestWithParam<std::string> {};

/// Each row of each table alone in an engine: not ready at t - 1, ready at t, nothing outside its scope.
TEST_P(EveryStandard, EachRuleHoldsExactlyItsDelayInExactlyItsScope) {
  const Standard full = two_ranks(GetParam());
  ASSERT_GT(full.rules.size(), 30U);
  for (std::size_t row = 0; row < full.rules.size(); ++row) {
    const Rule& rule = full.rules[row];
    Standard alone = full;
    alone.rules = {rule};
    const int delay = std::max(0, rule.delay.cycles(full.timing));
    for (int from = 0; from < kCommands; ++from) {
      if (!rule.from.contains(command_at(from))) continue;
      Engine engine(alone);
      prepare(engine, command_at(from), place(full, 0, 0, 0));
      issue_window(engine, alone, rule, command_at(from));
      const Reach at = reach(full, rule.scope);
      for (int to = 0; to < kCommands; ++to) {
        SCOPED_TRACE(GetParam() + " row " + std::to_string(row) + ": " +
                     std::string(kCommandNames[static_cast<std::size_t>(from)]) + " -> " +
                     std::string(kCommandNames[static_cast<std::size_t>(to)]));
        const bool ruled = rule.to.contains(command_at(to)) && delay > 0;
        for (const Address& a : at.held) {
          if (ruled) {
            EXPECT_EQ(engine.earliest(command_at(to), a), kStart + delay);
          } else {
            EXPECT_LT(engine.earliest(command_at(to), a), kStart);
          }
        }
        for (const Address& a : at.free) EXPECT_LT(engine.earliest(command_at(to), a), kStart);
      }
    }
  }
}

/// In the whole table a rule may be covered by a longer one, but never cut short.
TEST_P(EveryStandard, NoRuleIsLostInTheWholeTable) {
  const Standard s = two_ranks(GetParam());
  for (const Rule& rule : s.rules) {
    if (rule.window > 1) continue;
    for (int from = 0; from < kCommands; ++from) {
      if (!rule.from.contains(command_at(from))) continue;
      Engine engine(s);
      prepare(engine, command_at(from), place(s, 0, 0, 0));
      engine.issue(command_at(from), place(s, 0, 0, 0), kStart);
      for (const Address& a : reach(s, rule.scope).held) {
        for (int to = 0; to < kCommands; ++to) {
          if (rule.to.contains(command_at(to))) {
            EXPECT_GE(engine.earliest(command_at(to), a), kStart + rule.delay.cycles(s.timing));
          }
        }
      }
    }
  }
}

TEST_P(EveryStandard, EarlyAndIllegalCommandsAreBugs) {
  const Standard s = two_ranks(GetParam());
  const Address a = place(s, 0, 0, 0, 7), other_row = place(s, 0, 0, 0, 8), idle = place(s, 0, 0, 1);
  Engine engine(s);
  EXPECT_THROW(engine.issue(Command::read, a, 0), InvariantError) << "closed bank";
  engine.issue(Command::activate, a, 10);
  const Cycle t = engine.earliest(Command::read, a);
  EXPECT_THROW(engine.issue(Command::read, a, t - 1), InvariantError) << "a clock early";
  EXPECT_THROW(engine.issue(Command::read, other_row, t), InvariantError) << "other row";
  EXPECT_THROW(engine.issue(Command::activate, a, 10'000), InvariantError) << "open bank";
  EXPECT_THROW(engine.issue(Command::refresh_all, a, 10'000), InvariantError) << "rank with an open bank";
  EXPECT_THROW(engine.issue(Command::power_down_exit, a, 10'000), InvariantError) << "rank that runs";
  EXPECT_THROW(engine.issue(Command::activate, idle, 9), InvariantError) << "back in time";
  EXPECT_NO_THROW(engine.issue(Command::read, a, t));
  engine.issue(Command::power_down_enter, a, 20'000);
  EXPECT_THROW(engine.issue(Command::read, a, 30'000), InvariantError) << "rank that sleeps";
  EXPECT_EQ(engine.state(0), RankState::active_power_down);
}

TEST_P(EveryStandard, StatesAndTheirCyclesAddUp) {
  const Standard s = two_ranks(GetParam());
  const Address a = place(s, 0, 0, 0, 3);
  Engine engine(s);
  engine.issue(Command::activate, a, 100);
  const Cycle closed = issue_asap(engine, Command::precharge, a, 500);
  const Cycle asleep = issue_asap(engine, Command::self_refresh_enter, a, closed + 1000);
  const Cycle awake = issue_asap(engine, Command::self_refresh_exit, a, asleep + 5000);
  const Activity done = engine.activity(0, awake + 10);
  EXPECT_EQ(done.cycles[index(RankState::active)], closed - 100);
  EXPECT_EQ(done.cycles[index(RankState::idle)], 100 + (asleep - closed) + 10);
  EXPECT_EQ(done.cycles[index(RankState::self_refresh)], awake - asleep);
  EXPECT_EQ(done.commands[index(Command::activate)], 1);
  EXPECT_EQ(engine.activity(1, 77).cycles[index(RankState::idle)], 77);
}

std::string test_name(const testing::TestParamInfo<std::string>& bin) {
  std::string name = bin.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Dram, EveryStandard, testing::ValuesIn(standard_names()), test_name);

}  // namespace
}  // namespace chipcast::dram
