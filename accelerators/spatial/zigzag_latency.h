// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/spatial/nest_view.h"
#include "accelerators/spatial/zigzag_rules.h"

namespace chipcast::spatial {

/// An operand's links under ZigZag's rules.
struct ZigzagLinks {
  std::array<LinkTransfers, kMaxLevels> transfers{};  ///< with whole numbers side by side
  std::array<double, kMaxLevels> held_bits{};         ///< mean tile of the memory below each link, in bits
};

struct ZigzagNest {
  const Hierarchy& hierarchy;
  const Layer& layer;
  const NestMapping& mapping;
  const ZigzagViews& views;
  const std::array<NestView, kOperands>& nests;
  const Modelling& modelling;
};

/// Adds stalls, onloading and offloading. Where ZigZag's onloading or offloading falls below zero (its balancing of
/// idle bandwidth can take more cycles than a transfer has) it is zero here.
void add_zigzag_latency(const ZigzagNest& nest, const std::array<ZigzagLinks, kOperands>& links, NestCost& cost);

}  // namespace chipcast::spatial
