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
/// of its budget has made the best value less than kAtRest better, after rounds of at least enough_steps(); otherwise a
/// warning says so. Starts count: of those behind the first, only what the budget allows is looked at.
schedule::Found solve(const schedule::Problem& problem, const schedule::Effort& effort);

/// The same from given seeds and for any goal; finding the seeds took `spent` schedules of the budget.
schedule::Found search(const schedule::Problem& problem, const schedule::Effort& effort,
                       const std::vector<schedule::Solution>& seeds, const Goal& goal, std::int64_t spent = 0);

/// Steps of a round below which a search that gains nothing has seen too little to be at rest: for each task, 16 or as
/// many as the most modes of a task.
std::int64_t enough_steps(const schedule::Problem& problem);

inline constexpr int kRestarts = 4;
inline constexpr double kHot = 0.03, kCold = 1e-5, kAtRest = 1e-3;

std::unique_ptr<Mapper> make_mapper();

}  // namespace chipcast::annealing
