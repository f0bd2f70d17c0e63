// SPDX-License-Identifier: Apache-2.0
#include "mappers/residency.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "mappers/address_space.h"

namespace chipcast {

Mapping in_graph_order(const MappingProblem& problem, const std::vector<Decision>& decisions) {
  Mapping mapping;
  for (const auto& op : problem.ops) {
    const Decision& decision = decisions[op.id.index()];
    mapping.tasks.push_back({.op = op.id, .slot = decision.slot});
    mapping.choices.push_back({.reason = decision.reason, .runner_up = decision.runner_up});
  }
  return mapping;
}

Residency::Residency(const MappingProblem& problem, const std::vector<Decision>& decisions)
    : Residency(std::make_unique<const TaskList>(problem, in_graph_order(problem, decisions))) {}

Residency::Residency(std::unique_ptr<const TaskList> owned) : Residency(*owned) { owned_ = std::move(owned); }

Residency::Residency(const TaskList& tasks)
    : tasks_(tasks),
      problem_(tasks.problem()),
      root_(view_roots(problem_.graph, problem_.ops)),
      in_group_(kept_in_groups(tasks, root_)),
      last_use_(root_.size(), 0),
      writer_(root_.size(), Writer::none),
      producer_(root_.size(), 0),
      last_part_(root_.size(), 0),
      parameters_(problem_.devices.size()),
      caches_(problem_.devices.size()),
      stays_(tasks.size()),
      stored_(root_.size(), false) {
  find_uses();
  find_parameters();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    stays_[i].assign(tasks.op(i).inputs.size(), false);
    if (const auto& slot = tasks.task(i).slot) run(i, *slot);
  }
}

void Residency::find_uses() {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const auto& slot = tasks_.task(i).slot;
    if (!slot) continue;
    for (const auto& output : tasks_.op(i).outputs) {
      const std::size_t root = output.tensor.index();
      const bool another = writer_[root] != Writer::none && producer_[root] != *slot;
      if (writer_[root] != Writer::several) writer_[root] = another ? Writer::several : Writer::one;
      producer_[root] = *slot;
      last_part_[root] = i;
    }
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const auto& slot = tasks_.task(i).slot;
    if (!slot) continue;
    for (const auto& input : tasks_.op(i).inputs) {
      const std::size_t root = root_[input.tensor.index()].index();
      last_use_[root] = i;
      if (writer_[root] != Writer::none && !wrote(*slot, root)) stored_[root] = true;
    }
  }
  for (const TensorId output : problem_.graph.outputs) stored_[root_[output.index()].index()] = true;
}

bool Residency::stays_now(std::size_t task, std::size_t slot, const OpDescription::Operand& input) {
  // Weights are fetched anew, streaming through, unless the device has them for good.
  if (input.parameter) return problem_.devices[slot].device->keeps_parameters();
  const TensorId root = root_[input.tensor.index()];
  if (tasks_.task(task).group) {  // groups read and leave what is not theirs alone in memory
    if (!in_group_[root.index()]) stored_[root.index()] = true;
    return in_group_[root.index()];
  }
  if (touch(caches_[slot], root)) return true;
  if (input.bytes >= problem_.graph.tensor(root).type.bytes() || tasks_.task(task).part.whole()) keep(slot, root);
  return false;
}

void Residency::run(std::size_t task, std::size_t slot) {
  const OpDescription& op = tasks_.op(task);
  for (std::size_t i = 0; i < op.inputs.size(); ++i) stays_[task][i] = stays_now(task, slot, op.inputs[i]);
  for (const auto& output : op.outputs) {
    const std::size_t root = output.tensor.index();
    if (tasks_.task(task).group) {
      stored_[root] = stored_[root] || !in_group_[root];
    } else if (last_part_[root] == task && wrote(slot, root)) {  // the whole of a tensor is kept, or nothing
      keep(slot, output.tensor);
    }
  }
  problem_.devices[slot].device->admit(op, parameters_[slot], held_besides(op, slot));
  trim(slot, task);
}

Bytes Residency::held_besides(const OpDescription& op, std::size_t slot) const {
  const auto is_operand = [&](TensorId root) {
    const auto same = [&](const OpDescription::Operand& operand) { return root_[operand.tensor.index()] == root; };
    return std::any_of(op.inputs.begin(), op.inputs.end(), same) ||
           std::any_of(op.outputs.begin(), op.outputs.end(), same);
  };
  Bytes sum;
  for (const Held& held : caches_[slot].held) {
    if (!is_operand(held.root)) sum += held.bytes;
  }
  return sum;
}

void Residency::find_parameters() {
  std::set<std::tuple<std::size_t, TensorId, Bytes>> seen;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const auto& slot = tasks_.task(i).slot;
    if (!slot) continue;
    for (const auto& input : tasks_.op(i).inputs) {
      const bool fresh = input.parameter && seen.emplace(*slot, root_[input.tensor.index()], input.offset).second;
      if (fresh) parameters_[*slot] += input.bytes;
    }
  }
}

bool Residency::touch(Cache& cache, TensorId root) {
  const auto it = std::find_if(cache.held.begin(), cache.held.end(), [&](const Held& h) { return h.root == root; });
  if (it == cache.held.end()) return false;
  std::rotate(it, it + 1, cache.held.end());
  return true;
}

void Residency::keep(std::size_t slot, TensorId root) {
  const Bytes bytes = problem_.graph.tensor(root).type.bytes();
  if (bytes > problem_.devices[slot].device->resident_limit()) {
    if (wrote(slot, root.index())) stored_[root.index()] = true;
    return;
  }
  caches_[slot].held.push_back({root, bytes});
  caches_[slot].used += bytes;
}

void Residency::trim(std::size_t slot, std::size_t now) {
  Cache& cache = caches_[slot];
  const auto drop = [&](std::vector<Held>::iterator it) {
    cache.used -= it->bytes;
    return cache.held.erase(it);
  };
  for (auto it = cache.held.begin(); it != cache.held.end();) {
    it = last_use_[it->root.index()] <= now ? drop(it) : it + 1;
  }
  while (cache.used > problem_.devices[slot].device->resident_limit()) {
    const std::size_t root = cache.held.front().root.index();
    if (wrote(slot, root)) stored_[root] = true;
    drop(cache.held.begin());
  }
}

}  // namespace chipcast
