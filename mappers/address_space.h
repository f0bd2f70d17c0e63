// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/base/units.h"
#include "workloads/op_description.h"

namespace chipcast {

/// First-fit allocation of a linear memory.
class FreeList {
 public:
  std::uint64_t allocate(Bytes bytes);
  void release(std::uint64_t address);
  /// Highest address ever in use.
  Bytes high_water() const { return high_water_; }

 private:
  std::map<std::uint64_t, std::uint64_t> used_;  ///< address -> size
  Bytes high_water_;
};

/// Where every tensor stands in memory: parameters for good, activations while they live in operator order.
/// Views share the address of what they show. Constants besides an operator's first operand (weights, bias, scales)
/// stand back to back, as compilers pack them, where no operator before has them in another company.
struct AddressPlan {
  std::vector<std::uint64_t> address;  ///< index = TensorId
  Bytes footprint;
};
/// `rooms`: bytes that each tensor takes, index = TensorId; of views those of what they show count.
AddressPlan plan_addresses(const Graph& graph, const std::vector<OpDescription>& ops, const std::vector<Bytes>& rooms);

/// For every tensor the tensor whose data it shows: itself unless a view made it.
std::vector<TensorId> view_roots(const Graph& graph, const std::vector<OpDescription>& ops);

}  // namespace chipcast
