// SPDX-License-Identifier: Apache-2.0
#include "mappers/annealing/annealing.h"

#include <algorithm>
#include <cmath>

#include "mappers/annealing/moves.h"
#include "mappers/chain/chain.h"
#include "mappers/heft/heft.h"
#include "mappers/peft/peft.h"
#include "sim/base/check.h"

namespace chipcast::annealing {
namespace {

using schedule::Evaluator;
using schedule::Found;
using schedule::Problem;
using schedule::Solution;

class Search {
 public:
  Search(const Problem& problem, const schedule::Effort& effort, const Goal& goal, std::int64_t spent)
      : goal_(goal),
        evaluator_(problem),
        moves_(problem),
        draws_(effort.seed),
        budget_(effort.budget),
        enough_(enough_steps(problem)),
        evaluations_(spent) {}

  Found run(const std::vector<Solution>& seeds) {
    for (std::size_t s = 0; s < seeds.size() && (s == 0 || evaluations_ < budget_); ++s) {
      const Solution& seed = seeds[s];
      const double value = measure(seed);
      if (s > 0 && value >= best_) continue;
      best_ = value;
      found_.solution = seed;
    }
    if (moves_.none()) return finish(best_, enough_);
    starts_ = evaluations_;
    double at_three_quarters = best_;
    const std::int64_t left = std::max<std::int64_t>(0, budget_ - evaluations_);
    for (int round = 0; round < kRestarts; ++round) {
      if (round == kRestarts - 1) at_three_quarters = best_;
      anneal(left / kRestarts, kHot / static_cast<double>(1 << round));
    }
    return finish(at_three_quarters, left / kRestarts);
  }

 private:
  double measure(const Solution& solution) {
    ++evaluations_;
    const schedule::Value value = evaluator_.evaluate(solution);
    return goal_(value, evaluator_);
  }

  void anneal(std::int64_t steps, double hot) {
    Solution current = found_.solution;
    double now = best_;
    const double cooling = steps > 1 ? std::pow(kCold / hot, 1.0 / static_cast<double>(steps - 1)) : 1.0;
    double temperature = hot * best_;
    Solution trial = current;
    for (std::int64_t step = 0; step < steps; ++step, temperature *= cooling) {
      trial = current;
      if (!moves_.apply(trial, draws_)) continue;
      const double value = measure(trial);
      if (value > now && draws_.unit() >= std::exp((now - value) / temperature)) continue;
      std::swap(current, trial);
      now = value;
      if (value >= best_) continue;
      best_ = value;
      found_.solution = current;
    }
  }

  /// Steps are counted instead of evaluations: those that change nothing cost none.
  Found finish(double before_last_round, std::int64_t steps) {
    found_.budget = budget_;
    found_.evaluations = evaluations_;
    found_.converged = steps >= enough_ && best_ >= before_last_round * (1.0 - kAtRest);
    if (steps < enough_) {
      found_.warning = "annealing has hardly searched: rounds of " + std::to_string(steps) + " schedules, where " +
                       std::to_string(enough_) + " are the least; raise the budget of " + std::to_string(budget_) +
                       " to " + std::to_string(starts_ + kRestarts * enough_) + " or more";
    } else if (!found_.converged) {
      const double gain = 100.0 * (1.0 - best_ / before_last_round);
      found_.warning = "annealing had not come to rest: the last quarter of its budget of " + std::to_string(budget_) +
                       " schedules still gained " + std::to_string(gain).substr(0, 4) + " %; raise the budget";
    }
    return std::move(found_);
  }

  const Goal& goal_;
  Evaluator evaluator_;
  Moves moves_;
  Draws draws_;
  std::int64_t budget_, enough_, evaluations_, starts_ = 0;
  double best_ = schedule::kNever;
  Found found_;
};

}  // namespace

std::int64_t enough_steps(const Problem& problem) {
  std::size_t most = 16;
  for (const auto& task : problem.tasks) most = std::max(most, task.modes.size());
  return static_cast<std::int64_t>(most * problem.tasks.size());
}

Found search(const Problem& problem, const schedule::Effort& effort, const std::vector<Solution>& seeds,
             const Goal& goal, std::int64_t spent) {
  CHIPCAST_ASSERT(!seeds.empty());
  return Search(problem, effort, goal, spent).run(seeds);
}

Found solve(const Problem& problem, const schedule::Effort& effort) {
  std::vector<Solution> seeds;
  std::int64_t spent = 0;  // besides one for each seed, which the search counts
  for (const auto policy : {&heft::solve, &peft::solve, &chain::solve}) {
    if (!seeds.empty() && spent + static_cast<std::int64_t>(seeds.size()) >= effort.budget) break;
    Found found = policy(problem, effort);
    spent += found.evaluations - 1;
    seeds.push_back(std::move(found.solution));
  }
  for (std::size_t d = 0; d < problem.devices.size(); ++d) seeds.push_back(schedule::single_device(problem, d));
  return search(
      problem, effort, seeds,
      [&](const schedule::Value& value, const Evaluator&) { return schedule::judged(problem, value); }, spent);
}

std::unique_ptr<Mapper> make_mapper() { return schedule::make_policy("annealing", &solve); }

}  // namespace chipcast::annealing
