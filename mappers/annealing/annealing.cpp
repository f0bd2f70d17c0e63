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
  Search(const Problem& problem, const schedule::Effort& effort, const Goal& goal)
      : goal_(goal), evaluator_(problem), moves_(problem), draws_(effort.seed), budget_(effort.budget) {}

  Found run(const std::vector<Solution>& seeds) {
    for (const Solution& seed : seeds) {
      const double value = measure(seed);
      if (!found_.solution.order.empty() && value >= best_) continue;
      best_ = value;
      found_.solution = seed;
    }
    if (moves_.none()) return finish(best_);
    double at_three_quarters = best_;
    const std::int64_t rounds_begin = evaluations_;
    const std::int64_t left = std::max<std::int64_t>(0, budget_ - rounds_begin);
    for (int round = 0; round < kRestarts; ++round) {
      if (round == kRestarts - 1) at_three_quarters = best_;
      anneal(left / kRestarts, kHot / static_cast<double>(1 << round));
    }
    return finish(at_three_quarters);
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

  Found finish(double before_last_round) {
    found_.budget = budget_;
    found_.evaluations = evaluations_;
    found_.converged = best_ >= before_last_round * (1.0 - kAtRest);
    if (!found_.converged) {
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
  std::int64_t budget_, evaluations_ = 0;
  double best_ = schedule::kNever;
  Found found_;
};

}  // namespace

std::vector<Solution> starts(const Problem& problem, const schedule::Effort& effort) {
  std::vector<Solution> out{heft::solve(problem, effort).solution, peft::solve(problem, effort).solution,
                            chain::solve(problem, effort).solution};
  for (std::size_t d = 0; d < problem.devices.size(); ++d) out.push_back(schedule::single_device(problem, d));
  return out;
}

Found search(const Problem& problem, const schedule::Effort& effort, const std::vector<Solution>& seeds,
             const Goal& goal) {
  CHIPCAST_ASSERT(!seeds.empty());
  return Search(problem, effort, goal).run(seeds);
}

Found solve(const Problem& problem, const schedule::Effort& effort) {
  return search(problem, effort, starts(problem, effort),
                [&](const schedule::Value& value, const Evaluator&) { return schedule::judged(problem, value); });
}

std::unique_ptr<Mapper> make_mapper() { return schedule::make_policy("annealing", &solve); }

}  // namespace chipcast::annealing
