// SPDX-License-Identifier: Apache-2.0
#include "models/dram/timing.h"

#include <algorithm>
#include <cmath>

namespace chipcast::dram {

int clocks_of(double ns, double tck_ns, double guard) {
  constexpr double kNoise = 1e-9;  // 17.5 / 0.625 must not become 29
  return static_cast<int>(std::ceil(ns / tck_ns - guard - kNoise));
}

void set_limits(Timing& timing, const std::vector<Limit>& limits, double tck_ns, double guard) {
  for (const Limit& limit : limits) {
    timing[limit.param] = std::max(limit.clocks, clocks_of(limit.ns, tck_ns, guard));
  }
}

}  // namespace chipcast::dram
