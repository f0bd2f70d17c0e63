// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/systolic/law.h"

/// What a product moves between the buffers of an array and memory.
namespace chipcast::systolic {

/// Elements that one half of each buffer holds.
struct Halves {
  std::int64_t ifmap = 1, filter = 1, ofmap = 1;
};

/// A run of folds and the elements that cross the port for all of them together.
struct FoldTraffic {
  std::int64_t folds = 0;
  double ifmap = 0.0, filter = 0.0, ofmap = 0.0;
  double partial_writes = 0.0, partial_reads = 0.0;  ///< partial sums that spill
};

/// Traffic of one product, fold by fold in the order of execution, in at most `parts` runs. `nest` says which
/// inputs the M positions of the product read (windows overlap).
///
/// A half is filled with the elements that the array asks for, in that order and each once, until it is full; then
/// the roles of the halves change and it starts empty. An element that is asked for again is found only if it came
/// in since that change (SCALE-Sim's double buffer in its CALC mode).
std::vector<FoldTraffic> traffic_of(const LoopNest& nest, const Product& product, const Array& array,
                                    const Folds& folds, const Halves& halves, PartialSums partial_sums,
                                    std::int64_t parts);

}  // namespace chipcast::systolic
