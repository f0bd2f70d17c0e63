// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/base/units.h"

/// Times of short pieces of work on a machine that others use too.
namespace chipcast::crosscheck {

/// Others only ever make a run slower: the minimum of many short ones is the work's own time, and the distance to the
/// median says how quiet the machine was.
struct Timing {
  Seconds minimum{0.0}, median{0.0};
  std::int64_t runs = 0;

  /// median / minimum - 1
  double spread() const { return minimum > Seconds(0.0) ? median / minimum - 1.0 : 0.0; }
};

/// How long to measure: until both are met, or `most` has passed.
struct Effort {
  int runs = 15;           ///< samples at least
  Seconds budget{20e-3};   ///< in all at least
  Seconds most{400e-3};    ///< never longer than this after the first sample
  Seconds sample{200e-6};  ///< work that is shorter is repeated until it takes this long

  Effort scaled(double factor) const;
};

/// Runs `work` once to warm up, then again and again. Times are of one call.
Timing time_of(const std::function<void()>& work, const Effort& effort = {});

/// Minimum and median of samples that take one call each.
Timing summary(std::vector<double> seconds);

/// Now, on the clock that all times are taken with.
double seconds_now();

struct ClockFigures {
  Hertz clock;
  double spread;  ///< median over minimum of its runs, less one
};

/// Clock of a chain of dependent additions of integers: one per cycle on every core. Frequency as it is under scalar
/// load; cores that lower it for wide vectors do so visibly in the rates.
ClockFigures measured_clock(const Effort& effort = {});

/// The value is used, as far as the compiler knows.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

}  // namespace chipcast::crosscheck
