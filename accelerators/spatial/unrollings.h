// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/spatial/evaluate.h"
#include "accelerators/spatial/search.h"

namespace chipcast::spatial {

/// One way to fill the array, and what every mapping that fills it so costs at least.
struct Unrolling {
  std::vector<SpatialLoop> spatial;
  Extents temporal{1, 1, 1, 1, 1, 1, 1, 1};
  double bound = 0.0;  ///< of the goal
};

struct Unrollings {
  std::vector<Unrolling> all;  ///< by rising bound
  double left_out = 0.0;       ///< bound of what was left out for its number; infinite where nothing was
};

/// The unrollings of a layer: the caller's, the architecture's, or where those leave it open all fillings of a
/// dimension by up to three loops to which nothing can be added. Timeloop's rules want factors that divide the loops.
Unrollings unrollings_of(const Hierarchy& hierarchy, const Layer& layer, const SearchOptions& options);

/// Iterations in turn beside these.
Extents temporal_of(const Layer& layer, const std::vector<SpatialLoop>& spatial);

}  // namespace chipcast::spatial
