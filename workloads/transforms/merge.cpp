// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms/merge.h"

#include "workloads/transforms/compact.h"

namespace chipcast {

Merger::Merger(Graph graph) : graph_(std::move(graph)) {
  producers_ = graph_.producers();
  for (const auto& ops : graph_.consumers()) readers_.push_back(ops.size());
  is_output_.assign(graph_.tensors.size(), false);
  for (const auto id : graph_.outputs) is_output_[id.index()] = true;
  gone_.assign(graph_.ops.size(), false);
  for (const auto& tensor : graph_.tensors) names_.insert(tensor.name);
}

std::optional<OpId> Merger::sole_feeder(OpId op) const {
  const auto& input = graph_.op(op).inputs.at(0);
  if (!input || is_output_[input->index()] || readers_[input->index()] != 1) return std::nullopt;
  const auto producer = producers_[input->index()];
  if (!producer || graph_.op(*producer).outputs.front() != *input) return std::nullopt;
  return producer;
}

void Merger::merge(OpId op, OpId into, TransformNote note) {
  const TensorId result = graph_.op(op).outputs.front();
  graph_.ops[into.index()].outputs.front() = result;
  producers_[result.index()] = into;
  gone_[op.index()] = true;
  graph_.history.push_back(std::move(note));
}

TensorId Merger::add_parameter(const std::string& name, TensorType type) {
  std::string free = name;
  for (int i = 1; !names_.insert(free).second; ++i) free = name + "." + std::to_string(i);
  graph_.tensors.push_back({.name = free, .type = std::move(type), .parameter = true});
  producers_.emplace_back();
  readers_.push_back(1);
  is_output_.push_back(false);
  return TensorId(graph_.tensors.size() - 1);
}

Graph Merger::finish() && {
  // Tensors that nobody referred to before stay: dropping them is remove_dead's task.
  auto before = unreferenced(graph_, std::vector<bool>(graph_.ops.size(), false));
  auto dead = unreferenced(graph_, gone_);
  for (std::size_t i = 0; i < dead.size(); ++i) dead[i] = dead[i] && !before[i];
  return compact(std::move(graph_), gone_, dead);
}

}  // namespace chipcast
