// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/hierarchy.h"

#include <algorithm>
#include <cmath>

namespace chipcast::cpu {
namespace {

constexpr std::int64_t kEntry = 8;  // bytes of a page table entry (Armv8, x86-64)

/// Hits where x = demanded / held.
double share_at(double x, Order order, Replacement replacement) {
  if (x <= 1.0) return 1.0;
  if (order == Order::random) return 1.0 / x;
  return replacement == Replacement::lru ? 0.0 : cyclic_share(x);
}

/// log of the probability that `k` of `n` pages have one of `colours` colours.
double log_binomial(double n, double k, double colours) {
  const double p = 1.0 / colours;
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(p) + (n - k) * std::log1p(-p);
}

/// Page by page: a page shares its sets with k - 1 others of its colour.
double scattered_share(const Chase& chase, double colours, int ways, Replacement replacement) {
  constexpr double kDeviations = 8.0;  // the rest is below 1e-14
  const double pages = std::max(1.0, std::floor(chase.block / chase.page));
  const double mean = pages / colours, deviation = std::sqrt(mean * (1.0 - 1.0 / colours));
  const double last = std::min(pages, std::ceil(mean + kDeviations * deviation + kDeviations));
  double hits = 0.0, all = 0.0;
  for (double k = std::max(1.0, std::floor(mean - kDeviations * deviation)); k <= last; ++k) {
    const double visits = k * std::exp(log_binomial(pages, k, colours));
    all += visits;
    hits += visits * share_at(k / ways, chase.order, replacement);
  }
  return hits / all;
}

/// What a level adds to the reach of one core: an exclusive one beside what the level before holds.
Bytes reach(const Config& config, std::size_t level) {
  const CacheLevel& own = config.caches[level];
  return own.exclusive && level > 0 ? own.size + config.caches[level - 1].size : own.size;
}

Seconds of_hit(const Config& config, const CacheLevel& level) { return level.latency / config.clock; }

Seconds to_memory(const Config& config, Seconds memory) {
  return config.caches.empty() ? memory : of_hit(config, config.caches.back()) + memory;
}

/// Reading one entry of the page tables of `pages` pages.
Seconds walk(const Config& config, double pages, Seconds memory) {
  for (std::size_t i = 1; i < config.caches.size(); ++i) {
    const CacheLevel& level = config.caches[i];
    if (pages * kEntry <= static_cast<double>(level.size.count())) return of_hit(config, level);
  }
  return to_memory(config, memory);
}

Seconds translation(const Config& config, const Chase& chase, Seconds memory) {
  const double pages = std::max(1.0, chase.block / chase.page);
  Seconds sum;
  double missed = 0.0;  // by the levels so far; the first one has none before
  for (std::size_t i = 0; i < config.core.tlb.size(); ++i) {
    const TlbLevel& level = config.core.tlb[i];
    // Small first levels are true LRU; large ones have ways and replace at random.
    const double hits = share_at(pages / level.entries, chase.order, i == 0 ? Replacement::lru : Replacement::random);
    if (i > 0) sum = sum + (level.latency / config.clock) * missed;
    missed = i == 0 ? 1.0 - hits : std::min(missed, 1.0 - hits);
  }
  return config.core.tlb.empty() ? sum : sum + walk(config, pages, memory) * missed;
}

}  // namespace

double cyclic_share(double x) {
  if (x <= 1.0) return 1.0;
  // The root below 1; the map is monotone, and contracts there, so that steps from 0 rise to it.
  double share = 0.0;
  for (int step = 0; step < 1000; ++step) {
    const double next = std::exp(-x * (1.0 - share));
    if (next - share < 1e-12) return next;
    share = next;
  }
  return share;
}

double hit_share(const Chase& chase, Bytes capacity, int ways, Replacement replacement) {
  const double colours = std::floor(capacity / chase.page / ways);
  if (chase.scattered && colours >= 2.0) return scattered_share(chase, colours, ways, replacement);
  return share_at(chase.block / capacity, chase.order, replacement);
}

ChaseLatency chase_latency(const Config& config, const Chase& chase, Seconds memory) {
  ChaseLatency out;
  double reached = 0.0;
  for (std::size_t i = 0; i < config.caches.size(); ++i) {
    const CacheLevel& level = config.caches[i];
    const double within = std::max(reached, hit_share(chase, reach(config, i), level.ways, level.replacement));
    out.levels.push_back(within - reached);
    out.data = out.data + of_hit(config, level) * (within - reached);
    reached = within;
  }
  out.memory = 1.0 - reached;
  out.data = out.data + to_memory(config, memory) * out.memory;
  out.translation = translation(config, chase, memory);
  return out;
}

}  // namespace chipcast::cpu
