// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/spatial/hierarchy.h"

namespace chipcast::spatial {

/// A stretch of an even mapping, from the innermost loop outward: which loops it may have, and which memory is cut at
/// its end. A memory whose loops have an order is several stretches of one loop each.
struct Stage {
  std::uint32_t loops = 0xFF;                      ///< mask by LoopDim
  std::int32_t memory = -1;                        ///< cut at the end; -1: none
  std::array<std::size_t, kOperands> cut_links{};  ///< links of each operand whose cuts lie before this stretch
};

/// One stretch without limits for an uneven mapping.
std::vector<Stage> stages_of(const Hierarchy& hierarchy);

}  // namespace chipcast::spatial
