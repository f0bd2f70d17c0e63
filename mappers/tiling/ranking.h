// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <tuple>

#include "mappers/tiling/law.h"

namespace chipcast::tiling {

/// A plan of a search and what it is judged by.
struct Candidate {
  OpTile tile{};
  bool weights_outer = true;
  double value = 0.0;
  std::int64_t traffic = 0, tiles = 0;

  /// Least value, then least traffic, then fewest tiles; then whichever comes first in an order that does not depend on
  /// how the search went.
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::tuple(a.value, a.traffic, a.tiles, !a.weights_outer, b.tile) <
           std::tuple(b.value, b.traffic, b.tiles, !b.weights_outer, a.tile);
  }
  friend bool operator==(const Candidate& a, const Candidate& b) {
    return a.tile == b.tile && a.weights_outer == b.weights_outer;
  }
};

/// The two best.
class Ranking {
 public:
  void add(const Candidate& some) {
    if (best_ && some == *best_) return;
    if (!best_ || some < *best_) {
      second_ = best_;
      best_ = some;
    } else if (!second_ || some < *second_) {
      second_ = some;
    }
  }

  const std::optional<Candidate>& best() const { return best_; }
  const std::optional<Candidate>& second() const { return second_; }

  /// Plans that take at least `bound` are none of the two. Bounds are sums of the same numbers in another order.
  bool rules_out(double bound) const {
    constexpr double kRounding = 1e-12;
    return second_ && bound * (1.0 - kRounding) > second_->value;
  }

 private:
  std::optional<Candidate> best_, second_;
};

}  // namespace chipcast::tiling
