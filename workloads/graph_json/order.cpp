// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph_json/order.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "sim/base/check.h"

namespace chipcast {

std::vector<std::size_t> topological_order(const Predecessors& predecessors) {
  const std::size_t n = predecessors.size();
  std::vector<std::vector<std::size_t>> successors(n);
  std::vector<std::size_t> waiting(n);
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < n; ++i) {
    waiting[i] = predecessors[i].size();
    if (waiting[i] == 0) ready.push(i);
    for (const auto p : predecessors[i]) successors[p].push_back(i);
  }
  std::vector<std::size_t> order;
  order.reserve(n);
  while (!ready.empty()) {
    const std::size_t node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const auto s : successors[node]) {
      if (--waiting[s] == 0) ready.push(s);
    }
  }
  return order;
}

std::vector<std::size_t> find_cycle(const Predecessors& predecessors, const std::vector<std::size_t>& order) {
  std::vector<bool> done(predecessors.size(), false);
  for (const auto node : order) done[node] = true;
  const auto start = std::find(done.begin(), done.end(), false);
  CHIPCAST_ASSERT(start != done.end());
  // A node that was never ready waits for another such node: walking back must come round.
  std::vector<std::size_t> path;
  std::vector<bool> seen(predecessors.size(), false);
  auto node = static_cast<std::size_t>(start - done.begin());
  while (!seen[node]) {
    seen[node] = true;
    path.push_back(node);
    const auto& before = predecessors[node];
    const auto next = std::find_if(before.begin(), before.end(), [&](std::size_t p) { return !done[p]; });
    CHIPCAST_ASSERT(next != before.end());
    node = *next;
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), node));
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace chipcast
