// SPDX-License-Identifier: Apache-2.0
#include "platform/arrivals.h"

#include <algorithm>
#include <cmath>

#include "sim/base/draws.h"

namespace chipcast {
namespace {

/// Whole picoseconds in [0, most].
Time up_to(Time most, Draws& draws) {
  if (most == Time()) return most;
  return Time::ps(static_cast<std::int64_t>(draws.below(static_cast<std::uint64_t>(most.ps()) + 1)));
}

/// Of an exponential distribution, in whole nanoseconds.
Time gap(Hertz rate, Draws& draws) {
  return Time::ps(std::llround(-std::log1p(-draws.unit()) / rate.count() * 1e9) * 1000);
}

}  // namespace

std::vector<Time> release_times(const Stream& stream, std::uint64_t seed, std::size_t index) {
  std::vector<Time> out;
  if (stream.closed_loop) return out;
  Draws draws(seed_of(seed, index));
  const Time offset = Time::from_seconds(stream.offset), jitter = Time::from_seconds(stream.jitter);
  const auto count = static_cast<std::size_t>(stream.releases());
  out.reserve(count);
  Time at = offset;
  for (std::size_t k = 0; k < count; ++k) {
    if (stream.rate) at += gap(*stream.rate, draws);
    if (!stream.arrivals.empty()) at = offset + Time::from_seconds(stream.arrivals[k]);
    out.push_back(at + up_to(jitter, draws));
    if (stream.period) at += Time::from_seconds(*stream.period);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace chipcast
