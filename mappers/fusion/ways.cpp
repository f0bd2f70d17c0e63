// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/ways.h"

#include <utility>

namespace chipcast::fusion {
namespace {

constexpr int kMostRounds = 8;

Ways ways(const std::vector<Offer>& runs, const Weights& weights) {
  Ways out;
  for (const Offer& run : runs) out.of_runs.push_back(cheapest(*run.segments, run.ops, weights));
  return out;
}

Cost with(const Cost& rest, const Ways& some) {
  Cost sum = rest;
  return sum += some.cost();
}

double product(const Cost& cost) { return cost.energy.count() * cost.latency.seconds().count(); }

Ways least_product(const std::vector<Offer>& runs, const Cost& rest) {
  Ways best = ways(runs, {.latency = 1.0, .energy = 0.0});
  best.settled = false;
  for (int round = 0; round < kMostRounds && !best.settled; ++round) {
    const Cost here = with(rest, best);
    Ways next = ways(runs, {.latency = here.energy.count(), .energy = here.latency.seconds().count()});
    if (product(with(rest, next)) >= product(here)) {
      best.settled = true;
    } else {
      best.of_runs = std::move(next.of_runs);
    }
  }
  return best;
}

}  // namespace

Cost Ways::cost() const {
  Cost sum;
  for (const auto& way : of_runs) {
    for (const Segment& segment : way) sum += segment.cost;
  }
  return sum;
}

Ways best_ways(const std::vector<Offer>& runs, Objective objective, const Cost& rest) {
  switch (objective) {
    case Objective::latency:
      return ways(runs, {.latency = 1.0, .energy = 0.0});
    case Objective::energy:
      return ways(runs, {.latency = 0.0, .energy = 1.0});
    case Objective::edp:
      break;
  }
  return least_product(runs, rest);
}

}  // namespace chipcast::fusion
