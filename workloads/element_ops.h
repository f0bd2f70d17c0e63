// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workloads/graph.h"

namespace chipcast {

/// Operations of an operator that are not multiply-accumulates: one per element and function applied to it
/// (table in docs/graph.md), fused activations included. Throws std::overflow_error.
std::int64_t element_ops(const Graph& graph, OpId id);

}  // namespace chipcast
