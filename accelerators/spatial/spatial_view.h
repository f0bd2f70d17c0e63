// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/spatial/hierarchy.h"
#include "accelerators/spatial/nest_mapping.h"
#include "accelerators/spatial/tile_size.h"

namespace chipcast::spatial {

/// What runs side by side, as each operand's memories see it. Link i joins memory i - 1 (the multiplier for 0) to
/// memory i; a loop belongs to the first memory that serves its dimension, and to none (link `depth`) where no memory
/// does.
struct SpatialView {
  struct Links {
    std::array<Block, kMaxLevels + 1> below{};       ///< iterations side by side under one instance of memory i
    std::array<double, kMaxLevels + 1> fan_out{};    ///< instances (or multipliers) under one of memory i
    std::array<double, kMaxLevels + 1> different{};  ///< those that need different data; whole under ZigZag's rules
    std::array<double, kMaxLevels + 2> instances{};  ///< entry i + 1: of memory i; entry 0: of the multipliers
    std::array<bool, kMaxLevels + 1> sums_above{};   ///< partial sums of several instances of memory i are added up
  };
  std::array<Links, kOperands> links{};
  Block all{};  ///< product of the factors by loop
};

/// One factor of a spatial unrolling.
struct SpatialFactor {
  std::size_t dimension = 0;
  LoopDim loop = LoopDim::K;
  double factor = 1.0;
};

/// At most this many factors side by side.
inline constexpr std::size_t kMaxSpatialLoops = 24;

/// The factors of a mapping with dimensions as indices; unknown dimensions are left out (check_mapping refuses them).
struct SpatialFactors {
  std::array<SpatialFactor, kMaxSpatialLoops> factors{};
  std::size_t size = 0;
};
SpatialFactors spatial_factors(const Hierarchy& hierarchy, const std::vector<SpatialLoop>& loops);

/// `round_different`: ZigZag rounds ratios of distinct data and numbers of instances to whole numbers.
void view_of(const Hierarchy& hierarchy, const Layer& layer, const SpatialFactors& factors, bool round_different,
             SpatialView& view);

}  // namespace chipcast::spatial
