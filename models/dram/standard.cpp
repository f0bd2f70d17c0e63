// SPDX-License-Identifier: Apache-2.0
#include "models/dram/standard.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "models/dram/standards/family.h"
#include "sim/base/check.h"

namespace chipcast::dram {
namespace {

const std::vector<Family>& families() {
  static const std::vector<Family> all{ddr3_family(),   ddr4_family(),   lpddr3_family(),
                                       lpddr4_family(), lpddr5_family(), hbm2_family()};
  return all;
}

std::string listed(const std::vector<int>& values) {
  std::string text;
  for (const int v : values) text += (text.empty() ? "" : ", ") + std::to_string(v);
  return text;
}

/// A bin on a part. Clocked lower, nanoseconds are fewer clocks; energies stay, as currents are given at the bin's
/// clock.
Standard on_board(const Family& family, const Bin& bin, const Part& part) {
  Bin slowed = bin;
  Part full = part;
  full.mega_transfers = 0.0;
  if (part.mega_transfers > 0.0) slowed.tck_ns *= std::max(1.0, bin.mega_transfers / part.mega_transfers);
  Standard standard = family.make(slowed, part);
  standard.energy = family.make(bin, full).energy;
  standard.name = bin.name;
  standard.family = family.name;
  return standard;
}

}  // namespace

BytesPerSecond Standard::peak() const {
  return BytesPerSecond(organisation.burst_bytes() * clock.count() / timing[Param::bl]);
}

EnergyReport Standard::energy_of(const Activity& activity) const {
  return dram::energy_of(activity, energy, organisation.devices(), organisation.banks_per_rank(), cycle());
}

std::vector<std::string> standard_names() {
  std::vector<std::string> names;
  for (const Family& family : families()) {
    for (const Bin& bin : family.bins) names.push_back(bin.name);
  }
  return names;
}

Standard find_standard(const std::string& name, const Part& part) {
  for (const Family& family : families()) {
    for (const Bin& bin : family.bins) {
      if (bin.name != name) continue;
      return on_board(family, bin, part);
    }
  }
  throw InputError("standard", "unknown DRAM standard " + in_quotes(name) + suggestion(name, standard_names()));
}

const Density& density_of(const std::vector<Density>& table, int gigabits, int usual, const std::string& name) {
  std::vector<int> known;
  for (const Density& d : table) {
    if (d.gigabits == (gigabits == 0 ? usual : gigabits)) return d;
    known.push_back(d.gigabits);
  }
  throw InputError(name, "density " + std::to_string(gigabits) + " Gbit is not one of " + listed(known));
}

int choose(int value, int usual, const std::vector<int>& allowed, const char* what, const std::string& name) {
  if (value == 0) return usual;
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
  throw InputError(name, std::string(what) + " " + std::to_string(value) + " is not one of " + listed(allowed));
}

Hertz clock_of(const Bin& bin, const Part& part, double transfers_per_clock) {
  // A board may clock a bin lower, never higher than its name.
  const double rate = part.mega_transfers == 0.0 ? bin.mega_transfers : part.mega_transfers;
  if (!(rate >= 1.0 && rate <= bin.mega_transfers)) {
    std::ostringstream given;
    given << rate;
    throw InputError(bin.name, "rate is " + given.str() + ", must be 1 to " +
                                   std::to_string(static_cast<int>(bin.mega_transfers)) +
                                   " million transfers per second, or take a faster bin");
  }
  return Hertz(std::round(rate * 1e6 / transfers_per_clock));
}

int refresh_interval(double ns, double tck_ns) { return static_cast<int>(ns / tck_ns); }

}  // namespace chipcast::dram
