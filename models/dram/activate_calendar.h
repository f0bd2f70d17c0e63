// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "models/dram/standard.h"

namespace chipcast::dram {

/// The activates of a rank that are booked, so that one may be booked before others that are later: any two keep
/// tRRD_S, any five in a row tFAW.
class ActivateCalendar {
 public:
  explicit ActivateCalendar(const Standard& standard);
  /// Books the first cycle from `from` on and returns it.
  double book(double from);

 private:
  double first_free(double from) const;

  double rrd_, faw_;
  double bus_wait_;             ///< for the rest of another command
  std::vector<double> booked_;  ///< in order
};

}  // namespace chipcast::dram
