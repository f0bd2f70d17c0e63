// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms/compact.h"

#include "sim/base/check.h"

namespace chipcast {
namespace {

/// Keeps the unmarked elements and tells where each went.
template <class T>
std::vector<std::size_t> keep(std::vector<T>& items, const std::vector<bool>& dead) {
  std::vector<std::size_t> moved(items.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    moved[i] = next;
    if (dead[i]) continue;
    if (next != i) items[next] = std::move(items[i]);
    ++next;
  }
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(next), items.end());
  return moved;
}

}  // namespace

Graph compact(Graph graph, const std::vector<bool>& dead_ops, const std::vector<bool>& dead_tensors) {
  keep(graph.ops, dead_ops);
  const auto moved = keep(graph.tensors, dead_tensors);
  const auto renumber = [&](TensorId& id) {
    CHIPCAST_ASSERT(!dead_tensors[id.index()]);
    id = TensorId(moved[id.index()]);
  };
  for (auto& id : graph.inputs) renumber(id);
  for (auto& id : graph.outputs) renumber(id);
  for (auto& op : graph.ops) {
    for (auto& id : op.inputs) {
      if (id) renumber(*id);
    }
    for (auto& id : op.outputs) renumber(id);
  }
  return graph;
}

std::vector<bool> unreferenced(const Graph& graph, const std::vector<bool>& dead_ops) {
  std::vector<bool> dead(graph.tensors.size(), true);
  for (const auto id : graph.inputs) dead[id.index()] = false;
  for (const auto id : graph.outputs) dead[id.index()] = false;
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    if (dead_ops[i]) continue;
    for (const auto& id : graph.ops[i].inputs) {
      if (id) dead[id->index()] = false;
    }
    for (const auto id : graph.ops[i].outputs) dead[id.index()] = false;
  }
  return dead;
}

}  // namespace chipcast
