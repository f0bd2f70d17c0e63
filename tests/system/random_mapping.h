// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/contract.h"
#include "tests/system/random_graph.h"

namespace chipcast::system_test {

/// Some legal mapping, good or bad: devices at random among those that run an operator, some operators cut by rows or
/// channels over several devices (or in pieces on one), all in a random topological order. None where an operator fits
/// no device.
std::optional<Mapping> random_mapping(Dice& dice, const MappingProblem& problem, tiling::Plans& plans);

}  // namespace chipcast::system_test
