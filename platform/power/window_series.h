// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

#include "sim/base/time.h"

namespace chipcast {

/// What accumulates over time (joules, kelvin seconds), in windows of one length from time zero on. The length doubles
/// whenever there would be more windows than allowed, so that a run of any length fits.
class WindowSeries {
 public:
  WindowSeries(Time window, std::size_t most) : window_(window), most_(most) {}

  Time window() const { return window_; }
  /// Adds `amount`, spread evenly over [begin, end]; an empty span stands in one window.
  void add(double amount, Time begin, Time end);
  /// Makes windows as long as `window`, which is a multiple of theirs by a power of two.
  void widen(Time window);
  /// Amounts of the windows that cover [0, end]; what was added later counts in the last. Empty where `end` is zero.
  std::vector<double> amounts(Time end) const;

 private:
  void make_room(Time until);
  void coarsen();

  Time window_;
  std::size_t most_;
  std::vector<double> cells_;
};

/// The window of a series that covers [0, end]: `first`, doubled until there are at most `most`.
Time window_for(Time end, Time first, std::size_t most);

/// Amounts over the lengths of their windows, the last of which ends at `end`.
std::vector<double> rates(const std::vector<double>& amounts, Time window, Time end);

}  // namespace chipcast
