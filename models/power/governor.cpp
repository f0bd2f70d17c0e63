// SPDX-License-Identifier: Apache-2.0
#include "models/power/governor.h"

#include <cmath>

#include "sim/base/check.h"

namespace chipcast::power {
namespace {

constexpr double kSchedutilMargin = 1.25;  // map_util_freq of Linux: C = 1.25, so that full load is left with room

/// The point whose clock is nearest; the slower one of two (CPUFREQ_RELATION_C).
std::size_t nearest(const std::vector<OperatingPoint>& opps, Hertz clock) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < opps.size(); ++i) {
    if (std::abs((opps[i].clock - clock).count()) < std::abs((opps[best].clock - clock).count())) best = i;
  }
  return best;
}

std::size_t ondemand(double threshold, const std::vector<OperatingPoint>& opps, double load) {
  if (load > threshold) return opps.size() - 1;
  return nearest(opps, opps.front().clock + load * (opps.back().clock - opps.front().clock));
}

std::size_t deadline(const std::vector<OperatingPoint>& opps, const Demand& demand) {
  if (!demand.due) return demand.pending ? opps.size() - 1 : 0;
  for (std::size_t i = 0; i < opps.size(); ++i) {
    const Seconds needed = demand.due->fixed + demand.due->work * (opps.front().clock / opps[i].clock);
    if (needed <= demand.due->left) return i;
  }
  return opps.size() - 1;
}

}  // namespace

std::size_t at_least(const std::vector<OperatingPoint>& opps, Hertz clock) {
  CHIPCAST_ASSERT(!opps.empty());
  for (std::size_t i = 0; i < opps.size(); ++i) {
    if (opps[i].clock >= clock) return i;
  }
  return opps.size() - 1;
}

std::size_t choose_opp(const Governor& governor, const std::vector<OperatingPoint>& opps, const Demand& demand,
                       std::size_t start) {
  CHIPCAST_ASSERT(start < opps.size() && demand.opp < opps.size());
  const std::size_t fastest = opps.size() - 1;
  switch (governor.kind) {
    case GovernorKind::fixed:
      return start;
    case GovernorKind::performance:
      return fastest;
    case GovernorKind::powersave:
      return 0;
    case GovernorKind::ondemand:
      return ondemand(governor.up_threshold, opps, demand.load);
    case GovernorKind::schedutil:
      return at_least(opps, kSchedutilMargin * demand.load * opps[demand.opp].clock);
    case GovernorKind::race_to_idle:
      return demand.pending ? fastest : 0;
    case GovernorKind::deadline:
      return deadline(opps, demand);
  }
  CHIPCAST_ASSERT(false);
  return start;
}

}  // namespace chipcast::power
