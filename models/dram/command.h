// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace chipcast::dram {

/// What a memory controller can tell a DRAM. The first five concern one bank or row, the others a rank.
enum class Command : std::uint8_t {
  activate,
  precharge,
  read,
  write,
  refresh_bank,
  precharge_all,
  refresh_all,
  power_down_enter,
  power_down_exit,
  self_refresh_enter,
  self_refresh_exit,
};
inline constexpr int kCommands = 11;
inline constexpr std::array<std::string_view, kCommands> kCommandNames{"activate",
                                                                       "precharge",
                                                                       "read",
                                                                       "write",
                                                                       "refresh_bank",
                                                                       "precharge_all",
                                                                       "refresh_all",
                                                                       "power_down_enter",
                                                                       "power_down_exit",
                                                                       "self_refresh_enter",
                                                                       "self_refresh_exit"};

constexpr std::size_t index(Command c) { return static_cast<std::size_t>(c); }
constexpr Command command_at(int i) { return static_cast<Command>(i); }

/// A set of commands: Command::read | Command::write.
class CommandSet {
 public:
  constexpr CommandSet() = default;
  constexpr CommandSet(Command c) : bits_(1U << index(c)) {}
  constexpr bool contains(Command c) const { return (bits_ >> index(c) & 1U) != 0; }
  friend constexpr CommandSet operator|(CommandSet a, CommandSet b) { return CommandSet(a.bits_ | b.bits_); }
  /// The commands of `a` that are not in `b`.
  friend constexpr CommandSet operator-(CommandSet a, CommandSet b) { return CommandSet(a.bits_ & ~b.bits_); }

 private:
  constexpr explicit CommandSet(std::uint32_t bits) : bits_(bits) {}
  friend constexpr CommandSet all_commands();
  std::uint32_t bits_ = 0;
};
constexpr CommandSet operator|(Command a, Command b) { return CommandSet(a) | CommandSet(b); }
constexpr CommandSet all_commands() { return CommandSet((1U << kCommands) - 1U); }

/// The part of a channel that a command is for. `group` and `bank` count over the whole channel (all ranks);
/// fields below the command's level are not looked at.
struct Address {
  int rank = 0, group = 0, bank = 0;
  int row = 0, column = 0;
};

}  // namespace chipcast::dram
