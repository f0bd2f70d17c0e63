// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/schedule/problem.h"

namespace chipcast::schedule {

/// Bounds that no solution of a problem goes below. Hand-offs, transfers and contention are not in them.
struct Bounds {
  double path = 0.0;    ///< s: longest path, every task in its fastest mode
  double work = 0.0;    ///< s: every task in the mode with the least work, evenly on all devices
  double energy = 0.0;  ///< J: every task in its cheapest mode, and idle power for as long as it must take

  double makespan() const { return path > work ? path : work; }
  double of(Objective objective) const {
    return objective == Objective::latency ? makespan() : objective == Objective::energy ? energy : energy * makespan();
  }
};
Bounds bounds(const Problem& problem);

/// (value - bound) / value, from 0 to 1: how much better a solution might still be.
double gap(double value, double bound);

}  // namespace chipcast::schedule
