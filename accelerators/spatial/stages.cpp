// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/stages.h"

#include <algorithm>

namespace chipcast::spatial {
namespace {

std::uint32_t mask_of(const std::vector<LoopDim>& loops) {
  std::uint32_t mask = 0;
  for (const LoopDim loop : loops) mask |= 1U << index(loop);
  return mask;
}

}  // namespace

std::vector<Stage> stages_of(const Hierarchy& hierarchy) {
  if (!hierarchy.architecture.even) return {Stage{}};
  std::vector<Stage> stages;
  std::array<std::size_t, kOperands> links{1, 1, 1};  // link 0 belongs to the multipliers
  const auto& memories = hierarchy.architecture.memories;
  for (std::size_t m = 0; m < memories.size(); ++m) {
    const std::uint32_t allowed = memories[m].loops ? mask_of(*memories[m].loops) : 0xFFU;
    // Loops that the order does not name come first.
    std::vector<std::uint32_t> parts{allowed & ~mask_of(memories[m].order)};
    for (const LoopDim loop : memories[m].order) parts.push_back(allowed & (1U << index(loop)));
    parts.erase(std::remove(parts.begin(), parts.end(), 0U), parts.end());
    if (parts.empty()) parts.push_back(0);
    for (const std::uint32_t part : parts) stages.push_back({.loops = part, .memory = -1, .cut_links = links});
    if (m + 1 == memories.size()) break;
    stages.back().memory = static_cast<std::int32_t>(m);
    for (const Operand operand : memories[m].operands) {
      links[index(operand)] = std::min(links[index(operand)] + 1, hierarchy.depth[index(operand)]);
    }
  }
  return stages;
}

}  // namespace chipcast::spatial
