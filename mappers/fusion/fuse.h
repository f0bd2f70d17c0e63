// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/contract.h"

namespace chipcast::fusion {

/// The same placement with neighbours on one device grouped so that they run depth first where that makes the problem's
/// objective less; tasks that are parts of operators or have their tiles stated, and groups that are there already,
/// stay as they are. Does nothing where options.fuse is off. The search record keeps the value of a searched placement
/// and drops its bound, which knows no groups; of other placements it gets the sum over all operators, one after the
/// other, and for latency as a bound the least that all of them compute. Throws InputError as the tiling does.
Mapping fuse(const MappingProblem& problem, Mapping mapping, tiling::Plans& plans);

}  // namespace chipcast::fusion
