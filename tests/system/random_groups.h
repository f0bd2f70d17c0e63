// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/contract.h"
#include "tests/system/random_graph.h"

namespace chipcast::system_test {

/// The same tasks with some neighbours of one device in groups, whole or in stripes of random height; only groups that
/// fit their device. They are good or bad, unlike those that mappers/fusion picks.
Mapping with_random_groups(Dice& dice, const MappingProblem& problem, Mapping mapping);

}  // namespace chipcast::system_test
