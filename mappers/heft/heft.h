// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/schedule/policy.h"

namespace chipcast::heft {

/// Heterogeneous earliest finish time (H. Topcuoglu, S. Hariri, M.-Y. Wu, IEEE TPDS 13(3), 2002): tasks by upward rank,
/// each where it ends first, with insertion. Where there are splits, a second pass may use them, and the better is
/// kept.
schedule::Found solve(const schedule::Problem& problem, const schedule::Effort& effort);

std::unique_ptr<Mapper> make_mapper();

}  // namespace chipcast::heft
