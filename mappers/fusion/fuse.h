// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/contract.h"

namespace chipcast::fusion {

/// The same placement with neighbours on one device grouped so that they run depth first where that makes the problem's
/// objective less; tasks that are parts of operators or have their tiles stated, and groups that are there already,
/// stay as they are. Does nothing where options.fuse is off. Where something was grouped, the search record names
/// fusion; its value and, for latency, its bound are the sum over all operators and the least that they compute where
/// all of them could be grouped on one device, otherwise unknown (0 and none). Throws InputError as the tiling does.
Mapping fuse(const MappingProblem& problem, Mapping mapping, tiling::Plans& plans);

}  // namespace chipcast::fusion
