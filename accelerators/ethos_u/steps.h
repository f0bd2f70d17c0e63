// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ethos_u/job.h"

namespace chipcast::ethos_u {

/// An operator's sums are shared out among as many equal steps as it has blocks, at most so many: transfers then
/// overlap computing as they do from block to block, but for the first and the last of them.
inline constexpr std::int64_t kMostSteps = 64;

/// "323 blocks of 6 x 8 x 32, part kernel first, weights staged"
std::string describe(const Job& job);

}  // namespace chipcast::ethos_u
