// SPDX-License-Identifier: Apache-2.0
#include "sim/base/time.h"

#include <cmath>
#include <stdexcept>

namespace chipcast {
namespace {

__extension__ typedef __int128 Wide;
constexpr std::int64_t kPicosecondsPerSecond = 1'000'000'000'000;
constexpr double kLongest = 9.0e18;

}  // namespace

Time Time::from_seconds(Seconds seconds) {
  const double value = seconds.count() * 1e12;
  if (!(value >= 0.0 && value <= kLongest)) throw std::range_error("time is negative, not a number or too long");
  return Time(std::llround(value));
}

Clock::Clock(Hertz frequency) : hertz_(0) {
  if (!(frequency.count() >= 1.0 && frequency.count() <= 1e12)) {
    throw std::range_error("clock frequency is outside [1 Hz, 1 THz]");
  }
  hertz_ = std::llround(frequency.count());
}

Time Clock::edge(std::int64_t n) const {
  const Wide numerator = static_cast<Wide>(n) * kPicosecondsPerSecond;
  return Time::ps(static_cast<std::int64_t>((numerator + hertz_ - 1) / hertz_));
}

std::int64_t Clock::next_edge(Time t) const {
  if (t <= Time()) return 0;
  // Smallest n with ceil(n * 1e12 / hertz) >= t, that is n * 1e12 / hertz > t - 1.
  return static_cast<std::int64_t>(static_cast<Wide>(t.ps() - 1) * hertz_ / kPicosecondsPerSecond) + 1;
}

Time Clock::after(Time now, Cycles n) const { return edge(next_edge(now) + n.count()); }

Time transfer_time(Bytes bytes, BytesPerSecond rate) {
  const double ps = std::ceil(static_cast<double>(bytes.count()) / rate.count() * 1e12);
  if (!(ps >= 0.0 && ps <= kLongest)) throw std::range_error("transfer time is out of range");
  return Time::ps(static_cast<std::int64_t>(ps));
}

}  // namespace chipcast
