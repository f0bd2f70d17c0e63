// SPDX-License-Identifier: Apache-2.0
#include "mappers/mapping_tasks.h"

#include <algorithm>

namespace chipcast {

TaskList::TaskList(const MappingProblem& problem, const Mapping& mapping)
    : problem_(problem), tasks_(mapping.tasks), of_op_(problem.ops.size()) {
  described_.reserve(tasks_.size());
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const Task& task = tasks_[i];
    const OpDescription& whole = problem.ops.at(task.op.index());
    of_op_[task.op.index()].push_back(i);
    if (task.part.whole()) {
      described_.push_back(&whole);
    } else {
      parts_.push_back(part_of(whole, task.part));
      described_.push_back(&parts_.back());
    }
  }
}

TensorUses uses_of(const MappingProblem& problem, const std::vector<TensorId>& roots) {
  TensorUses uses;
  uses.writers.resize(roots.size());
  uses.readers.resize(roots.size());
  for (const auto& op : problem.ops) {
    if (op.op_class == OpClass::view) continue;
    for (const auto& output : op.outputs) uses.writers[output.tensor.index()].push_back(op.id);
    for (const auto& input : op.inputs) {
      auto& readers = uses.readers[roots[input.tensor.index()].index()];
      if (readers.empty() || readers.back() != op.id) readers.push_back(op.id);
    }
  }
  return uses;
}

std::vector<bool> kept_in_groups(const TaskList& tasks, const std::vector<TensorId>& roots) {
  const TensorUses uses = uses_of(tasks.problem(), roots);
  std::vector<bool> kept(roots.size(), false);
  const auto all_beside = [&](const std::vector<OpId>& ops, const Task& first) {
    return std::all_of(ops.begin(), ops.end(), [&](OpId op) {
      const auto& list = tasks.of(op);
      return std::all_of(list.begin(), list.end(), [&](std::size_t i) {
        return tasks.task(i).group == first.group && tasks.task(i).slot == first.slot;
      });
    });
  };
  for (std::size_t i = 0; i < roots.size(); ++i) {
    if (uses.writers[i].empty() || uses.readers[i].empty() || tasks.of(uses.writers[i].front()).empty()) continue;
    const Task& first = tasks.task(tasks.of(uses.writers[i].front()).front());
    kept[i] = first.group && all_beside(uses.writers[i], first) && all_beside(uses.readers[i], first);
  }
  for (const TensorId output : tasks.problem().graph.outputs) kept[roots[output.index()].index()] = false;
  return kept;
}

}  // namespace chipcast
