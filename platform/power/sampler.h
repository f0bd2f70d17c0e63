// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "sim/base/time.h"

namespace chipcast {

/// Something that is looked at at multiples of a period, as long as there is anything to see.
class Sampler {
 public:
  explicit Sampler(Time period) : period_(period) {}

  Time period() const { return period_; }
  std::optional<Time> due() const { return due_; }
  bool armed() const { return due_.has_value(); }
  void arm(Time now) {
    if (!due_) due_ = period_ * (now.ps() / period_.ps() + 1);
  }
  /// Takes the sample that is due, if one is.
  bool take(Time now) {
    if (!due_ || *due_ > now) return false;
    due_.reset();
    return true;
  }

 private:
  Time period_;
  std::optional<Time> due_;
};

}  // namespace chipcast
