// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "mappers/schedule/evaluator.h"
#include "mappers/schedule/policy.h"

namespace chipcast::annealing {

/// What is made least: by default schedule::judged.
using Goal = std::function<double(const schedule::Value& value, const schedule::Evaluator& evaluator)>;

/// Simulated annealing (S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Science 220, 1983) over modes and order, from the
/// best of HEFT, PEFT, chain, and each device alone.
///
/// The budget goes to kRestarts rounds, each from the best so far, with a temperature that falls geometrically from
/// kHot to kCold times the best value (later rounds start cooler). The search counts as converged when the last quarter
/// of its budget has made the best value less than kAtRest better; otherwise a warning says so.
schedule::Found solve(const schedule::Problem& problem, const schedule::Effort& effort);

/// The same from given seeds and for any goal.
schedule::Found search(const schedule::Problem& problem, const schedule::Effort& effort,
                       const std::vector<schedule::Solution>& seeds, const Goal& goal);

/// Starts that the search is given.
std::vector<schedule::Solution> starts(const schedule::Problem& problem, const schedule::Effort& effort);

inline constexpr int kRestarts = 4;
inline constexpr double kHot = 0.03, kCold = 1e-5, kAtRest = 1e-3;

std::unique_ptr<Mapper> make_mapper();

}  // namespace chipcast::annealing
