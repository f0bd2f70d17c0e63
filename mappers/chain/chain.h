// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/schedule/policy.h"

namespace chipcast::chain {

/// Dynamic programming over the tasks that everything passes through. Of each such task and each of its modes it keeps
/// the best way there (for EDP: all ways that no other beats in both time and energy, at most kMostWays); between two
/// of them stand blocks of parallel branches, which are scheduled anew for each pair of modes at their ends.
///
/// On a chain of unsplit tasks this is exact for latency and energy, and for EDP while fewer than kMostWays ways are
/// open (a warning says when there were more): hand-offs, transfers and what stays in caches are counted. Not counted
/// are the one-time calls of devices, and that a split's parts end at different times.
schedule::Found solve(const schedule::Problem& problem, const schedule::Effort& effort);

/// Tasks that no edge passes by, in order: every path from an earlier to a later task goes through them.
std::vector<std::size_t> joints(const schedule::Problem& problem);

inline constexpr std::size_t kMostWays = 64;

std::unique_ptr<Mapper> make_mapper();

}  // namespace chipcast::chain
