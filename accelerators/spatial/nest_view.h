// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/spatial/transfers.h"

namespace chipcast::spatial {

/// An operand's cuts, each moved outward past loops that do not matter to it: its tile stays while they run.
struct NestView {
  std::array<Cut, kMaxLevels> cuts{};        ///< link i is cut i
  std::array<std::size_t, kMaxLevels> at{};  ///< loops inside each cut
  Block all{};                               ///< all temporal iterations by loop
  double iterations = 1.0;
};

/// Cut 0 is the multipliers': it lets their inputs and weights stay while irrelevant loops run innermost. Partial sums
/// are written every cycle, and under Timeloop's rules everything is read every cycle.
void view_nest(const Hierarchy& hierarchy, const NestMapping& mapping, Rules rules, Operand operand, NestView& view);

}  // namespace chipcast::spatial
