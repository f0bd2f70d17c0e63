// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "models/dram/command.h"
#include "models/dram/power.h"
#include "models/dram/timing.h"
#include "sim/base/units.h"

/// DRAM standards as data: tables of timing rules, speed bins, organisations, energies.
namespace chipcast::dram {

/// Which later commands a rule holds for, seen from the command before.
enum class Scope : std::uint8_t { channel, rank, other_ranks, bank_group, bank };

/// "From these commands to those, in this scope, at least this long." With a window of n, from the n-th last.
struct Rule {
  Scope scope;
  CommandSet from, to;
  Delay delay;
  int window = 1;
};

/// Structure of one channel. HBM2: a channel here is a pseudo channel.
struct Organisation {
  int channel_bits = 64;  ///< data pins
  int device_bits = 8;    ///< data pins of one device; channel_bits / device_bits devices act as one
  int ranks = 1;
  int groups = 1;  ///< bank groups of a rank
  int banks = 8;   ///< banks of a group
  int rows = 32768;
  int columns = 1024;  ///< words of device_bits in a row
  int burst_length = 8;

  int devices() const { return channel_bits / device_bits; }
  int banks_per_rank() const { return groups * banks; }
  int groups_total() const { return ranks * groups; }
  int banks_total() const { return ranks * banks_per_rank(); }
  int burst_bytes() const { return channel_bits * burst_length / 8; }
  int row_bytes() const { return columns * channel_bits / 8; }
  int bursts_per_row() const { return columns / burst_length; }
  Bytes capacity() const { return Bytes(std::int64_t{row_bytes()} * rows * banks_total()); }
};

/// A speed bin on a part: all that the engine, the controller and the closed forms need to know.
struct Standard {
  std::string name;    ///< "DDR4-2400"
  std::string family;  ///< "DDR4"
  std::vector<Rule> rules;
  Timing timing;
  Hertz clock;  ///< command clock
  Organisation organisation;
  DeviceEnergy energy;
  bool bank_refresh = false;  ///< has a refresh command for one bank

  Seconds cycle() const { return Seconds(1.0 / clock.count()); }
  BytesPerSecond peak() const;
  EnergyReport energy_of(const Activity& activity) const;
};

/// Where a board deviates from the usual part; zero means the usual value.
struct Part {
  int channel_bits = 0, device_bits = 0, ranks = 0;
  int gigabits = 0;             ///< density of one device (LPDDR4, LPDDR5, HBM2: of one channel)
  double mega_transfers = 0.0;  ///< per pin, where the board clocks the bin lower
};

/// Names of all speed bins, in order of families.
std::vector<std::string> standard_names();

/// The standard called `name` on `part`. Throws InputError with the names that exist or the values allowed.
Standard find_standard(const std::string& name, const Part& part = {});

}  // namespace chipcast::dram
