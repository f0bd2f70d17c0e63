// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/schedule/list_scheduler.h"
#include "mappers/schedule/policy.h"

namespace chipcast::schedule {

/// A list schedule on whole devices, and where the problem has splits another that may use them and one in which single
/// tasks of the better one are split as long as that helps (kSplitPasses over all tasks); the best of them.
Found with_and_without_splits(const Problem& problem, const std::vector<double>& priority, const Score& score);

inline constexpr int kSplitPasses = 2;

}  // namespace chipcast::schedule
