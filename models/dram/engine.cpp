// SPDX-License-Identifier: Apache-2.0
#include "models/dram/engine.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast::dram {
namespace {

constexpr int kClosed = -1;
/// Commands of the far past, so that an empty window holds nothing back.
constexpr Cycle kLongAgo = -(Cycle{1} << 40);

std::size_t at_index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

Engine::Engine(const Standard& standard)
    : organisation_(standard.organisation),
      ranks_ready_(at_index(organisation_.ranks), Ready{}),
      groups_ready_(at_index(organisation_.groups_total()), Ready{}),
      banks_ready_(at_index(organisation_.banks_total()), Ready{}),
      ranks_(at_index(organisation_.ranks)),
      rows_(at_index(organisation_.banks_total()), kClosed) {
  for (const Rule& rule : standard.rules) {
    const int delay = rule.delay.cycles(standard.timing);
    if (delay <= 0) continue;
    if (rule.window > 1) {
      CHIPCAST_ASSERT(rule.scope != Scope::other_ranks);
      const std::size_t instances = rule.scope == Scope::channel      ? 1
                                    : rule.scope == Scope::rank       ? ranks_.size()
                                    : rule.scope == Scope::bank_group ? groups_ready_.size()
                                                                      : banks_ready_.size();
      windows_.push_back({rule.scope, rule.from, rule.to, delay, rule.window,
                          std::vector<Cycle>(instances * at_index(rule.window), kLongAgo),
                          std::vector<int>(instances, 0)});
      continue;
    }
    for (int from = 0; from < kCommands; ++from) {
      for (int to = 0; to < kCommands; ++to) {
        if (rule.from.contains(command_at(from)) && rule.to.contains(command_at(to))) {
          add_effect(command_at(from), {rule.scope, command_at(to), delay});
        }
      }
    }
  }
}

void Engine::add_effect(Command from, const Effect& effect) {
  for (Effect& known : effects_[index(from)]) {
    if (known.scope == effect.scope && known.to == effect.to) {
      known.delay = std::max(known.delay, effect.delay);
      return;
    }
  }
  effects_[index(from)].push_back(effect);
}

int Engine::instance(Scope scope, const Address& at) const {
  switch (scope) {
    case Scope::channel:
      return 0;
    case Scope::rank:
    case Scope::other_ranks:
      return at.rank;
    case Scope::bank_group:
      return at.group;
    case Scope::bank:
      return at.bank;
  }
  return 0;
}

Engine::Ready& Engine::ready_of(Scope scope, const Address& at) {
  switch (scope) {
    case Scope::channel:
      return channel_;
    case Scope::bank_group:
      return groups_ready_[at_index(at.group)];
    case Scope::bank:
      return banks_ready_[at_index(at.bank)];
    default:
      return ranks_ready_[at_index(at.rank)];
  }
}

bool Engine::legal(Command command, const Address& at) const {
  const Rank& rank = ranks_[at_index(at.rank)];
  if (command == Command::power_down_exit) return rank.low_power == LowPower::down;
  if (command == Command::self_refresh_exit) return rank.low_power == LowPower::self;
  if (rank.low_power != LowPower::none) return false;
  switch (command) {
    case Command::activate:
    case Command::refresh_bank:
      return rows_[at_index(at.bank)] == kClosed;
    case Command::read:
    case Command::write:
      return rows_[at_index(at.bank)] == at.row;
    case Command::refresh_all:
    case Command::self_refresh_enter:
      return rank.open == 0;
    default:
      return true;
  }
}

void Engine::issue(Command command, const Address& at, Cycle cycle) {
  CHIPCAST_ASSERT(cycle >= last_);
  CHIPCAST_ASSERT(legal(command, at));
  CHIPCAST_ASSERT(cycle >= earliest(command, at));
  last_ = cycle;
  for (const Effect& effect : effects_[index(command)]) apply(effect, at, cycle);
  for (Window& window : windows_) {
    if (window.from.contains(command)) slide(window, at, cycle);
  }
  change_state(command, at, cycle);
}

void Engine::apply(const Effect& effect, const Address& at, Cycle cycle) {
  const auto raise = [&](Ready& ready) {
    Cycle& t = ready[index(effect.to)];
    t = std::max(t, cycle + effect.delay);
  };
  if (effect.scope != Scope::other_ranks) {
    raise(ready_of(effect.scope, at));
    return;
  }
  for (int r = 0; r < organisation_.ranks; ++r) {
    if (r != at.rank) raise(ranks_ready_[at_index(r)]);
  }
}

void Engine::slide(Window& window, const Address& at, Cycle cycle) {
  const int i = instance(window.scope, at);
  int& next = window.next[at_index(i)];
  window.ring[at_index(i * window.length + next)] = cycle;
  next = (next + 1) % window.length;
  const Cycle oldest = window.ring[at_index(i * window.length + next)];
  Ready& ready = ready_of(window.scope, at);
  for (int to = 0; to < kCommands; ++to) {
    if (!window.to.contains(command_at(to))) continue;
    ready[at_index(to)] = std::max(ready[at_index(to)], oldest + window.delay);
  }
}

void Engine::change_state(Command command, const Address& at, Cycle cycle) {
  Rank& rank = ranks_[at_index(at.rank)];
  rank.activity.cycles[index(state(at.rank))] += cycle - rank.since;
  rank.since = cycle;
  ++rank.activity.commands[index(command)];
  int& row = rows_[at_index(at.bank)];
  switch (command) {
    case Command::activate:
      row = at.row;
      ++rank.open;
      break;
    case Command::precharge:
      rank.open -= row != kClosed ? 1 : 0;
      row = kClosed;
      break;
    case Command::precharge_all:
      close_all(at.rank);
      break;
    case Command::power_down_enter:
      rank.low_power = LowPower::down;
      break;
    case Command::self_refresh_enter:
      rank.low_power = LowPower::self;
      break;
    case Command::power_down_exit:
    case Command::self_refresh_exit:
      rank.low_power = LowPower::none;
      break;
    default:
      break;
  }
}

void Engine::close_all(int rank) {
  const int banks = organisation_.banks_per_rank();
  std::fill_n(rows_.begin() + rank * banks, banks, kClosed);
  ranks_[at_index(rank)].open = 0;
}

std::optional<int> Engine::open_row(int bank) const {
  const int row = rows_[at_index(bank)];
  return row == kClosed ? std::nullopt : std::optional<int>(row);
}

RankState Engine::state(int rank) const {
  const Rank& r = ranks_[at_index(rank)];
  if (r.low_power == LowPower::self) return RankState::self_refresh;
  if (r.low_power == LowPower::down) return r.open > 0 ? RankState::active_power_down : RankState::power_down;
  return r.open > 0 ? RankState::active : RankState::idle;
}

Activity Engine::activity(int rank, Cycle now) const {
  const Rank& r = ranks_[at_index(rank)];
  Activity a = r.activity;
  a.cycles[index(state(rank))] += std::max<Cycle>(0, now - r.since);
  return a;
}

int Engine::bus_cycles(Command from, Command to) const {
  for (const Effect& effect : effects_[index(from)]) {
    if (effect.scope == Scope::channel && effect.to == to) return effect.delay;
  }
  return 0;
}

}  // namespace chipcast::dram
