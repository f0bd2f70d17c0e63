// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

namespace chipcast {

/// For each node the nodes that must come before it; a node may be listed more than once.
using Predecessors = std::vector<std::vector<std::size_t>>;

/// An order in which every node follows its predecessors; among ready nodes the lowest index goes first, so
/// that an ordered list stays as it is. Shorter than the list of nodes where there is a cycle. Iterative.
std::vector<std::size_t> topological_order(const Predecessors& predecessors);

/// The nodes of one cycle, each before the node that needs it. `order` is what topological_order gave; it must be
/// short.
std::vector<std::size_t> find_cycle(const Predecessors& predecessors, const std::vector<std::size_t>& order);

}  // namespace chipcast
