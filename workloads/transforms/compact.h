// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "workloads/graph.h"

namespace chipcast {

/// The graph without the marked operators and tensors, renumbered. What remains must not refer to them.
Graph compact(Graph graph, const std::vector<bool>& dead_ops, const std::vector<bool>& dead_tensors);

/// Tensors that nothing refers to once the marked operators are gone: no operator, input or output.
std::vector<bool> unreferenced(const Graph& graph, const std::vector<bool>& dead_ops);

}  // namespace chipcast
