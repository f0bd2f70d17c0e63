// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "workloads/graph.h"

namespace chipcast {

/// Merging an operator into the one that feeds it: keeps track of readers and writers while ops disappear.
class Merger {
 public:
  explicit Merger(Graph graph);

  Graph& graph() { return graph_; }
  /// The operator that feeds input 0 of `op` with its first output, when `op` is that tensor's only reader and
  /// the tensor is no output of the network.
  std::optional<OpId> sole_feeder(OpId op) const;
  /// How many operators read a tensor.
  std::size_t readers(TensorId id) const { return readers_[id.index()]; }
  /// `into` now writes what `op` wrote; `op` and what only it used disappear.
  void merge(OpId op, OpId into, TransformNote note);
  /// Adds a parameter under a name that is free ("name", "name.1", ...).
  TensorId add_parameter(const std::string& name, TensorType type);
  Graph finish() &&;

 private:
  Graph graph_;
  std::vector<std::optional<OpId>> producers_;
  std::vector<std::size_t> readers_;
  std::vector<bool> is_output_, gone_;
  std::unordered_set<std::string> names_;
};

}  // namespace chipcast
