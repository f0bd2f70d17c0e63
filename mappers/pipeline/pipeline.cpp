// SPDX-License-Identifier: Apache-2.0
#include "mappers/pipeline/pipeline.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "mappers/schedule/bounds.h"
#include "mappers/schedule/evaluator.h"
#include "mappers/schedule/explain.h"
#include "mappers/schedule/list_scheduler.h"
#include "mappers/schedule/network.h"
#include "sim/base/check.h"

namespace chipcast::pipeline {
namespace {

using schedule::Found;
using schedule::Problem;
using schedule::Solution;

bool same_modes(const schedule::Task& a, const schedule::Task& b) {
  return std::equal(a.modes.begin(), a.modes.end(), b.modes.begin(), b.modes.end(),
                    [](const schedule::Mode& x, const schedule::Mode& y) {
                      return std::equal(x.parts.begin(), x.parts.end(), y.parts.begin(), y.parts.end(),
                                        [](const schedule::Part& p, const schedule::Part& q) {
                                          return p.device == q.device && p.range == q.range && p.cold == q.cold;
                                        });
                    });
}

/// Sets of connected tasks, each in order, by their first task.
std::vector<std::vector<std::size_t>> components(const Problem& problem) {
  std::vector<std::size_t> parent(problem.tasks.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t t) {
    while (parent[t] != t) t = parent[t] = parent[parent[t]];
    return t;
  };
  for (std::size_t t = 0; t < parent.size(); ++t) {
    for (const auto& input : problem.tasks[t].inputs) {
      const std::size_t a = root(t), b = root(input.task);
      parent[std::max(a, b)] = std::min(a, b);
    }
  }
  std::map<std::size_t, std::vector<std::size_t>> sets;
  for (std::size_t t = 0; t < parent.size(); ++t) sets[root(t)].push_back(t);
  std::vector<std::vector<std::size_t>> out;
  for (auto& [first, set] : sets) out.push_back(std::move(set));
  return out;
}

Problem one_frame(const Problem& problem, const std::vector<std::size_t>& tasks) {
  Problem frame = problem;
  frame.tasks.clear();
  for (const std::size_t t : tasks) {
    schedule::Task task = problem.tasks[t];
    for (auto& input : task.inputs) {
      input.task = static_cast<std::size_t>(std::lower_bound(tasks.begin(), tasks.end(), input.task) - tasks.begin());
    }
    frame.tasks.push_back(std::move(task));
  }
  frame.link();
  return frame;
}

/// All frames, each as its variant says; the devices' gaps are filled by later frames.
Solution lay_out(const Problem& problem, const std::vector<std::vector<std::size_t>>& frames, const Rota& rota,
                 const std::vector<double>& ranks) {
  schedule::Allowed allowed;
  for (const auto& task : problem.tasks) allowed.emplace_back(task.modes.size(), std::uint8_t{0});
  std::vector<double> priority(problem.tasks.size(), 0.0);
  const double longest = 1.0 + *std::max_element(ranks.begin(), ranks.end());
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const Solution& variant = rota.variants[rota.pattern[f % rota.pattern.size()]];
    for (std::size_t i = 0; i < frames[f].size(); ++i) {
      allowed[frames[f][i]][variant.modes[i]] = 1;
      priority[frames[f][i]] = ranks[i] + longest * static_cast<double>(frames.size() - f);
    }
  }
  return schedule::list_schedule(
      problem, priority, allowed,
      [](const schedule::ListScheduler&, std::size_t, std::size_t, double finish) { return finish; });
}

void check_objective(Objective objective) {
  if (objective == Objective::latency) return;
  throw InputError("objective", "pipeline makes the time between frames least, not " + std::string(name_of(objective)) +
                                    "; ask for latency, or use the mapper annealing");
}

Found several_frames(const Problem& problem, const std::vector<std::vector<std::size_t>>& frames,
                     const schedule::Effort& effort) {
  const Problem frame = one_frame(problem, frames.front());
  const std::vector<double> ranks = schedule::upward_ranks(frame);
  schedule::Evaluator evaluator(problem);
  Found found{.budget = effort.budget};
  double best = schedule::kNever;
  const auto consider = [&](const Rota& rota) {
    Solution solution = lay_out(problem, frames, rota, ranks);
    const double value = schedule::judged(problem, evaluator.evaluate(solution));
    ++found.evaluations;
    if (!found.solution.order.empty() && value >= best) return;
    best = value;
    found.solution = std::move(solution);
  };
  const Rota whole = rota(frame, effort, frames.size());
  found.evaluations = whole.evaluations;
  found.converged = whole.converged;
  found.warning = whole.warning;
  consider(whole);
  for (std::size_t v = 0; v < whole.variants.size(); ++v) {
    consider({.variants = whole.variants, .pattern = {v}, .period = 0.0});
  }
  for (std::size_t v = 0; v < whole.variants.size(); ++v) {  // the last frames need not wait for the slowest device
    Rota other = whole;
    if (other.pattern.size() < frames.size()) {
      const auto pattern = other.pattern;
      other.pattern.clear();
      for (std::size_t f = 0; f < frames.size(); ++f) other.pattern.push_back(pattern[f % pattern.size()]);
    }
    other.pattern.back() = v;
    consider(other);
  }
  return found;
}

}  // namespace

std::vector<std::vector<std::size_t>> frames_of(const Problem& problem) {
  auto sets = components(problem);
  const auto equal = [&](const std::vector<std::size_t>& set) {
    return std::equal(set.begin(), set.end(), sets.front().begin(), sets.front().end(),
                      [&](std::size_t a, std::size_t b) { return same_modes(problem.tasks[a], problem.tasks[b]); });
  };
  if (std::all_of(sets.begin(), sets.end(), equal)) return sets;
  std::vector<std::size_t> all(problem.tasks.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return {std::move(all)};
}

Found solve(const Problem& problem, const schedule::Effort& effort) {
  check_objective(problem.objective);
  if (problem.tasks.empty()) return {.budget = effort.budget};
  const auto frames = frames_of(problem);
  if (frames.size() > 1) return several_frames(problem, frames, effort);
  const Rota single = rota(problem, effort, 1);
  return {.solution = single.variants[single.pattern.front()],
          .budget = effort.budget,
          .evaluations = single.evaluations,
          .converged = single.converged,
          .warning = single.warning,
          .value = single.period,
          .lower_bound = schedule::bounds(problem).work};
}

Frames frames(const MappingProblem& problem, tiling::Plans& plans, std::size_t longest) {
  check_objective(problem.options.objective);
  const schedule::Network network = schedule::network_of(problem, plans, problem.options.split);
  const schedule::Effort effort{.seed = problem.options.seed, .budget = problem.options.budget};
  const Rota best = rota(network.problem, effort, longest);
  Frames out{.variants = {}, .pattern = {}, .period = best.period};
  std::vector<std::optional<std::size_t>> used(best.variants.size());  // only variants that some frame runs as
  for (const std::size_t v : best.pattern) {
    if (!used[v]) {
      used[v] = out.variants.size();
      out.variants.push_back(schedule::to_mapping(problem, network, best.variants[v]));
      schedule::explain(problem, network, best.variants[v], "pipeline", out.variants.back());
    }
    out.pattern.push_back(*used[v]);
  }
  return out;
}

std::unique_ptr<Mapper> make_mapper() { return schedule::make_policy("pipeline", &solve); }

}  // namespace chipcast::pipeline
