// SPDX-License-Identifier: Apache-2.0
#include "mappers/chain/chain.h"

#include <algorithm>
#include <numeric>

#include "mappers/chain/block.h"
#include "mappers/schedule/evaluator.h"

namespace chipcast::chain {
namespace {

using schedule::Found;
using schedule::Problem;
using schedule::Solution;

/// A way to a joint in one of its modes.
struct Label {
  double seconds = 0.0, energy = 0.0;  ///< energy without idle power
  std::size_t before = 0;              ///< label of the joint before
  std::uint32_t mode = 0;              ///< of the joint
  std::vector<std::uint32_t> modes;    ///< of the block that ends here
};

class Programme {
 public:
  explicit Programme(const Problem& problem) : problem_(problem) {}

  Found run() {
    if (problem_.tasks.empty()) return {};
    std::vector<std::vector<Label>> stages;
    std::optional<std::size_t> begin;
    std::size_t first = 0;
    std::vector<std::size_t> ends;
    for (const std::size_t joint : joints(problem_)) ends.push_back(joint + 1);
    if (ends.empty() || ends.back() != problem_.tasks.size()) ends.push_back(problem_.tasks.size());
    for (const std::size_t end : ends) {
      const Block block(problem_, begin, first, end);
      stages.push_back(extend(block, stages.empty() ? nullptr : &stages.back()));
      begin = end - 1;
      first = end;
    }
    Found found{.solution = trace(stages, ends)};
    if (cut_off_) {
      found.converged = false;
      found.warning = "chain kept " + std::to_string(kMostWays) +
                      " ways to each operator and left out others: its result may not be the best";
    }
    return found;
  }

 private:
  double judge(const Label& label) const {
    const double energy = label.energy + problem_.idle_power * label.seconds;
    return schedule::Value{.makespan = label.seconds, .energy = energy}.of(problem_.objective);
  }

  std::vector<Label> extend(const Block& block, const std::vector<Label>* before) {
    std::vector<Label> out;
    for (std::uint32_t to = 0; to < block.modes_of_last(); ++to) {
      std::vector<Label> ways;
      if (before == nullptr) {
        Block::Way way = block.best(0, to);
        ways.push_back({.seconds = way.seconds, .energy = way.energy, .mode = to, .modes = std::move(way.modes)});
      } else {
        extend_from(block, *before, to, ways);
      }
      prune(ways);
      std::move(ways.begin(), ways.end(), std::back_inserter(out));
    }
    return out;
  }

  void extend_from(const Block& block, const std::vector<Label>& before, std::uint32_t to, std::vector<Label>& ways) {
    std::optional<std::uint32_t> known;  // labels stand mode by mode
    Block::Way way;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (known != before[i].mode) way = block.best(before[i].mode, to);
      known = before[i].mode;
      ways.push_back({.seconds = before[i].seconds + way.seconds,
                      .energy = before[i].energy + way.energy,
                      .before = i,
                      .mode = to,
                      .modes = way.modes});
    }
  }

  void prune(std::vector<Label>& ways) {
    if (problem_.objective != Objective::edp) {
      const auto best = std::min_element(ways.begin(), ways.end(),
                                         [&](const Label& a, const Label& b) { return judge(a) < judge(b); });
      ways = {std::move(*best)};
      return;
    }
    std::stable_sort(ways.begin(), ways.end(), [](const Label& a, const Label& b) {
      return a.seconds < b.seconds || (a.seconds == b.seconds && a.energy < b.energy);
    });
    std::vector<Label> kept;
    for (Label& way : ways) {
      if (kept.empty() || way.energy < kept.back().energy) kept.push_back(std::move(way));
    }
    if (kept.size() > kMostWays) {
      cut_off_ = true;
      std::vector<Label> thinned;
      for (std::size_t i = 0; i < kMostWays; ++i) {
        thinned.push_back(std::move(kept[i * (kept.size() - 1) / (kMostWays - 1)]));
      }
      kept = std::move(thinned);
    }
    ways = std::move(kept);
  }

  Solution trace(const std::vector<std::vector<Label>>& stages, const std::vector<std::size_t>& ends) const {
    Solution solution;
    solution.modes.resize(problem_.tasks.size());
    solution.order.resize(problem_.tasks.size());
    std::iota(solution.order.begin(), solution.order.end(), 0U);
    const auto& last = stages.back();
    auto at =
        static_cast<std::size_t>(std::min_element(last.begin(), last.end(),
                                                  [&](const Label& a, const Label& b) { return judge(a) < judge(b); }) -
                                 last.begin());
    for (std::size_t s = stages.size(); s-- > 0;) {
      const Label& label = stages[s][at];
      const std::size_t first = ends[s] - label.modes.size();
      std::copy(label.modes.begin(), label.modes.end(), solution.modes.begin() + static_cast<std::ptrdiff_t>(first));
      at = label.before;
    }
    return solution;
  }

  const Problem& problem_;
  bool cut_off_ = false;
};

}  // namespace

std::vector<std::size_t> joints(const Problem& problem) {
  std::vector<std::int64_t> passing(problem.tasks.size() + 1, 0);  // edges that begin and end around a task
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
    for (const auto& input : problem.tasks[t].inputs) {
      ++passing[input.task + 1];
      --passing[t];
    }
  }
  std::vector<std::size_t> out;
  std::int64_t over = 0;
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
    over += passing[t];
    if (over == 0) out.push_back(t);
  }
  return out;
}

Found solve(const Problem& problem, const schedule::Effort& /*effort*/) { return Programme(problem).run(); }

std::unique_ptr<Mapper> make_mapper() { return schedule::make_policy("chain", &solve); }

}  // namespace chipcast::chain
