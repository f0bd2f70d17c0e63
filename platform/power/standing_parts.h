// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/platform.h"
#include "platform/power/domains.h"

namespace chipcast {

/// Something of a domain that draws power all the time.
struct StandingPart {
  std::string component, action;  ///< of the ledger
  std::size_t domain = 0;
  Watts power{};       ///< at the configured supply; of a memory an estimate, see `memory`
  bool leaks = false;  ///< leakage of silicon: changes with supply and temperature
  /// Its power holds at technology.nominal_volts, because it has no volts of its own; else at the point to start in.
  bool nominal = false;
  bool sleeps = false;  ///< an idle state leaves its power_share of it
  bool warms = true;    ///< its heat goes into the domain's thermal node; the board's does not
  /// A memory's standby: its energy is known only at the end (MemoryModule::close), so that `power` is MemoryLaw's.
  std::optional<std::size_t> memory{};
};

/// All of them: leakage of devices and of the system cache, what is always on, standby of memories, the board, loads.
std::vector<StandingPart> standing_parts(const Platform& platform, const std::vector<PowerDomain>& domains);

}  // namespace chipcast
