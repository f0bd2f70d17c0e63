// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <vector>

#include "mappers/contract.h"

namespace chipcast {

/// The tasks of a mapping beside what they do, as devices see it: parts are described as operators of their own.
class TaskList {
 public:
  /// Throws InputError where a task is a part that its operator does not have.
  TaskList(const MappingProblem& problem, const Mapping& mapping);
  TaskList(const TaskList&) = delete;
  TaskList& operator=(const TaskList&) = delete;

  std::size_t size() const { return tasks_.size(); }
  const Task& task(std::size_t index) const { return tasks_[index]; }
  /// What the task does; the whole operator where it is not cut.
  const OpDescription& op(std::size_t index) const { return *described_[index]; }
  const OpDescription& whole(std::size_t index) const { return problem_.ops[tasks_[index].op.index()]; }
  /// Tasks of an operator, in the order of issue.
  const std::vector<std::size_t>& of(OpId op) const { return of_op_[op.index()]; }
  /// Runs in more than one task.
  bool split(OpId op) const { return of(op).size() > 1; }
  const MappingProblem& problem() const { return problem_; }

 private:
  const MappingProblem& problem_;
  std::vector<Task> tasks_;
  std::deque<OpDescription> parts_;
  std::vector<const OpDescription*> described_;
  std::vector<std::vector<std::size_t>> of_op_;
};

/// For every root (see view_roots) the operators that write it and read it, views left out.
struct TensorUses {
  std::vector<std::vector<OpId>> writers, readers;
};
TensorUses uses_of(const MappingProblem& problem, const std::vector<TensorId>& roots);

/// Tensors (by root) that a group of tasks makes and uses up by itself: they never leave the device.
std::vector<bool> kept_in_groups(const TaskList& tasks, const std::vector<TensorId>& roots);

}  // namespace chipcast
