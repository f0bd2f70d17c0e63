// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>

#include "workloads/graph.h"

namespace chipcast::system_test {

/// Integers from a seeded generator, the same on every host (the standard's distributions are not).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  /// One of [low, high].
  std::int64_t roll(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return roll(1, 100) <= percent; }
  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[static_cast<std::size_t>(roll(0, static_cast<std::int64_t>(choices.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

/// A small network: chains and branches of convolutions, poolings, sums, products, concatenations, views, softmax,
/// now and then a recurrent cell. Some results are read twice, some by nobody but the network's outputs.
Graph random_graph(Dice& dice);

/// A small platform with at least one CPU cluster: odd clocks, tight buffers, narrow buses, one or more devices.
Json random_platform(Dice& dice);
/// A memory of fixed bandwidth and latency.
Json random_simple_memory(Dice& dice);

}  // namespace chipcast::system_test
