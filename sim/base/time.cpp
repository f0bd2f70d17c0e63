// SPDX-License-Identifier: Apache-2.0
#include "sim/base/time.h"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "sim/base/checked.h"

namespace chipcast {
namespace {

__extension__ typedef __int128 Wide;
constexpr std::int64_t kPicosecondsPerSecond = 1'000'000'000'000;
constexpr double kLongest = 9.0e18;

/// Smallest integer not below a / b, for a >= 0 and b > 0.
Wide ceil_quotient(Wide a, Wide b) { return a / b + (a % b != 0 ? 1 : 0); }

Time whole_time(Wide ps) {
  if (ps > std::numeric_limits<std::int64_t>::max()) throw std::range_error("time is longer than 106 days");
  return Time::ps(static_cast<std::int64_t>(ps));
}

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
  if (n < 0) throw std::range_error("clock edge number is negative");
  return whole_time(ceil_quotient(static_cast<Wide>(n) * kPicosecondsPerSecond, hertz_));
}

std::int64_t Clock::next_edge(Time t) const {
  if (t <= Time()) return 0;
  // Smallest n with ceil(n * 1e12 / hertz) >= t, that is n * 1e12 / hertz > t - 1.
  return static_cast<std::int64_t>(static_cast<Wide>(t.ps() - 1) * hertz_ / kPicosecondsPerSecond) + 1;
}

Time Clock::after(Time now, Cycles n) const {
  const auto last = checked_add(next_edge(now), n.count());
  if (n.count() < 0 || !last) throw std::range_error("number of clock cycles is negative or too large");
  return edge(*last);
}

Time transfer_time(Bytes bytes, BytesPerSecond rate) {
  if (bytes.count() < 0) throw std::range_error("number of bytes to move is negative");
  if (!(rate.count() > 0.0)) throw std::range_error("transfer rate is not above zero");
  // Exact where it can be: 64 B at 64 GB/s take 1000 ps, not the 1001 that doubles round up to.
  if (rate.count() < kLongest && rate.count() == std::floor(rate.count())) {
    return whole_time(
        ceil_quotient(static_cast<Wide>(bytes.count()) * kPicosecondsPerSecond, static_cast<Wide>(rate.count())));
  }
  const double ps = std::ceil(static_cast<double>(bytes.count()) / rate.count() * 1e12);
  if (!(ps <= kLongest)) throw std::range_error("transfer time is out of range");
  return Time::ps(static_cast<std::int64_t>(ps));
}

}  // namespace chipcast
