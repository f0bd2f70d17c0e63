// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "accelerators/program.h"
#include "mappers/mapping_tasks.h"

namespace chipcast {

/// What is wrong with where a program has its tensors; empty where nothing is. When a tensor is in use is read from the
/// commands themselves (program_order.h): from before its first stores, the graph's inputs from the start, to its last
/// load or store, the graph's outputs to the end, parameters always. Tensors that share addresses must be over one
/// before the other, a transfer must be within operands of its operator (in a group, of its group), and every queue
/// must come to its end.
std::vector<std::string> overlaps_of(const TaskList& tasks, const Program& program);

}  // namespace chipcast
