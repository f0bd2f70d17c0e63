// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unordered_map>

#include "mappers/tiling/tiling.h"

namespace chipcast::tiling {

/// The plans of one mapping problem: the search runs once for operators that look alike (a network repeats its
/// blocks) and slots of the same kind.
class Plans {
 public:
  explicit Plans(const std::vector<DeviceSlot>& slots) : slots_(slots) {}

  /// As tiling::find and tiling::choose, for a slot by its index.
  std::optional<Plan> find(const OpDescription& op, std::size_t slot, const Traffic& traffic);
  Plan choose(const OpDescription& op, std::size_t slot, const Traffic& traffic);

 private:
  struct Known {
    const OpDescription* op;  ///< the first of its like
    std::size_t kind;
    Traffic traffic;
    std::optional<Plan> plan;
  };

  const std::vector<DeviceSlot>& slots_;
  std::unordered_multimap<std::size_t, Known> known_;  ///< by a hash of sizes
};

/// True where a device sees no difference between two operators: all but their names and which tensors they use.
bool look_alike(const OpDescription& a, const OpDescription& b);

}  // namespace chipcast::tiling
