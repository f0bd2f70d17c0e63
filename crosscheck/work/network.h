// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "accelerators/program.h"
#include "crosscheck/work/check.h"
#include "mappers/contract.h"

/// A whole network as it was mapped: every operator's work, and the transfers in the program's queues.
namespace chipcast::crosscheck {

/// What has been mapped, and how.
struct MappedNetwork {
  const MappingProblem& problem;
  const std::vector<std::string>& types;  ///< of problem.devices, in order
  const Program& program;                 ///< made of that problem
};

/// One check for every operator that runs on a device, in order. Plans and residency are found anew, as the mapper did;
/// level "program" compares the bytes of the operator's load and store commands with those counted. Operators that look
/// alike are executed once. `progress` gets the share of operators done and stops the checks by returning false.
std::vector<WorkCheck> check_network(const MappedNetwork& network, const WorkOptions& options = {},
                                     const std::function<bool(double)>& progress = {});

}  // namespace chipcast::crosscheck
