// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "mappers/tiling/tiling.h"

namespace chipcast {

/// The tiles of a task that runs by itself.
struct TaskPlan {
  OpId op;
  const tiling::Plan* plan = nullptr;
  std::string text{};  ///< about it, for people
};

/// States in a mapping how its tiles were searched for: for each operator that has plans (OpChoice::tile_search) and,
/// where it has no such record yet, over all of them (SearchRecord::tiles). `budget`: of each search. Returns the
/// warning, empty where all searches went to their end.
std::string state_tile_searches(const std::vector<TaskPlan>& plans, const std::vector<OpDescription>& ops,
                                std::int64_t budget, Mapping& mapping);

}  // namespace chipcast
