// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/fusion/partition.h"

namespace chipcast::fusion {

/// What there is to choose from in a run of `ops` operators.
struct Offer {
  const std::vector<Segment>* segments = nullptr;
  std::size_t ops = 0;
};

/// A way through each run.
struct Ways {
  std::vector<std::vector<Segment>> of_runs;
  bool settled = true;  ///< the search for the least energy-delay product had come to rest

  Cost cost() const;
};

/// The ways that make the objective of everything least. `rest` is what operators outside of all runs cost: the
/// product depends on it. E T is least where E0 T + T0 E is, at the place (E0, T0) itself: repeated from the fastest
/// ways on until the product no longer falls, for a few rounds.
Ways best_ways(const std::vector<Offer>& runs, Objective objective, const Cost& rest);

}  // namespace chipcast::fusion
