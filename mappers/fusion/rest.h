// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/fusion/estimate.h"

namespace chipcast::fusion {

/// What tasks of operators that the search leaves alone cost, energy included, one after the other: parts, operators
/// with stated tiles, groups that are there already, and those on devices without groups. `looked_at`: index = OpId.
/// Throws InputError where a group or a stated tile cannot be.
Cost cost_of_rest(const MappingProblem& problem, const Mapping& mapping, const std::vector<bool>& looked_at,
                  tiling::Plans& plans);

}  // namespace chipcast::fusion
