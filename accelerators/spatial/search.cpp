// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/search.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "accelerators/spatial/label_search.h"
#include "accelerators/spatial/unrollings.h"
#include "sim/base/check.h"
#include "sim/base/text.h"

namespace chipcast::spatial {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kBeam = 48;                           ///< labels of a rank in the first, quick pass
constexpr std::int64_t kAnyNumber = std::int64_t{1} << 40;  ///< where something has to be found
/// Evaluations that a first pass over an unrolling may take at least, whatever is left of the budget.
constexpr std::int64_t kFirstLook = 50'000;
constexpr std::size_t kPerState = 24;  ///< labels at a point with the same cuts in the thorough pass
constexpr double kFirstPass = 0.3;     ///< of the budget
constexpr double kTies = 0.1;          ///< of the budget, for less energy at the same latency
constexpr double kSame = 1e-9;         ///< relative; sums of many terms differ by roundings

double value_of(const NestCost& cost, Goal goal) {
  switch (goal) {
    case Goal::latency:
      return cost.cycles();
    case Goal::energy:
      return cost.energy_pj();
    case Goal::edp:
      break;
  }
  return cost.cycles() * cost.energy_pj();
}

class LayerSearch {
 public:
  LayerSearch(const Hierarchy& hierarchy, const Layer& layer, const SearchOptions& options)
      : hierarchy_(hierarchy), layer_(layer), options_(options) {
    result_.goal = options.goal;
    result_.budget = options.budget;
    result_.seed = options.seed;
    result_.value = kNever;
    mac_energy_ = hierarchy.mac_energy_pj * static_cast<double>(layer.macs());
  }

  std::optional<SearchResult> run() {
    const Unrollings unrollings = unrollings_of(hierarchy_, layer_, options_);
    result_.lower_bound = unrollings.left_out;
    const std::vector<Tried> tried = first_pass(unrollings.all);
    for (const Tried& one : tried) second_pass(unrollings.all[one.index], one);
    if (result_.value == kNever) return std::nullopt;
    if (options_.goal == Goal::latency) break_ties();
    result_.lower_bound = std::min(result_.lower_bound, result_.value);
    result_.converged = result_.lower_bound >= result_.value * (1.0 - kSame);
    if (!result_.converged) warn();
    return std::move(result_);
  }

 private:
  struct Tried {
    std::size_t index;
    double found;  ///< best of the first pass
    double bound;  ///< 0 where the first pass did not get there
  };

  /// Sums of the search are the cost itself, but for ZigZag's latency, of which they are an estimate.
  bool exact() const { return options_.modelling.rules != Rules::zigzag || options_.goal == Goal::energy; }
  std::int64_t left() const { return options_.budget - result_.evaluations; }

  LabelOutcome look(const LinkCosts& costs, const Unrolling& unrolling, Goal goal, LabelLimits limits, double& found) {
    const OnMapping judge = [&](const NestMapping& mapping) {
      const NestCost cost = evaluate(hierarchy_, layer_, mapping, options_.modelling);
      const double value = value_of(cost, options_.goal);
      found = std::min(found, value);
      if (value < result_.value && fits(hierarchy_, layer_, mapping, options_.modelling)) {
        result_.mapping = mapping;
        result_.cost = cost;
        result_.value = value;
      }
      return goal == options_.goal ? result_.value : cost.energy_pj();
    };
    limits.slack = exact() ? 0.0 : 0.05;
    const LabelOutcome outcome = search_labels(hierarchy_, costs, unrolling.spatial, goal, options_.modelling, limits,
                                               mac_energy_, goal == options_.goal ? result_.value : kNever, judge);
    result_.evaluations += outcome.evaluations;
    return outcome;
  }

  LinkCosts costs_of(const Unrolling& unrolling) const {
    return LinkCosts(hierarchy_, layer_, unrolling.spatial, unrolling.temporal, options_.modelling);
  }

  /// A narrow look at each unrolling, the most promising first.
  std::vector<Tried> first_pass(const std::vector<Unrolling>& all) {
    std::vector<Tried> tried;
    const auto enough = static_cast<std::int64_t>(kFirstPass * static_cast<double>(options_.budget));
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].bound >= result_.value) break;
      if (i > 0 && result_.evaluations >= enough && result_.value < kNever) {
        for (; i < all.size() && all[i].bound < result_.value; ++i) tried.push_back({i, kNever, 0.0});
        break;
      }
      double found = kNever;
      const LinkCosts costs = costs_of(all[i]);
      const LabelOutcome outcome =
          look(costs, all[i], options_.goal,
               {.beam = kBeam, .per_state = 2, .evaluations = std::max(left(), kFirstLook)}, found);
      // The fewest labels tell what fits at all: those for energy.
      if (result_.value == kNever && outcome.open_bound < kNever) {
        look(costs, all[i], Goal::energy, {.beam = 0, .per_state = 4, .evaluations = kAnyNumber}, found);
      }
      tried.push_back({i, found, exact() ? outcome.open_bound : 0.0});
    }
    std::stable_sort(tried.begin(), tried.end(), [](const Tried& a, const Tried& b) { return a.found < b.found; });
    return tried;
  }

  /// The whole space of an unrolling, as far as the budget goes.
  void second_pass(const Unrolling& unrolling, const Tried& tried) {
    if (unrolling.bound >= result_.value || tried.bound >= result_.value) return;  // done, or settled by the first pass
    if (left() <= 0) {
      result_.lower_bound = std::min(result_.lower_bound, unrolling.bound);
      return;
    }
    const LinkCosts costs = costs_of(unrolling);
    double found = kNever;
    LabelOutcome outcome =
        look(costs, unrolling, options_.goal, {.beam = 0, .per_state = kPerState, .evaluations = left()}, found);
    if ((exact() || result_.value == kNever) && outcome.open_bound < result_.value && left() > 0) {
      outcome = look(costs, unrolling, options_.goal, {.beam = 0, .per_state = 0, .evaluations = left()}, found);
    }
    double bound = outcome.open_bound;
    if (!exact()) bound = relaxed_bound(costs, unrolling);
    if (!costs.lattice().complete()) bound = unrolling.bound;
    result_.lower_bound = std::min(result_.lower_bound, std::max(bound, unrolling.bound));
  }

  /// Whatever the order: ports move every tensor at least once.
  double relaxed_bound(const LinkCosts& costs, const Unrolling& unrolling) const {
    double cycles = costs.iterations();
    for (std::size_t a = 0; a < costs.active_ports().size(); ++a) {
      double busy = 0.0;
      for (const auto& [operand, name] : enum_names(Operand{})) busy += costs.least_busy(a, operand, 0, 0);
      if (!options_.modelling.no_contention) cycles = std::max(cycles, busy);
    }
    if (options_.goal == Goal::latency) return cycles;
    return std::max(unrolling.bound, unrolling.bound / costs.iterations() * cycles);
  }

  /// Less energy at the same latency, within the unrolling that was found.
  void break_ties() {
    const Unrolling unrolling{result_.mapping.spatial, temporal_of(layer_, result_.mapping.spatial), 0.0};
    const LinkCosts costs = costs_of(unrolling);
    double energy = result_.cost.energy_pj();
    const double cycles = result_.value * (1.0 + kSame);
    const OnMapping judge = [&](const NestMapping& mapping) {
      const NestCost cost = evaluate(hierarchy_, layer_, mapping, options_.modelling);
      if (cost.cycles() <= cycles && cost.energy_pj() < energy &&
          fits(hierarchy_, layer_, mapping, options_.modelling)) {
        energy = cost.energy_pj();
        result_.mapping = mapping;
        result_.cost = cost;
        result_.value = std::min(result_.value, cost.cycles());
      }
      return energy;
    };
    const auto some = static_cast<std::int64_t>(kTies * static_cast<double>(options_.budget));
    const LabelOutcome outcome = search_labels(hierarchy_, costs, unrolling.spatial, Goal::energy, options_.modelling,
                                               {.beam = kBeam, .per_state = 4, .evaluations = some, .cycles = cycles},
                                               mac_energy_, energy, judge);
    result_.evaluations += outcome.evaluations;
  }

  void warn() {
    const int percent = static_cast<int>(1000.0 * result_.gap() + 0.5);
    result_.warning = "the search did not converge: after " + std::to_string(result_.evaluations) +
                      " evaluations the best is up to " + std::to_string(percent / 10) + "." +
                      std::to_string(percent % 10) + " % above the bound" + (left() <= 0 ? "; raise budget" : "");
  }

  const Hierarchy& hierarchy_;
  const Layer& layer_;
  const SearchOptions& options_;
  SearchResult result_;
  double mac_energy_ = 0.0;
};

}  // namespace

SearchResult search(const Hierarchy& hierarchy, const Layer& layer, const SearchOptions& options,
                    const std::string& place) {
  check_layer(layer, place);
  if (auto found = LayerSearch(hierarchy, layer, options).run()) return *found;
  throw InputError(place, "no mapping fits the memories of " + hierarchy.architecture.name +
                              "; enlarge the outermost ones, or allow other loops");
}

std::vector<SearchResult> search_all(const Hierarchy& hierarchy, const std::vector<Layer>& layers,
                                     const SearchOptions& options, unsigned threads) {
  std::map<Layer, std::size_t> different;
  std::vector<Layer> todo;
  for (const Layer& layer : layers) {
    if (different.emplace(layer, todo.size()).second) todo.push_back(layer);
  }
  std::vector<SearchResult> found(todo.size());
  std::vector<std::exception_ptr> failed(todo.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < todo.size(); i = next++) {
      try {
        found[i] = search(hierarchy, todo[i], options, "layer " + std::to_string(i));
      } catch (...) {
        failed[i] = std::current_exception();
      }
    }
  };
  const std::size_t wanted = threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> helpers;
    for (std::size_t t = 1; t < std::min(wanted, todo.size()); ++t) helpers.emplace_back(work);
    work();
  }
  for (const auto& error : failed) {
    if (error) std::rethrow_exception(error);
  }
  std::vector<SearchResult> out;
  for (const Layer& layer : layers) out.push_back(found[different.at(layer)]);
  return out;
}

}  // namespace chipcast::spatial
