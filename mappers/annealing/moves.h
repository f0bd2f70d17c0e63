// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "mappers/schedule/problem.h"
#include "sim/base/draws.h"

namespace chipcast::annealing {

/// Changes to a solution that keep it valid.
class Moves {
 public:
  explicit Moves(const schedule::Problem& problem);

  /// Makes one random change:
  /// - another mode for one task: another device, another split;
  /// - a run of neighbours in the order, all to the devices (and the axis) of one mode;
  /// - a task to the devices of one that it reads from or that reads it;
  /// - a task to another place in the order, as far as precedence lets it.
  /// False where nothing could be changed.
  bool apply(schedule::Solution& solution, Draws& draws) const;
  /// No task has a choice, and there is one order only.
  bool none() const;

 private:
  bool change_mode(schedule::Solution& solution, Draws& draws) const;
  bool change_run(schedule::Solution& solution, Draws& draws) const;
  bool follow_neighbour(schedule::Solution& solution, Draws& draws) const;
  bool change_order(schedule::Solution& solution, Draws& draws) const;
  /// A mode of a task on the same devices along the same axis as `like`, at random where there are several.
  bool adopt(schedule::Solution& solution, std::size_t task, std::uint32_t like, Draws& draws) const;

  const schedule::Problem& problem_;
  std::vector<std::vector<std::uint32_t>> signatures_;  ///< per task and mode: devices and axis, by number
  std::vector<std::uint32_t> changeable_;               ///< tasks with more than one mode
};

}  // namespace chipcast::annealing
