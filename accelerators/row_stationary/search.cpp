// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "accelerators/row_stationary/law.h"
#include "accelerators/row_stationary/mapping.h"

namespace chipcast::row_stationary {
namespace {

/// Divisors of `extent`, and of the multiples of 4 and 16 above it; ascending.
std::vector<std::int64_t> even_parts(std::int64_t extent) {
  std::set<std::int64_t> parts;
  for (const std::int64_t padded : {extent, round_up<std::int64_t>(extent, 4), round_up<std::int64_t>(extent, 16)}) {
    for (std::int64_t d = 1; d * d <= padded; ++d) {
      if (padded % d != 0) continue;
      parts.insert(d);
      parts.insert(padded / d);
    }
  }
  return {parts.begin(), parts.end()};
}

/// Sizes of strips when `extent` is cut as evenly as possible into 1, 2, 3, ... of them; descending.
std::vector<std::int64_t> strip_sizes(std::int64_t extent) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = extent; size >= 1;) {
    sizes.push_back(size);
    if (size == 1) break;
    size = ceil_div(extent, ceil_div(extent, size - 1));
  }
  return sizes;
}

class MappingSearch {
 public:
  MappingSearch(const Config& config, const Layer& layer)
      : config_(config), layer_(layer), filters_(even_parts(layer.filters)), channels_(even_parts(layer.channels)) {}

  std::optional<Mapping> run(std::int64_t columns) {
    outer_.clear();
    for (const std::int64_t n : strip_sizes(layer_.batch)) {
      for (const std::int64_t e : strip_sizes(layer_.rows)) {
        if (sets_on_array(config_, layer_, e) == 0) continue;
        for (const std::int64_t m : filters_) add_outer({.m = m, .n = n, .e = e, .f = columns});
      }
    }
    // DRAM traffic is known before the array is filled: cheapest first, until none can become the best.
    std::sort(outer_.begin(), outer_.end());
    for (const auto& [bound, outer] : outer_) {
      if (best_ && bound > std::get<0>(*best_)) break;
      fill_array(outer);
    }
    if (!best_) return std::nullopt;
    return std::get<3>(*best_);
  }

 private:
  void add_outer(const Mapping& outer) {
    if (psum_banks(config_, layer_, outer) >= config_.buffer.banks) return;
    Counts least = count(config_, layer_, outer);
    least.ifmap_reads = least.psum_reads = least.psum_writes = 0;
    least.cycles = least_cycles();
    outer_.emplace_back(cost_of(config_, least), outer);
  }

  /// All elements multiply all the time.
  Cycles least_cycles() const {
    const std::int64_t macs = layer_.batch * layer_.groups * layer_.filters * layer_.channels * layer_.rows *
                              layer_.columns * layer_.kernel_rows * layer_.kernel_columns;
    return Cycles(macs / (std::int64_t{config_.rows} * config_.columns));
  }

  void fill_array(Mapping map) {
    const std::int64_t sets = sets_on_array(config_, layer_, map.e);
    for (const std::int64_t t : filters_) {
      if (t > sets || map.m % t != 0) continue;
      for (const std::int64_t r : channels_) {
        if (r * t > sets || r > layer_.channels) break;
        map.t = t;
        map.r = r;
        fill_element(map);
      }
    }
  }

  void fill_element(Mapping map) {
    const std::int64_t most = std::min<std::int64_t>(config_.spads.psum, map.m / map.t);
    for (std::int64_t q = 1; q * layer_.window() <= config_.spads.ifmap; ++q) {
      if (q > 1 && (q - 1) * map.r >= layer_.channels) return;
      for (std::int64_t p = most; p >= 1; --p) {
        if (map.m % (p * map.t) != 0) continue;
        map.q = q;
        map.p = p;
        if (excess(config_, layer_, map)) continue;
        judge(map);
        break;  // fewer filters in an element only add passes
      }
    }
  }

  void judge(const Mapping& map) {
    const Counts counts = count(config_, layer_, map);
    const Judged judged{cost_of(config_, counts), counts.cycles, counts.passes, map};
    if (!best_ || judged < *best_) best_ = judged;
  }

  using Judged = std::tuple<double, Cycles, std::int64_t, Mapping>;
  const Config& config_;
  const Layer& layer_;
  std::vector<std::int64_t> filters_, channels_;
  std::vector<std::pair<double, Mapping>> outer_;
  std::optional<Judged> best_;
};

/// Whole rows, as published, unless the global buffer does not hold one row of results for all filters of an element.
std::int64_t widest(const Config& config, const Layer& layer) {
  Mapping least{.m = std::min<std::int64_t>(layer.filters, config.spads.psum), .f = layer.columns};
  while (least.f > 1 && ifmap_banks(config, layer, least) + psum_banks(config, layer, least) > config.buffer.banks) {
    least.f = ceil_div<std::int64_t>(least.f, 2);
  }
  return least.f;
}

}  // namespace

std::optional<Mapping> find_mapping(const Config& config, const Layer& layer) {
  MappingSearch search(config, layer);
  for (std::int64_t columns = widest(config, layer);; columns = ceil_div<std::int64_t>(columns, 2)) {
    if (auto found = search.run(columns)) return found;
    if (columns == 1) return std::nullopt;
  }
}

}  // namespace chipcast::row_stationary
