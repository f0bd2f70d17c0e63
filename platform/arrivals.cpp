// SPDX-License-Identifier: Apache-2.0
#include "platform/arrivals.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace chipcast {
namespace {

/// One stream's random numbers; the standard's distributions differ between libraries.
class Draws {
 public:
  Draws(std::uint64_t seed, std::size_t index) : engine_(mixed(seed ^ mixed(index + 1))) {}

  /// Whole picoseconds in [0, most].
  Time up_to(Time most) {
    if (most == Time()) return most;
    return Time::ps(static_cast<std::int64_t>(engine_() % (static_cast<std::uint64_t>(most.ps()) + 1)));
  }

  /// Of an exponential distribution, in whole nanoseconds.
  Time gap(Hertz rate) {
    const double u = static_cast<double>(engine_() >> 11) * 0x1p-53;
    return Time::ps(std::llround(-std::log1p(-u) / rate.count() * 1e9) * 1000);
  }

 private:
  /// The finaliser of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
  static std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  std::mt19937_64 engine_;
};

}  // namespace

std::vector<Time> release_times(const Stream& stream, std::uint64_t seed, std::size_t index) {
  std::vector<Time> out;
  if (stream.closed_loop) return out;
  Draws draws(seed, index);
  const Time offset = Time::from_seconds(stream.offset), jitter = Time::from_seconds(stream.jitter);
  const auto count = static_cast<std::size_t>(stream.releases());
  out.reserve(count);
  Time at = offset;
  for (std::size_t k = 0; k < count; ++k) {
    if (stream.rate) at += draws.gap(*stream.rate);
    if (!stream.arrivals.empty()) at = offset + Time::from_seconds(stream.arrivals[k]);
    out.push_back(at + draws.up_to(jitter));
    if (stream.period) at += Time::from_seconds(*stream.period);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace chipcast
