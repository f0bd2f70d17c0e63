// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "models/dram/controller_config.h"
#include "models/dram/engine.h"

namespace chipcast::dram {

/// Contiguous bytes that move in one direction.
struct Transfer {
  std::int64_t address = 0, bytes = 0;
  bool write = false;
  Cycle arrival = 0;
};

/// All that the model of a memory needs besides the standard.
struct MemoryConfig {
  int channels = 1;
  std::string order{};  ///< of address fields, see AddressMap; empty: usual_order()
  bool hash = false;
  int queue = 8;  ///< transfers that CommandMemory splits at a time; more are refused
  ControllerConfig controller{};
};

/// Commands by what they cost; all other energy is standing power.
struct Counts {
  std::int64_t activates = 0, reads = 0, writes = 0, refreshes = 0, bank_refreshes = 0;

  static Counts of(const Activity& activity) {
    const auto count = [&](Command c) { return activity.commands[index(c)]; };
    return {count(Command::activate), count(Command::read), count(Command::write), count(Command::refresh_all),
            count(Command::refresh_bank)};
  }
  friend Counts operator-(const Counts& a, const Counts& b) {
    return {a.activates - b.activates, a.reads - b.reads, a.writes - b.writes, a.refreshes - b.refreshes,
            a.bank_refreshes - b.bank_refreshes};
  }
  friend bool operator==(const Counts&, const Counts&) = default;
};

}  // namespace chipcast::dram
