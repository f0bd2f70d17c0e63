// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/dram/standard.h"

namespace chipcast::dram {

/// A speed bin: what differs from the rest of its family.
struct Bin {
  std::string name;
  double mega_transfers;
  double tck_ns;  ///< as printed in the standard: nanoseconds turn to clocks with it
  std::vector<Limit> limits;
};

/// What depends on the density of a device.
struct Density {
  int gigabits;
  int rows;
  double rfc_ns, rfc_bank_ns = 0.0;
};

/// One standard: functions of a bin and a part, no state.
struct Family {
  std::string name;
  std::vector<Bin> bins;
  Standard (*make)(const Bin&, const Part&);
};

Family ddr3_family();
Family ddr4_family();
Family lpddr3_family();
Family lpddr4_family();
Family lpddr5_family();
Family hbm2_family();

/// Rules that all families share: banks, data-bus turnarounds, all-bank refresh, power states.
std::vector<Rule> base_rules();
/// Different delays inside and between bank groups.
std::vector<Rule> bank_group_rules();
/// Refresh of single banks.
std::vector<Rule> bank_refresh_rules();
/// One bus for all commands.
std::vector<Rule> shared_bus_rules();
/// A bus for row commands and one for column commands.
std::vector<Rule> split_bus_rules();
std::vector<Rule> join(std::initializer_list<std::vector<Rule>> tables);

/// The entry for `gigabits`, or the one for `usual` where that is zero. Throws InputError.
const Density& density_of(const std::vector<Density>& table, int gigabits, int usual, const std::string& name);
/// `value` where it is not zero, else `usual`. Throws InputError unless it is one of `allowed`.
int choose(int value, int usual, const std::vector<int>& allowed, const char* what, const std::string& name);
/// The clock of a bin on a board; `transfers_per_clock` per pin.
Hertz clock_of(const Bin& bin, const Part& part, double transfers_per_clock);
/// The greatest whole number of clocks in the refresh interval.
int refresh_interval(double ns, double tck_ns);

}  // namespace chipcast::dram
