// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/contract.h"

namespace chipcast::fusion {

/// The same tasks with those of one device together as far as precedence allows: the next task is the first one that is
/// ready on the device of the task before, else the first one that is ready. Devices keep the order of their tasks.
std::vector<Task> gathered(const MappingProblem& problem, const std::vector<Task>& tasks);

}  // namespace chipcast::fusion
