// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <optional>
#include <string>

#include "mappers/contract.h"
#include "mappers/schedule/problem.h"
#include "mappers/tiling/plans.h"

namespace chipcast::schedule {

/// What operators and their parts cost on a problem's devices, from the best plans of their tiles.
class PartCosts {
 public:
  /// `plans` are of the problem's devices and keep what is found for whole operators.
  PartCosts(const MappingProblem& problem, tiling::Plans& plans);

  /// Running an operator whole, or a part of it; `range` names the part. None where the device does not run it, with
  /// the reason in `why` where that is given.
  ///
  /// - cold: every operand crosses the port, and the result unless the device's cache keeps it.
  /// - local: computed inputs that the cache can keep do not.
  /// - publish: what storing the result adds where the cache keeps it.
  std::optional<Part> of(const OpDescription& op, std::size_t slot, const OpPart& range = {},
                         std::string* why = nullptr);

  /// Its launch with the plan that starts cold, for messages.
  static double seconds(const Part& part) { return part.cold.seconds(); }

 private:
  struct Crossing {
    bool inputs, result;
  };
  std::optional<Cost> cost(const OpDescription& op, std::size_t slot, Crossing crossing, bool part);
  Traffic traffic(const OpDescription& op, std::size_t slot, Crossing crossing) const;

  const MappingProblem& problem_;
  tiling::Plans& plans_;
  std::deque<OpDescription> kept_;  ///< plans point at what they were found for
  tiling::Plans part_plans_;
  Bytes parameters_;  ///< of all operators
};

/// The highest rate at which any one device of a problem moves data while alone: what the shared memory does at least.
/// Bytes per second; 0 where devices move nothing.
double shared_bandwidth(const MappingProblem& problem);

}  // namespace chipcast::schedule
