// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/cpu/config.h"

/// Load-to-use latency of one core in a memory hierarchy. Closed forms; no other traffic.
namespace chipcast::cpu {

/// In which order a chain of dependent loads visits the lines of a block. `cyclic`: every line once per round, always
/// in the same, scattered order (what ramlat and lmbench do). `random`: any line at any time (tinymembench).
enum class Order { cyclic, random };
constexpr std::array<std::pair<Order, std::string_view>, 2> enum_names(Order) {
  return {{{Order::cyclic, "cyclic"}, {Order::random, "random"}}};
}

/// A pointer chase: each load's address is the value of the one before.
struct Chase {
  Bytes block;
  Order order = Order::cyclic;
  Bytes page{4096};
  /// Pages lie in random frames, so that some sets of a large cache are asked for more than others.
  bool scattered = false;
};

/// Share of the visits to `lines` lines, cyclically, that hit a random-replacement cache which holds `held` of them.
/// Between two visits of a line, lines * (1 - h) misses each displace a random one of the held:
/// h = (1 - 1/held)^(lines (1 - h)) = exp(-x (1 - h)),  x = lines / held;  1 for x <= 1.
double cyclic_share(double x);

/// Share of a chase's loads that hit a cache of `capacity` bytes. With x = block / capacity, or with x of each page
/// colour where pages are scattered (binomially many pages of each of capacity / ways / page colours):
///   random order      1 / x   (any policy)
///   cyclic, random    cyclic_share(x)
///   cyclic, lru       0                        and 1 for x <= 1
double hit_share(const Chase& chase, Bytes capacity, int ways, Replacement replacement);

/// Where a chase's loads are served, and what they wait on average.
struct ChaseLatency {
  std::vector<double> levels;  ///< share of loads served by each cache
  double memory = 0.0;         ///< share served by memory
  Seconds data;                ///< sum of share * latency
  Seconds translation;         ///< misses of the TLBs
  Seconds total() const { return data + translation; }
};

/// One core; shared levels are all its own. `memory`: from the outermost cache to memory and back, a row that was not
/// open. A load that no TLB translates reads one entry of 8 bytes from the innermost cache but the first that holds the
/// entries of the whole block.
ChaseLatency chase_latency(const Config& config, const Chase& chase, Seconds memory);

}  // namespace chipcast::cpu
