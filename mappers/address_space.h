// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "mappers/mapping_order.h"
#include "sim/base/units.h"
#include "workloads/op_description.h"

namespace chipcast {

/// A tensor that needs bytes for a time. It has them from before its writers write (`begin`: what is over by then, per
/// device) until all that use it are over (`end`).
struct Lifetime {
  TensorId tensor;
  std::uint64_t size = 0;
  TaskOrder::Clock begin, end;
  std::size_t first = 0, last = 0;  ///< tasks that write it first and use it last, in the order of issue

  /// Both may be needed at the same time.
  bool overlaps(const Lifetime& other) const { return !within(end, other.begin) && !within(other.end, begin); }
};

/// Addresses from 0 on, in the order of `lifetimes`, so that none shares bytes with one that it overlaps in time, and
/// the bytes that this takes. The best of three orders: of issue (first fit); larger first, and larger first at the
/// tasks with the most bytes alive (both into the smallest gap that fits), as in Y. Pisarchyk, J. Lee, "Efficient
/// Memory Management for Deep Neural Net Inference", 2020. Of many thousand tensors the order of issue alone.
struct Packing {
  std::vector<std::uint64_t> address;
  std::uint64_t size = 0;
};
Packing pack(const std::vector<Lifetime>& lifetimes);

/// Of what tasks write and of the graph's inputs, in the order of issue; those that have no room are left out.
std::vector<Lifetime> lifetimes_of(const TaskList& tasks, const std::vector<Bytes>& rooms);

/// Where every tensor stands in memory: parameters for good, from address 0 on; behind them activations while they
/// live. Views share the address of what they show. Constants besides an operator's first operand (weights, bias,
/// scales) stand back to back, as compilers pack them, where no operator before has them in another company.
struct AddressPlan {
  std::vector<std::uint64_t> address;  ///< index = TensorId
  Bytes footprint;                     ///< highest address in use
  Bytes live;  ///< most bytes alive at once in the order of issue: on one device no plan needs less
};
/// `rooms`: bytes that each tensor takes, index = TensorId; of views those of what they show count, and activations
/// that take none have no place.
AddressPlan plan_addresses(const TaskList& tasks, const std::vector<Bytes>& rooms);

/// Address space that an activation of so many bytes takes, and that all parameters take.
Bytes address_space_of(Bytes bytes);
Bytes parameter_space(const MappingProblem& problem, const std::vector<Bytes>& rooms);

/// For every tensor the tensor whose data it shows: itself unless a view made it.
std::vector<TensorId> view_roots(const Graph& graph, const std::vector<OpDescription>& ops);

}  // namespace chipcast
