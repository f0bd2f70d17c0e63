// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "mappers/contract.h"

namespace chipcast {

/// What is wrong with a mapping; empty where nothing is. One line each, with the operator or device it is about:
/// - coverage: every operator that moves data has tasks, on a device, whose parts cover it once along one axis;
/// - capabilities: no device refuses what it is to run, as a whole and in parts;
/// - capacity: a tile fits each device's buffers, groups fit their device's memory, parameters and live tensors fit
///   devices that keep them; the address space does not exceed options.memory_cap;
/// - precedence: tasks come after all parts of what they read (in a group: after the rows that they read);
/// - no overlap: tensors that share addresses are over one before the other, whatever the timing, as the program's own
///   commands say (program_overlaps.h), and all of its queues come to their ends.
std::vector<std::string> problems_of(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans);
std::vector<std::string> problems_of(const MappingProblem& problem, const Mapping& mapping);

/// Throws InputError(source) with the first problem and the number of others.
void check(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans, const std::string& source);

}  // namespace chipcast
