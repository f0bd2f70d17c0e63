// SPDX-License-Identifier: Apache-2.0
#include "mappers/residency.h"

#include <algorithm>
#include <set>

#include "mappers/address_space.h"

namespace chipcast {

Mapping in_graph_order(const MappingProblem& problem, const std::vector<Decision>& decisions) {
  Mapping mapping;
  for (const auto& op : problem.ops) {
    const Decision& decision = decisions[op.id.index()];
    mapping.tasks.push_back({.op = op.id, .slot = decision.slot});
    mapping.choices.push_back({.reason = decision.reason, .runner_up = {}});
  }
  return mapping;
}

Residency::Residency(const MappingProblem& problem, const std::vector<Decision>& decisions)
    : problem_(problem),
      decisions_(decisions),
      root_(view_roots(problem.graph, problem.ops)),
      last_use_(problem.graph.tensors.size(), 0),
      producer_(problem.graph.tensors.size()),
      parameters_(problem.devices.size()),
      caches_(problem.devices.size()),
      stays_(problem.ops.size()),
      stored_(problem.graph.tensors.size(), false) {
  find_uses();
  find_parameters();
  for (const auto& op : problem.ops) {
    stays_[op.id.index()].assign(op.inputs.size(), false);
    if (const auto& slot = decisions[op.id.index()].slot) run(op, *slot);
  }
}

void Residency::find_uses() {
  for (const auto& op : problem_.ops) {
    const auto& slot = decisions_[op.id.index()].slot;
    if (!slot) continue;
    for (const auto& output : op.outputs) producer_[output.tensor.index()] = slot;
    for (const auto& input : op.inputs) {
      const std::size_t root = root_[input.tensor.index()].index();
      last_use_[root] = op.id.index();
      if (producer_[root] && producer_[root] != slot) stored_[root] = true;
    }
  }
  for (const TensorId output : problem_.graph.outputs) stored_[root_[output.index()].index()] = true;
}

void Residency::run(const OpDescription& op, std::size_t slot) {
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i].parameter) {  // fetched anew, streaming through, unless the device has them for good
      stays_[op.id.index()][i] = problem_.devices[slot].device->keeps_parameters();
      continue;
    }
    const TensorId root = root_[op.inputs[i].tensor.index()];
    if (touch(caches_[slot], root)) {
      stays_[op.id.index()][i] = true;
    } else {
      keep(slot, root);
    }
  }
  for (const auto& output : op.outputs) keep(slot, output.tensor);
  problem_.devices[slot].device->admit(op, parameters_[slot], held_besides(op, slot));
  trim(slot, op.id.index());
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
  std::set<std::pair<std::size_t, TensorId>> seen;
  for (const auto& op : problem_.ops) {
    const auto& slot = decisions_[op.id.index()].slot;
    if (!slot) continue;
    for (const auto& input : op.inputs) {
      if (input.parameter && seen.emplace(*slot, root_[input.tensor.index()]).second) parameters_[*slot] += input.bytes;
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
    if (producer_[root.index()] == slot) stored_[root.index()] = true;
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
    if (producer_[root] == slot) stored_[root] = true;
    drop(cache.held.begin());
  }
}

}  // namespace chipcast
