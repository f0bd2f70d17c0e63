// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstdint>

#include "sim/base/units.h"

namespace chipcast {

/// A point or a span of simulated time in whole picoseconds: what the event kernel and the analytic tier
/// share, so that both round in the same way. Range 106 days.
class Time {
 public:
  constexpr Time() = default;
  static constexpr Time ps(std::int64_t value) { return Time(value); }
  /// Nearest picosecond. Throws std::range_error on negative, NaN or out-of-range values.
  static Time from_seconds(Seconds seconds);

  constexpr std::int64_t ps() const { return ps_; }
  constexpr Seconds seconds() const { return Seconds(static_cast<double>(ps_) * 1e-12); }

  constexpr Time& operator+=(Time o) {
    ps_ += o.ps_;
    return *this;
  }
  friend constexpr Time operator+(Time a, Time b) { return Time(a.ps_ + b.ps_); }
  friend constexpr Time operator-(Time a, Time b) { return Time(a.ps_ - b.ps_); }
  friend constexpr Time operator*(Time a, std::int64_t n) { return Time(a.ps_ * n); }
  friend constexpr auto operator<=>(Time, Time) = default;

 private:
  constexpr explicit Time(std::int64_t value) : ps_(value) {}
  std::int64_t ps_ = 0;
};

/// A clock domain: integer cycles to picoseconds without drift. Edge n stands at ceil(n / frequency), so
/// 1.3e9 cycles of 1.3 GHz take exactly one second whatever the number of steps.
class Clock {
 public:
  /// `frequency` is rounded to whole hertz; 1 Hz to 1 THz, otherwise std::range_error.
  explicit Clock(Hertz frequency);

  Hertz frequency() const { return Hertz(static_cast<double>(hertz_)); }
  /// Time of the n-th edge after time zero. Throws std::range_error on n < 0 or a time beyond Time's range.
  Time edge(std::int64_t n) const;
  /// Number of the first edge that is not before `t`.
  std::int64_t next_edge(Time t) const;
  /// Time at which `n` cycles that start at the first edge not before `now` have passed. Throws as edge().
  Time after(Time now, Cycles n) const;

 private:
  std::int64_t hertz_;
};

/// Time to move `bytes` at `rate`, rounded up to a whole picosecond; exact where the rate is whole. Throws
/// std::range_error on a negative size, a rate that is not above zero, or a time beyond Time's range.
Time transfer_time(Bytes bytes, BytesPerSecond rate);

}  // namespace chipcast
