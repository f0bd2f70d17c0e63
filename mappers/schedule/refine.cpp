// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/refine.h"

#include <algorithm>

#include "mappers/schedule/evaluator.h"

namespace chipcast::schedule {
namespace {

bool has_splits(const Problem& problem) {
  return std::any_of(problem.tasks.begin(), problem.tasks.end(), [](const Task& task) {
    return std::any_of(task.modes.begin(), task.modes.end(), [](const Mode& mode) { return mode.split(); });
  });
}

/// Splits tasks one by one where that makes the whole better.
void split_where_it_pays(const Problem& problem, Evaluator& evaluator, Found& found, double& best) {
  for (int pass = 0; pass < kSplitPasses; ++pass) {
    bool improved = false;
    for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
      const std::uint32_t before = found.solution.modes[t];
      std::uint32_t chosen = before;
      for (std::size_t m = 0; m < problem.tasks[t].modes.size(); ++m) {
        if (!problem.tasks[t].modes[m].split() || m == before) continue;
        found.solution.modes[t] = static_cast<std::uint32_t>(m);
        ++found.evaluations;
        const double value = judged(problem, evaluator.evaluate(found.solution));
        if (value >= best) continue;
        best = value;
        chosen = static_cast<std::uint32_t>(m);
        improved = true;
      }
      found.solution.modes[t] = chosen;
    }
    if (!improved) break;
  }
}

}  // namespace

Found with_and_without_splits(const Problem& problem, const std::vector<double>& priority, const Score& score) {
  Evaluator evaluator(problem);
  Found found{.solution = list_schedule(problem, priority, unsplit_modes(problem), score)};
  if (!has_splits(problem)) return found;
  double best = judged(problem, evaluator.evaluate(found.solution));
  const Solution split = list_schedule(problem, priority, all_modes(problem), score);
  const double value = judged(problem, evaluator.evaluate(split));
  ++found.evaluations;
  if (value < best) {
    best = value;
    found.solution = split;
  }
  split_where_it_pays(problem, evaluator, found, best);
  return found;
}

}  // namespace chipcast::schedule
