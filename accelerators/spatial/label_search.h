// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "accelerators/spatial/link_costs.h"
#include "accelerators/spatial/search.h"
#include "accelerators/spatial/stages.h"

/// The search for loop order and cuts with a given unrolling: paths through the lattice of blocks, kept as labels. A
/// label at a point is a choice of loops inside it and of cuts among them; of two labels at the same point with the
/// same cuts placed, one that is no better in any sum is dropped (dynamic programming), as is one that cannot beat the
/// best mapping known (branch and bound).
namespace chipcast::spatial {

/// How far to look.
struct LabelLimits {
  std::size_t beam = 0;          ///< labels that are continued of each rank; 0: all
  std::size_t per_state = 0;     ///< labels kept at a point with the same cuts; 0: all
  std::int64_t evaluations = 0;  ///< no more than this
  double cycles = 0.0;           ///< ties: mappings slower than this do not count; 0: no limit
  double slack = 0.0;            ///< a label goes on where its bound exceeds the best by this share
};

struct LabelOutcome {
  std::int64_t evaluations = 0;
  double open_bound = 0.0;  ///< least bound of what was left out; infinite where nothing was
};

/// Called with each complete mapping that may be the best; says the value to beat (infinite: none yet).
using OnMapping = std::function<double(const NestMapping& mapping)>;

/// `goal` energy with limits.cycles set is the tie of a latency search.
LabelOutcome search_labels(const Hierarchy& hierarchy, const LinkCosts& costs, const std::vector<SpatialLoop>& spatial,
                           Goal goal, const Modelling& modelling, const LabelLimits& limits, double mac_energy_pj,
                           double to_beat, const OnMapping& on_mapping);

}  // namespace chipcast::spatial
