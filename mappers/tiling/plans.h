// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unordered_map>

#include "mappers/tiling/tiling.h"

namespace chipcast::tiling {

/// The plans of one mapping problem: the search runs once for operators that look alike (a network repeats its
/// blocks) and slots of the same kind.
class Plans {
 public:
  explicit Plans(const std::vector<DeviceSlot>& slots, const SearchOptions& options = {})
      : slots_(slots), options_(options) {}
  /// For its devices, its objective and its budget.
  explicit Plans(const MappingProblem& problem)
      : Plans(problem.devices,
              SearchOptions{.objective = problem.options.objective, .budget = problem.options.tile_budget}) {}

  /// As tiling::find and tiling::choose, for a slot by its index. Operators must outlive this.
  std::optional<Plan> find(const OpDescription& op, std::size_t slot, const Traffic& traffic);
  Plan choose(const OpDescription& op, std::size_t slot, const Traffic& traffic);

  /// What its searches are asked for.
  const SearchOptions& options() const { return options_; }

  /// Finds the plans of all operators on all kinds of devices that run them, with all their operands across the port,
  /// on so many threads: `find` answers the same afterwards, only sooner. What throws is left to `find`.
  void prepare(const std::vector<OpDescription>& ops, std::size_t threads);

 private:
  struct Known {
    const OpDescription* op;  ///< the first of its like
    std::size_t kind;
    Traffic traffic;
    std::optional<Plan> plan;
  };
  struct Job;

  const Known* known(std::size_t hash, const OpDescription& op, std::size_t slot, const Traffic& traffic) const;
  std::vector<Job> jobs_of(const std::vector<OpDescription>& ops) const;

  const std::vector<DeviceSlot>& slots_;
  SearchOptions options_;
  std::unordered_multimap<std::size_t, Known> known_;  ///< by a hash of sizes
};

/// True where a device sees no difference between two operators: all but their names and which tensors they use.
bool look_alike(const OpDescription& a, const OpDescription& b);

/// All operands of an operator cross a device's port, except weights where the device has them for good.
Traffic whole_traffic(const OpDescription& op, const Device& device);

}  // namespace chipcast::tiling
