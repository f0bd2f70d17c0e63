// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "mappers/mapping_tasks.h"

namespace chipcast {

/// Which tasks are over before others begin to write, whatever the timing of a run: each device runs its tasks in
/// order, and a task waits for those that made its inputs. A device's tasks form a chain, so that one number per device
/// says how much of it comes before a task (vector clocks: C. Fidge, 1988; F. Mattern, 1989).
class TaskOrder {
 public:
  /// Per device: how many of its tasks are over.
  using Clock = std::vector<std::int64_t>;

  TaskOrder(const TaskList& tasks, const std::vector<TensorId>& roots);

  /// What is over when a task begins to write.
  const Clock& before(std::size_t task) const { return before_[task]; }
  /// `clock` raised to what is over once a task is.
  void pass(std::size_t task, Clock& clock) const;
  /// `first` is over before `second` writes.
  bool precedes(std::size_t first, std::size_t second) const;

 private:
  const TaskList& tasks_;
  std::vector<Clock> before_;
  std::vector<std::int64_t> number_;  ///< of a task among those of its device, from 1
};

/// a is nowhere above b.
bool within(const TaskOrder::Clock& a, const TaskOrder::Clock& b);

}  // namespace chipcast
