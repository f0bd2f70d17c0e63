// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "models/power/config.h"
#include "models/power/governor_config.h"

namespace chipcast::power {

/// What a domain has to do, as its governor sees it.
struct Demand {
  double load = 0.0;     ///< share of the last period in which it worked, at the operating point that it had then
  std::size_t opp = 0;   ///< which that was
  bool pending = false;  ///< there is work now
  struct Due {
    Seconds left;        ///< until the earliest deadline of the jobs that are there; zero or less: too late
    Seconds work;        ///< that is left for them at the slowest operating point: part that scales with the clock
    Seconds fixed{0.0};  ///< part that does not
  };
  std::optional<Due> due;  ///< none where no job that is there has a deadline
};

/// Index of the operating point that a governor asks for; `start` is the one that the domain was configured with.
/// ondemand and schedutil follow the Linux governors of these names (Documentation/admin-guide/pm/cpufreq.rst): the
/// fastest point above `up_threshold` and else the nearest to f_min + load (f_max - f_min); the slowest one not below
/// 1.25 f load. deadline takes the fastest point where no point is in time, and for work without a deadline; the
/// slowest one without work. `opps` is not empty, clocks ascending.
std::size_t choose_opp(const Governor& governor, const std::vector<OperatingPoint>& opps, const Demand& demand,
                       std::size_t start);

/// The slowest point whose clock is not below `clock`; the fastest one where none is.
std::size_t at_least(const std::vector<OperatingPoint>& opps, Hertz clock);

}  // namespace chipcast::power
