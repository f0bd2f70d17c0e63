// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accelerators/spatial/evaluate.h"

namespace chipcast::spatial {

enum class Goal { latency, energy, edp };
constexpr std::array<std::pair<Goal, std::string_view>, 3> enum_names(Goal) {
  return {{{Goal::latency, "latency"}, {Goal::energy, "energy"}, {Goal::edp, "edp"}}};
}

struct SearchOptions {
  Goal goal{Goal::latency};  ///< of mappings with the same latency, one of less energy
  Modelling modelling{};
  std::int64_t budget{2'000'000};      ///< cost evaluations of a layer, of whole and of partial mappings
  std::uint64_t seed{0};               ///< recorded; the search draws nothing at random
  std::vector<SpatialLoop> spatial{};  ///< what is side by side, where the caller decides that; searched where empty

  template <class V>
  void visit(V& v) {
    v.field("goal", goal, {.doc = "What is minimised."});
    v.field("modelling", modelling, {.doc = "How costs are counted."});
    v.field("budget", budget, {.doc = "Cost evaluations of a layer.", .min = 1, .max = std::int64_t{1} << 50});
    v.field("seed", seed, {.doc = "Recorded with the result."});
    v.field("spatial", spatial, {.doc = "Loops side by side; searched for where empty."});
  }
};

/// A mapping and how sure it is.
struct SearchResult {
  NestMapping mapping;
  NestCost cost;
  Goal goal{Goal::latency};
  double value = 0.0;        ///< of the goal: cycles, pJ, or pJ x cycles
  double lower_bound = 0.0;  ///< no legal mapping of the searched space is better
  std::int64_t evaluations = 0;
  std::int64_t budget = 0;
  std::uint64_t seed = 0;
  bool converged = false;  ///< proven best: the gap is nothing
  std::string warning{};   ///< empty when converged

  /// Distance from the bound as a share of the value: 0 is proven best.
  double gap() const { return value > 0.0 ? (value - lower_bound) / value : 0.0; }
};

/// The best mapping of a layer. Throws InputError(place) where no mapping fits.
SearchResult search(const Hierarchy& hierarchy, const Layer& layer, const SearchOptions& options,
                    const std::string& place = "layer");

/// All layers of a network, equal ones once, on `threads` threads (0: all cores). Same results on any number.
std::vector<SearchResult> search_all(const Hierarchy& hierarchy, const std::vector<Layer>& layers,
                                     const SearchOptions& options, unsigned threads = 0);

}  // namespace chipcast::spatial
