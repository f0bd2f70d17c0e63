// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/dram/standard.h"

namespace chipcast::dram {

using Cycle = std::int64_t;

/// The state of one channel and the earliest cycle of every command, read off a standard's rule table. Knows
/// no standard by name. Commands must be issued in the order of their cycles.
class Engine {
 public:
  explicit Engine(const Standard& standard);

  /// First cycle at which all rules allow `command`; says nothing about the state it needs.
  Cycle earliest(Command command, const Address& at) const {
    const std::size_t c = index(command);
    const Cycle t = std::max(channel_[c], ranks_ready_[static_cast<std::size_t>(at.rank)][c]);
    if (c > index(Command::refresh_bank)) return t;  // for the whole rank
    return std::max(
        {t, groups_ready_[static_cast<std::size_t>(at.group)][c], banks_ready_[static_cast<std::size_t>(at.bank)][c]});
  }
  /// Whether the banks and the rank are in the state that `command` needs: a read needs its row open, ...
  bool legal(Command command, const Address& at) const;
  /// Performs `command`. An illegal or early command, or one before the last, is a bug of the caller.
  void issue(Command command, const Address& at, Cycle cycle);

  std::optional<int> open_row(int bank) const;
  int open_banks(int rank) const { return ranks_[static_cast<std::size_t>(rank)].open; }
  bool powered_down(int rank) const { return ranks_[static_cast<std::size_t>(rank)].low_power == LowPower::down; }
  bool self_refreshing(int rank) const { return ranks_[static_cast<std::size_t>(rank)].low_power == LowPower::self; }
  RankState state(int rank) const;
  /// What `rank` did up to `now`.
  Activity activity(int rank, Cycle now) const;
  /// Command-bus cycles that `from` keeps a `to` away.
  int bus_cycles(Command from, Command to) const;

 private:
  enum class LowPower : std::uint8_t { none, down, self };
  struct Rank {
    int open = 0;
    LowPower low_power = LowPower::none;
    Cycle since = 0;
    Activity activity;
  };
  /// A rule seen from one of its `from` commands.
  struct Effect {
    Scope scope;
    Command to;
    int delay;
  };
  /// A rule with a window: the cycles of the last commands of one instance, as a ring.
  struct Window {
    Scope scope;
    CommandSet from, to;
    int delay, length;
    std::vector<Cycle> ring;
    std::vector<int> next;
  };
  using Ready = std::array<Cycle, kCommands>;

  Ready& ready_of(Scope scope, const Address& at);
  int instance(Scope scope, const Address& at) const;
  void add_effect(Command from, const Effect& effect);
  void apply(const Effect& effect, const Address& at, Cycle cycle);
  void slide(Window& window, const Address& at, Cycle cycle);
  void change_state(Command command, const Address& at, Cycle cycle);
  void close_all(int rank);

  Organisation organisation_;
  std::array<std::vector<Effect>, kCommands> effects_;
  std::vector<Window> windows_;
  Ready channel_{};
  std::vector<Ready> ranks_ready_, groups_ready_, banks_ready_;
  std::vector<Rank> ranks_;
  std::vector<int> rows_;  ///< open row by bank, kClosed where none
  Cycle last_ = 0;
};

}  // namespace chipcast::dram
