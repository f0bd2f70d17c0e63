// SPDX-License-Identifier: Apache-2.0
#include "mappers/annealing/moves.h"

#include <algorithm>
#include <map>

namespace chipcast::annealing {
namespace {

constexpr std::size_t kLongestRun = 8;
constexpr std::size_t kFarthestShift = 8;

}  // namespace

Moves::Moves(const schedule::Problem& problem) : problem_(problem) {
  std::map<std::vector<std::size_t>, std::uint32_t> numbers;
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
    auto& list = signatures_.emplace_back();
    for (const auto& mode : problem.tasks[t].modes) {
      std::vector<std::size_t> key{static_cast<std::size_t>(mode.parts.front().range.axis)};
      for (const auto& part : mode.parts) key.push_back(part.device);
      list.push_back(numbers.emplace(std::move(key), static_cast<std::uint32_t>(numbers.size())).first->second);
    }
    if (list.size() > 1) changeable_.push_back(static_cast<std::uint32_t>(t));
  }
}

bool Moves::none() const {
  if (!changeable_.empty()) return false;
  for (std::size_t t = 1; t < problem_.tasks.size(); ++t) {
    const auto& inputs = problem_.tasks[t].inputs;
    if (std::none_of(inputs.begin(), inputs.end(), [&](const auto& input) { return input.task + 1 == t; }))
      return false;
  }
  return true;
}

bool Moves::apply(schedule::Solution& solution, Draws& draws) const {
  const std::size_t kind = draws.below(20);
  if (changeable_.empty() || kind < 5) return change_order(solution, draws);
  if (kind < 12) return change_mode(solution, draws);
  if (kind < 17) return change_run(solution, draws);
  return follow_neighbour(solution, draws);
}

bool Moves::change_mode(schedule::Solution& solution, Draws& draws) const {
  const std::size_t task = changeable_[draws.below(changeable_.size())];
  const auto other = static_cast<std::uint32_t>(draws.below(problem_.tasks[task].modes.size() - 1));
  solution.modes[task] = other < solution.modes[task] ? other : other + 1;
  return true;
}

bool Moves::adopt(schedule::Solution& solution, std::size_t task, std::uint32_t like, Draws& draws) const {
  const auto& list = signatures_[task];
  const auto count = static_cast<std::size_t>(std::count(list.begin(), list.end(), like));
  if (count == 0) return false;
  std::size_t skip = draws.below(count);
  for (std::uint32_t m = 0; m < list.size(); ++m) {
    if (list[m] != like || skip-- != 0) continue;
    const bool changed = solution.modes[task] != m;
    solution.modes[task] = m;
    return changed;
  }
  return false;
}

bool Moves::change_run(schedule::Solution& solution, Draws& draws) const {
  const std::size_t from = draws.below(solution.order.size());
  const std::size_t length = 2 + draws.below(kLongestRun - 1);
  const auto& list = signatures_[solution.order[from]];
  const std::uint32_t like = list[draws.below(list.size())];
  bool changed = false;
  for (std::size_t i = from; i < std::min(from + length, solution.order.size()); ++i) {
    changed = adopt(solution, solution.order[i], like, draws) || changed;
  }
  return changed;
}

bool Moves::follow_neighbour(schedule::Solution& solution, Draws& draws) const {
  const std::size_t task = changeable_[draws.below(changeable_.size())];
  const auto& inputs = problem_.tasks[task].inputs;
  const auto& readers = problem_.readers[task];
  if (inputs.empty() && readers.empty()) return false;
  const std::size_t pick = draws.below(inputs.size() + readers.size());
  const std::size_t other = pick < inputs.size() ? inputs[pick].task : readers[pick - inputs.size()];
  return adopt(solution, task, signatures_[other][solution.modes[other]], draws);
}

bool Moves::change_order(schedule::Solution& solution, Draws& draws) const {
  auto& order = solution.order;
  if (order.size() < 2) return false;
  const std::size_t from = draws.below(order.size());
  const std::uint32_t task = order[from];
  const std::size_t wanted = 1 + draws.below(kFarthestShift);
  const auto reads = [&](std::uint32_t reader, std::uint32_t producer) {
    const auto& inputs = problem_.tasks[reader].inputs;
    return std::any_of(inputs.begin(), inputs.end(), [&](const auto& input) { return input.task == producer; });
  };
  std::size_t to = from;
  if (draws.below(2) == 0) {
    while (to > 0 && from - to < wanted && !reads(task, order[to - 1])) --to;
  } else {
    while (to + 1 < order.size() && to - from < wanted && !reads(order[to + 1], task)) ++to;
  }
  if (to == from) return false;
  const auto at = [&](std::size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
  to < from ? std::rotate(at(to), at(from), at(from + 1)) : std::rotate(at(from), at(from + 1), at(to + 1));
  return true;
}

}  // namespace chipcast::annealing
