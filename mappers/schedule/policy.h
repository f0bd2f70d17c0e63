// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "mappers/contract.h"
#include "mappers/schedule/solver.h"

/// What all placement policies share: from a network to a scheduling problem, from its solution to a mapping.
namespace chipcast::schedule {

/// Everything besides the solver: costs, caps, explanations, record.
Mapping map_with(const std::string& method, const MappingProblem& problem, tiling::Plans& plans, const Solver& solver);

/// A mapper that does that.
std::unique_ptr<Mapper> make_policy(std::string method, Solver solver);

}  // namespace chipcast::schedule
