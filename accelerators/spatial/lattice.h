// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "accelerators/spatial/tile_size.h"

namespace chipcast::spatial {

/// All blocks of temporal iterations that a prefix of a loop nest can make: a divisor of each loop's iterations. An
/// order of loops is a path from the single iteration to the whole nest; a cut is a point on it. There are few points
/// (hundreds to thousands) where there are millions of orders.
class Lattice {
 public:
  struct Step {
    std::int32_t target;  ///< index of the divisor that is reached
    std::int64_t factor;
  };
  struct Axis {
    LoopDim dim;
    std::vector<std::int64_t> divisors;    ///< rising
    std::vector<std::vector<Step>> least;  ///< from each divisor, to the next ones: by one prime, unless thinned
    std::vector<std::vector<Step>> any;    ///< from each divisor, by any factor
    std::int32_t stride = 1;
  };

  /// `temporal`: iterations of each loop. Where there would be more than `most` points, divisors are left out of the
  /// loops that have most.
  explicit Lattice(const Extents& temporal, std::int32_t most = 8192);

  /// No divisor was left out.
  bool complete() const { return complete_; }

  const std::vector<Axis>& axes() const { return axes_; }
  std::int32_t points() const { return points_; }
  /// Every point after all that it can be reached from.
  const std::vector<std::int32_t>& order() const { return order_; }
  /// Prime factors of a point.
  int rank(std::int32_t point) const { return ranks_[static_cast<std::size_t>(point)]; }
  /// Index of the divisor along an axis.
  std::int32_t place(std::int32_t point, const Axis& axis) const {
    return point / axis.stride % static_cast<std::int32_t>(axis.divisors.size());
  }
  Block block(std::int32_t point) const;
  const Extents& temporal() const { return temporal_; }

 private:
  Extents temporal_;
  std::vector<Axis> axes_;
  std::int32_t points_ = 1;
  bool complete_ = true;
  std::vector<std::int32_t> order_;
  std::vector<int> ranks_;
};

}  // namespace chipcast::spatial
