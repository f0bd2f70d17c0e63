// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/spatial/evaluate.h"
#include "accelerators/spatial/transfers.h"

/// ZigZag's published cost model (version 3.8.5: cost_model.py, mapping.py, memory_allocator.py), in formulas of our
/// own.
namespace chipcast::spatial {

/// ZigZag counts energy with the mean number of iterations side by side, latency with that number rounded down.
struct ZigzagViews {
  SpatialView mean, whole;
};
void view_zigzag(const Hierarchy& hierarchy, const Layer& layer, const SpatialFactors& factors, const Block& temporal,
                 ZigzagViews& views);

/// What crosses link i of an operand; no halo is kept, and the first partial sums are read too.
void transfers_zigzag(const Hierarchy& hierarchy, const Layer& layer, const SpatialView& view, Operand operand,
                      std::size_t link, const Cut& cut, LinkTransfers& out);

/// Bits of a tile in memory `level` (never twice).
double room_zigzag(const Hierarchy& hierarchy, const Layer& layer, const SpatialView& view, Operand operand,
                   std::size_t level, const Block& inside, bool sums_open);

NestCost evaluate_zigzag(const Hierarchy& hierarchy, const Layer& layer, const NestMapping& mapping,
                         const Modelling& modelling);
bool fits_zigzag(const Hierarchy& hierarchy, const Layer& layer, const NestMapping& mapping);

}  // namespace chipcast::spatial
