// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>

namespace chipcast {

/// Random numbers that are the same with every standard library, whose distributions differ.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : bits_(seed) {}

  /// One of 0 ... count - 1; `count` is above 0. The remainder favours the first numbers by count / 2^64.
  std::uint64_t below(std::uint64_t count) { return bits_() % count; }
  /// [0, 1), in steps of 2^-53.
  double unit() { return static_cast<double>(bits_() >> 11U) * 0x1p-53; }

 private:
  std::mt19937_64 bits_;
};

/// Seeds of sequences that have nothing to do with each other, one for each index: the finaliser of splitmix64 (G.
/// Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014).
constexpr std::uint64_t mixed_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}
constexpr std::uint64_t seed_of(std::uint64_t seed, std::uint64_t index) {
  return mixed_bits(seed ^ mixed_bits(index + 1));
}

}  // namespace chipcast
