// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <vector>

#include "models/dram/command.h"
#include "models/dram/timing.h"
#include "sim/base/units.h"

namespace chipcast::dram {

/// What a rank is doing between commands; each state has its own standing power.
enum class RankState : std::uint8_t { active, idle, active_power_down, power_down, self_refresh };
inline constexpr int kRankStates = 5;
constexpr std::size_t index(RankState s) { return static_cast<std::size_t>(s); }

/// Currents of one supply of one device in milliampere, by the names of the datasheets.
struct Rail {
  double volt;
  double idd0, idd2n, idd2p, idd3n, idd3p, idd4r, idd4w, idd5b, idd6;
};

/// Energy of one device: per command, above the standing power of the state it happens in.
struct DeviceEnergy {
  Joules activate;  ///< with the precharge that follows
  Joules read_core, read_io, write_core, write_io;
  Joules refresh;  ///< all banks
  std::array<Watts, kRankStates> standing;
};

/// Micron TN-41-01 (the method of DRAMPower too), summed over the supplies:
///   activate = V (IDD0 tRC - IDD3N tRAS - IDD2N (tRC - tRAS)),  refresh = V (IDD5B - IDD2N) tRFC,
///   read = V (IDD4R - IDD3N) t,  write = V (IDD4W - IDD3N) t  with t the gapless column distance tCCD_S.
/// `core` are the supplies of the array, `io` those of the data pins.
DeviceEnergy energy_from_currents(const std::vector<Rail>& core, const std::vector<Rail>& io, const Timing& timing,
                                  Seconds cycle);

/// What a rank did: commands issued and cycles spent in each state.
struct Activity {
  std::array<std::int64_t, kCommands> commands{};
  std::array<std::int64_t, kRankStates> cycles{};
  Activity& operator+=(const Activity& other);
};

/// Energy by cause of all devices of a channel.
struct EnergyReport {
  Joules activate, read, write, refresh, standing;
  Joules total() const { return activate + read + write + refresh + standing; }
};

/// `devices` share every command (devices per rank), `banks` per rank. A bank's refresh takes its share of
/// the energy of an all-bank refresh.
EnergyReport energy_of(const Activity& activity, const DeviceEnergy& device, int devices, int banks, Seconds cycle);

}  // namespace chipcast::dram
