// SPDX-License-Identifier: Apache-2.0
#include "mappers/peft/peft.h"

#include <algorithm>
#include <numeric>

#include "mappers/schedule/list_scheduler.h"
#include "mappers/schedule/refine.h"

namespace chipcast::peft {
namespace {

using schedule::Input;
using schedule::Mode;
using schedule::Part;
using schedule::Problem;

/// Seconds of a reader's mode behind a producer's, transfers included.
double step_cost(const Problem& problem, const Input& input, const Mode& from, const Mode& to) {
  double longest = 0.0;
  for (const Part& part : to.parts) {
    double delay = 0.0;
    bool foreign = false;
    for (const Part& other : from.parts) {
      if (other.device == part.device || !schedule::overlaps(input.need, other.range, part.range)) continue;
      foreign = true;
      delay = std::max(delay, problem.delay(other, part.device, input.bytes));
    }
    longest = std::max(longest, foreign ? delay + problem.handoff + part.cold.seconds() : part.local.seconds());
  }
  return longest;
}

}  // namespace

std::vector<std::vector<double>> optimistic_costs(const Problem& problem) {
  std::vector<std::vector<double>> costs;
  for (const auto& task : problem.tasks) costs.emplace_back(task.modes.size(), 0.0);
  for (std::size_t r = problem.tasks.size(); r-- > 0;) {
    for (const Input& input : problem.tasks[r].inputs) {
      const auto& from = problem.tasks[input.task].modes;
      for (std::size_t m = 0; m < from.size(); ++m) {
        double least = schedule::kNever;
        for (std::size_t n = 0; n < costs[r].size(); ++n) {
          least = std::min(least, costs[r][n] + step_cost(problem, input, from[m], problem.tasks[r].modes[n]));
        }
        costs[input.task][m] = std::max(costs[input.task][m], least);
      }
    }
  }
  return costs;
}

schedule::Found solve(const Problem& problem, const schedule::Effort& /*effort*/) {
  const auto costs = optimistic_costs(problem);
  const auto unsplit = schedule::unsplit_modes(problem);
  std::vector<double> priority;
  for (std::size_t t = 0; t < costs.size(); ++t) {
    double sum = 0.0, count = 0.0;
    for (std::size_t m = 0; m < costs[t].size(); ++m) {
      if (unsplit[t][m] == 0) continue;
      sum += costs[t][m];
      count += 1.0;
    }
    priority.push_back(sum / count);
  }
  const schedule::Score score = [&](const schedule::ListScheduler& so_far, std::size_t task, std::size_t mode,
                                    double finish) {
    return schedule::objective_so_far(problem, so_far, task, mode, finish + costs[task][mode]);
  };
  return schedule::with_and_without_splits(problem, priority, score);
}

std::unique_ptr<Mapper> make_mapper() { return schedule::make_policy("peft", &solve); }

}  // namespace chipcast::peft
