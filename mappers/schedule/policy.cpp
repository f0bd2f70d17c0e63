// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/policy.h"

#include <algorithm>
#include <limits>

#include "mappers/emitter.h"
#include "mappers/schedule/bounds.h"
#include "mappers/schedule/evaluator.h"
#include "mappers/schedule/explain.h"
#include "mappers/schedule/network.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast::schedule {
namespace {

class PolicyMapper final : public Mapper {
 public:
  PolicyMapper(std::string method, Solver solver) : method_(std::move(method)), solver_(std::move(solver)) {}
  Mapping map(const MappingProblem& problem, tiling::Plans& plans) const override {
    return map_with(method_, problem, plans, solver_);
  }

 private:
  std::string method_;
  Solver solver_;
};

/// Schedules whose programs keep the cap on memory. What devices pad, gaps between tensors, and devices that work at
/// the same time take more than a schedule counts: where that is too much, it is asked to count less.
class WithinMemory {
 public:
  WithinMemory(const MappingProblem& problem, tiling::Plans& plans, const Solver& solver)
      : problem_(problem), plans_(plans), solver_(solver) {}

  Found solve(Network& network) {
    if (!problem_.options.memory_cap) return solve_within_caps(network.problem, effort(), solver_);
    std::optional<double>& counted = network.problem.memory_cap;
    const std::optional<double> given = counted;
    std::optional<Found> found = tightened(network);
    if (!found) {
      // A schedule may also count more than its program takes.
      counted.reset();
      found = kept(network, solve_within_caps(network.problem, effort(), solver_));
    }
    counted = given;
    if (!found) refuse();
    found->budget = budget_;
    found->evaluations = evaluations_;
    return *found;
  }

 private:
  static constexpr int kRounds = 6;

  Effort effort() const { return {.seed = problem_.options.seed, .budget = problem_.options.budget}; }

  /// The same where its program keeps the cap.
  std::optional<Found> kept(const Network& network, Found found) {
    budget_ += found.budget;
    evaluations_ += found.evaluations;
    needed_ = memory_footprint(problem_, to_mapping(problem_, network, found.solution), plans_);
    least_ = std::min(least_, needed_);
    if (needed_ > *problem_.options.memory_cap) return std::nullopt;
    return found;
  }

  /// Under the cap, then under less and less.
  std::optional<Found> tightened(Network& network) {
    std::optional<double>& counted = network.problem.memory_cap;
    for (int round = 0; *counted > 0.0 && round < kRounds; ++round) {
      const std::optional<Found> found = solved(network);
      if (!found) return std::nullopt;
      if (auto fitting = kept(network, *found)) return fitting;
      const double live = Evaluator(network.problem).evaluate(found->solution).peak_memory;
      counted = std::min(*counted, live) - static_cast<double>((needed_ - *problem_.options.memory_cap).count());
    }
    return std::nullopt;
  }

  /// None where no schedule counts so little; the message about it would say nothing to the user.
  std::optional<Found> solved(const Network& network) const try {
    return solve_within_caps(network.problem, effort(), solver_);
  } catch (const InputError&) {
    return std::nullopt;
  }

  [[noreturn]] void refuse() const {
    throw InputError("memory_cap", to_text(*problem_.options.memory_cap) + " is less than the " + to_text(least_) +
                                       " of the smallest mapping found; raise it, or use a narrower number format");
  }

  const MappingProblem& problem_;
  tiling::Plans& plans_;
  const Solver& solver_;
  Bytes needed_, least_{std::numeric_limits<std::int64_t>::max()};
  std::int64_t budget_ = 0, evaluations_ = 0;
};

}  // namespace

Mapping map_with(const std::string& method, const MappingProblem& problem, tiling::Plans& plans, const Solver& solver) {
  Network network = network_of(problem, plans, problem.options.split);
  const Found found = WithinMemory(problem, plans, solver).solve(network);
  Mapping mapping = to_mapping(problem, network, found.solution);
  explain(problem, network, found.solution, method, mapping);
  Evaluator evaluator(network.problem);
  const double value = evaluator.evaluate(found.solution).of(network.problem.objective);
  mapping.search = {.method = method,
                    .seed = problem.options.seed,
                    .budget = found.budget,
                    .evaluations = found.evaluations,
                    .objective = network.problem.objective,
                    .value = found.value.value_or(value),
                    .lower_bound = found.lower_bound.value_or(bounds(network.problem).of(network.problem.objective)),
                    .converged = found.converged,
                    .warning = found.warning};
  if (!found.warning.empty()) mapping.warnings.push_back(found.warning);
  return mapping;
}

std::unique_ptr<Mapper> make_policy(std::string method, Solver solver) {
  return std::make_unique<PolicyMapper>(std::move(method), std::move(solver));
}

}  // namespace chipcast::schedule
