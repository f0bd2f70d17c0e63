// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "mappers/contract.h"
#include "mappers/schedule/problem.h"

namespace chipcast::schedule {

/// A network on a platform as a scheduling problem, with the way back.
struct Network {
  Problem problem;
  std::vector<OpId> ops;              ///< per task; views are none
  std::vector<std::string> refusals;  ///< per task: which devices do not run it and why
};

/// Tasks are the operators that are not views, in the graph's order; their modes are the devices that run them and,
/// where `split` is set, parts on several devices (mappers/splitting). Throws InputError where no device runs an
/// operator, naming it and the refusals.
Network network_of(const MappingProblem& problem, tiling::Plans& plans, bool split);

/// The mapping that a solution says: tasks in its order, views before their first reader.
Mapping to_mapping(const MappingProblem& problem, const Network& network, const Solution& solution);

/// The solution that a mapping says, where every one of its tasks is a mode of the network. Modes that the network has
/// not are added to it.
Solution to_solution(const MappingProblem& problem, Network& network, const Mapping& mapping, tiling::Plans& plans);

}  // namespace chipcast::schedule
