// SPDX-License-Identifier: Apache-2.0
#include "mappers/tile_searches.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "sim/base/check.h"

namespace chipcast {
namespace {

double distance(const TileSearch& some) { return some.lower_bound > 0.0 ? some.value / some.lower_bound - 1.0 : 0.0; }

std::string percent(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g %%", share * 100.0);
  return text.data();
}

void add(const TaskPlan& task, TileSearch& own) {
  own.text += (own.text.empty() ? "" : "; ") + task.text;
  if (!task.plan->record) return;
  const tiling::PlanRecord& record = *task.plan->record;
  const TileSearch one{.exact = record.exact, .value = record.value, .lower_bound = record.lower_bound};
  const bool first = own.evaluations == 0;
  // A search that its budget ended says more about the operator than one that is exact.
  if (first || (own.exact && !one.exact) || (own.exact == one.exact && distance(one) > distance(own))) {
    own.value = one.value;
    own.lower_bound = one.lower_bound;
  }
  own.evaluations += record.evaluated;
  own.exact = one.exact && (first || own.exact);
}

/// Operators that look alike share one search.
std::int64_t evaluations_of(const std::vector<TaskPlan>& plans) {
  std::vector<const tiling::PlanRecord*> searches;
  for (const TaskPlan& task : plans) {
    if (task.plan->record) searches.push_back(task.plan->record.get());
  }
  std::sort(searches.begin(), searches.end(), std::less<>());
  searches.erase(std::unique(searches.begin(), searches.end()), searches.end());
  std::int64_t sum = 0;
  for (const tiling::PlanRecord* search : searches) sum += search->evaluated;
  return sum;
}

std::string warning_of(const TileSearches& all) {
  const std::int64_t ended = all.operators - all.exact;
  if (ended == 0) return {};
  return "the search for tiles ended with its budget for " + std::to_string(ended) + " of " +
         std::to_string(all.operators) + (all.operators == 1 ? " operator" : " operators") + "; " +
         in_quotes(all.worst_operator) + " is the furthest above its lower bound, " + percent(all.worst_distance) +
         "; raise tile_budget (now " + std::to_string(all.budget) + " cuts of each operator)";
}

}  // namespace

std::string state_tile_searches(const std::vector<TaskPlan>& plans, const std::vector<OpDescription>& ops,
                                std::int64_t budget, Mapping& mapping) {
  for (OpChoice& choice : mapping.choices) choice.tile_search.reset();
  for (const TaskPlan& task : plans) {
    auto& own = mapping.choices.at(task.op.index()).tile_search;
    if (!own) own.emplace();
    add(task, *own);
  }
  TileSearches all{.budget = budget, .evaluations = evaluations_of(plans)};
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const auto& own = mapping.choices.at(i).tile_search;
    if (!own || own->evaluations == 0) continue;
    ++all.operators;
    if (own->exact) {
      ++all.exact;
    } else if (all.worst_operator.empty() || distance(*own) > all.worst_distance) {
      all.worst_distance = distance(*own);
      all.worst_operator = ops[i].name;
    }
  }
  all.warning = warning_of(all);
  std::string warning = all.warning;
  // A mapping that is followed has its record: all tiles were given but those that cannot be stated.
  if (mapping.search.tiles.operators == 0) mapping.search.tiles = std::move(all);
  return warning;
}

}  // namespace chipcast
