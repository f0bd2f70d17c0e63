// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>

namespace chipcast {

/// Neumaier's compensated sum (ZAMM 54, 1974): the error does not grow with the number of terms, and a large
/// term that comes and goes leaves the small ones intact.
class CompensatedSum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  void add(const CompensatedSum& other) {
    add(other.sum_);
    add(other.lost_);
  }
  double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0.0, lost_ = 0.0;
};

}  // namespace chipcast
