// SPDX-License-Identifier: Apache-2.0
// Which frame runs in which way.
#include <algorithm>

#include "mappers/annealing/annealing.h"
#include "mappers/heft/heft.h"
#include "mappers/pipeline/pipeline.h"
#include "mappers/schedule/evaluator.h"

namespace chipcast::pipeline {
namespace {

using schedule::Problem;
using schedule::Solution;

/// A longer pattern has to be this much better.
constexpr double kWorthwhile = 0.995;

double busiest(const std::vector<double>& loads) { return *std::max_element(loads.begin(), loads.end()); }

std::vector<double> loads_of(const Problem& frame, const schedule::Evaluator& evaluator) {
  std::vector<double> out(frame.devices.size(), 0.0);
  for (const schedule::Span& span : evaluator.spans()) out[span.device] += span.end - span.begin;
  return out;
}

/// Deals frames to variants.
class Dealer {
 public:
  explicit Dealer(std::vector<std::vector<double>> loads) : loads_(std::move(loads)) {}

  std::vector<std::size_t> deal(std::size_t frames) {
    sum_.assign(loads_.front().size(), 0.0);
    std::vector<std::size_t> pattern;
    for (std::size_t f = 0; f < frames; ++f) {
      pattern.push_back(best_variant());
      add(pattern.back(), 1.0);
    }
    exchange(pattern);
    return pattern;
  }
  double period(std::size_t frames) const { return busiest(sum_) / static_cast<double>(frames); }

 private:
  void add(std::size_t variant, double sign) {
    for (std::size_t d = 0; d < sum_.size(); ++d) sum_[d] += sign * loads_[variant][d];
  }

  /// The one that leaves the busiest least busy; of equal ones that with the least work.
  std::size_t best_variant() const {
    std::size_t best = 0;
    std::pair<double, double> least{schedule::kNever, schedule::kNever};
    for (std::size_t v = 0; v < loads_.size(); ++v) {
      std::pair<double, double> value{0.0, 0.0};
      for (std::size_t d = 0; d < sum_.size(); ++d) {
        value.first = std::max(value.first, sum_[d] + loads_[v][d]);
        value.second += loads_[v][d];
      }
      if (value >= least) continue;
      least = value;
      best = v;
    }
    return best;
  }

  void exchange(std::vector<std::size_t>& pattern) {
    for (bool improved = true; improved;) {
      improved = false;
      for (std::size_t& variant : pattern) {
        const double before = busiest(sum_);
        const std::size_t old = variant;
        add(old, -1.0);
        variant = best_variant();
        add(variant, 1.0);
        if (busiest(sum_) < before * (1.0 - 1e-9)) {
          improved = true;
        } else if (variant != old) {
          add(variant, -1.0);
          add(old, 1.0);
          variant = old;
        }
      }
    }
  }

  std::vector<std::vector<double>> loads_;
  std::vector<double> sum_;
};

/// Stages: the solution whose busiest resource is least busy.
schedule::Found staged(const Problem& frame, const schedule::Effort& effort, const std::vector<Solution>& seeds,
                       std::int64_t spent) {
  const annealing::Goal goal = [&](const schedule::Value& value, const schedule::Evaluator& evaluator) {
    const double load = busiest(loads_of(frame, evaluator));
    // Between equal loads the shorter way through.
    return schedule::keeps_caps(frame, value) ? load + 1e-3 * value.makespan : 1e3 * (load + value.makespan);
  };
  return annealing::search(frame, effort, seeds, goal, spent);
}

}  // namespace

std::vector<double> loads(const Problem& frame, const Solution& solution) {
  schedule::Evaluator evaluator(frame);
  evaluator.evaluate(solution);
  std::vector<double> out = loads_of(frame, evaluator);
  double bytes = 0.0;
  for (std::size_t t = 0; t < frame.tasks.size(); ++t) {
    for (const schedule::Part& part : frame.tasks[t].modes[solution.modes[t]].parts) bytes += part.local.bytes;
  }
  out.push_back(frame.bandwidth > 0.0 ? bytes / frame.bandwidth : 0.0);
  return out;
}

Rota rota(const Problem& frame, const schedule::Effort& effort, std::size_t longest) {
  Rota out;
  const auto add = [&](Solution solution) {
    if (std::find(out.variants.begin(), out.variants.end(), solution) == out.variants.end()) {
      out.variants.push_back(std::move(solution));
    }
  };
  for (std::size_t d = 0; d < frame.devices.size(); ++d) add(schedule::single_device(frame, d));
  schedule::Found listed = heft::solve(frame, effort);
  add(std::move(listed.solution));
  schedule::Found stages = staged(frame, effort, out.variants, listed.evaluations);
  add(std::move(stages.solution));
  out.evaluations = stages.evaluations;
  out.converged = stages.converged;
  out.warning = std::move(stages.warning);
  std::vector<std::vector<double>> each;
  for (const Solution& variant : out.variants) each.push_back(loads(frame, variant));
  Dealer dealer(std::move(each));
  out.period = schedule::kNever;
  for (std::size_t length = 1; length <= std::max<std::size_t>(1, longest); ++length) {
    const auto pattern = dealer.deal(length);
    if (dealer.period(length) >= out.period * kWorthwhile) continue;
    out.period = dealer.period(length);
    out.pattern = pattern;
  }
  return out;
}

}  // namespace chipcast::pipeline
