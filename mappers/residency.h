// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/contract.h"

namespace chipcast {

/// Which device each operator runs on, and why; views have no device.
struct Decision {
  std::optional<std::size_t> slot;
  std::string reason;
};

/// One whole task for each operator, in the graph's order.
Mapping in_graph_order(const MappingProblem& problem, const std::vector<Decision>& decisions);

/// What stays in a device between its operators. A device with a cache keeps the tensors that it used last, up
/// to its resident_limit(); what is pushed out while it is still needed goes through memory, and so does what
/// another device or the outside reads.
class Residency {
 public:
  Residency(const MappingProblem& problem, const std::vector<Decision>& decisions);

  /// The operator finds this input (by position) in its device.
  bool stays(OpId op, std::size_t input) const { return stays_.at(op.index()).at(input); }
  /// Weights of all operators that run on a device.
  Bytes parameters(std::size_t slot) const { return parameters_.at(slot); }
  /// The data of this tensor, or of the tensor that it is a view of, reaches memory.
  bool stored(TensorId tensor) const { return stored_.at(root_.at(tensor.index()).index()); }

 private:
  struct Held {
    TensorId root;
    Bytes bytes;
  };
  /// Tensors of one device, least recently used first.
  struct Cache {
    std::vector<Held> held;
    Bytes used;
  };

  void find_uses();
  void find_parameters();
  /// Bytes that the device keeps and that are no operands of `op`.
  Bytes held_besides(const OpDescription& op, std::size_t slot) const;
  void run(const OpDescription& op, std::size_t slot);
  bool touch(Cache& cache, TensorId root);
  void keep(std::size_t slot, TensorId root);
  void trim(std::size_t slot, std::size_t now);

  const MappingProblem& problem_;
  const std::vector<Decision>& decisions_;
  std::vector<TensorId> root_;
  std::vector<std::size_t> last_use_;                 ///< per root, index of the last reader
  std::vector<std::optional<std::size_t>> producer_;  ///< per root, the device that wrote it
  std::vector<Bytes> parameters_;                     ///< per device, weights of all its operators
  std::vector<Cache> caches_;                         ///< per device
  std::vector<std::vector<bool>> stays_;
  std::vector<bool> stored_;
};

}  // namespace chipcast
