// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <vector>

#include "mappers/schedule/problem.h"

namespace chipcast::schedule {

/// The least makespan of a problem without splits, contention or caches, found by trying every order and device with
/// branch and bound. Written apart from the evaluator. Every active schedule is the earliest-start schedule of some
/// order, so that the least over all orders is the optimum.
class Exhaustive {
 public:
  explicit Exhaustive(const Problem& problem)
      : problem_(problem),
        ends_(problem.tasks.size(), -1.0),
        device_(problem.tasks.size(), 0),
        released_(problem.devices.size(), 0.0),
        tail_(problem.tasks.size(), 0.0) {
    for (std::size_t t = problem.tasks.size(); t-- > 0;) {
      tail_[t] += fastest(t);
      for (const Input& input : problem.tasks[t].inputs) tail_[input.task] = std::max(tail_[input.task], tail_[t]);
    }
  }

  double best() {
    descend(0, 0.0);
    return best_;
  }

 private:
  double fastest(std::size_t task) const {
    double least = kNever;
    for (const Mode& mode : problem_.tasks[task].modes) least = std::min(least, mode.parts[0].cold.seconds());
    return least;
  }

  void descend(std::size_t done, double makespan) {
    if (makespan >= best_) return;
    if (done == ends_.size()) {
      best_ = makespan;
      return;
    }
    for (std::size_t t = 0; t < ends_.size(); ++t) {
      if (ends_[t] < 0.0 && open(t)) place(t, done, makespan);
    }
  }

  bool open(std::size_t task) const {
    const auto& inputs = problem_.tasks[task].inputs;
    return std::all_of(inputs.begin(), inputs.end(), [&](const Input& input) { return ends_[input.task] >= 0.0; });
  }

  void place(std::size_t task, std::size_t done, double makespan) {
    for (const Mode& mode : problem_.tasks[task].modes) {
      const std::size_t device = mode.parts[0].device;
      double begin = released_[device];
      for (const Input& input : problem_.tasks[task].inputs) {
        const double wait =
            device_[input.task] == device
                ? 0.0
                : problem_.latency[device_[input.task] * released_.size() + device] +
                      input.bytes * problem_.seconds_per_byte[device_[input.task] * released_.size() + device];
        begin = std::max(begin, ends_[input.task] + wait);
      }
      if (begin + tail_[task] >= best_) continue;
      const double before = released_[device];
      ends_[task] = released_[device] = begin + mode.parts[0].cold.seconds();
      device_[task] = device;
      descend(done + 1, std::max(makespan, ends_[task]));
      released_[device] = before;
      ends_[task] = -1.0;
    }
  }

  const Problem& problem_;
  std::vector<double> ends_;
  std::vector<std::size_t> device_;
  std::vector<double> released_, tail_;
  double best_ = kNever;
};

}  // namespace chipcast::schedule
