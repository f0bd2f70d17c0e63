// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/policy.h"

#include "mappers/schedule/bounds.h"
#include "mappers/schedule/evaluator.h"
#include "mappers/schedule/explain.h"
#include "mappers/schedule/network.h"

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

}  // namespace

Mapping map_with(const std::string& method, const MappingProblem& problem, tiling::Plans& plans, const Solver& solver) {
  const Network network = network_of(problem, plans, problem.options.split);
  const Found found =
      solve_within_caps(network.problem, {.seed = problem.options.seed, .budget = problem.options.budget}, solver);
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
