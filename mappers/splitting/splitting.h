// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "mappers/schedule/part_costs.h"
#include "mappers/schedule/problem.h"

/// Cutting one operator into parts that run on several devices at once.
namespace chipcast::splitting {

/// What an operator's devices are offered for a split.
struct Offer {
  const OpDescription& op;
  const MappingProblem& problem;
  std::vector<std::optional<schedule::Part>> whole;  ///< per device: running it there alone; none where refused
};

/// Splits that are faster than the best single device before hand-offs: over sets of its kMostDevices fastest devices
/// (of equal ones the first), along output channels and along rows, with shares that let all parts end together,
/// launches counted. At most kPerAxis for each axis, the fastest first.
std::vector<schedule::Mode> modes(const Offer& offer, schedule::PartCosts& costs);

inline constexpr std::size_t kPerAxis = 6, kMostDevices = 8;

/// Shares x_d of a work that takes o_d + x_d s_d seconds on device d, so that all end at the same time:
/// T = (1 + sum o/s) / sum 1/s, x_d = (T - o_d) / s_d. Negative where a device's overhead is longer than that.
std::vector<double> equal_end_shares(const std::vector<double>& overhead, const std::vector<double>& seconds);

}  // namespace chipcast::splitting
