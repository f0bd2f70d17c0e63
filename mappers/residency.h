// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "mappers/mapping_tasks.h"

namespace chipcast {

/// Which device each operator runs on, and why; views have no device.
struct Decision {
  std::optional<std::size_t> slot;
  std::string reason;
  std::string runner_up{};
};

/// One whole task for each operator, in the graph's order.
Mapping in_graph_order(const MappingProblem& problem, const std::vector<Decision>& decisions);

/// What stays in a device between its tasks. A device with a cache keeps the tensors that it used last, up to its
/// resident_limit(); what is pushed out while it is still needed goes through memory, and so does what another device
/// or the outside reads. A tensor that several devices write parts of goes through memory; one that a group of tasks
/// makes and uses up by itself stays.
class Residency {
 public:
  /// `tasks` must outlive this.
  explicit Residency(const TaskList& tasks);
  /// Of whole operators in the graph's order.
  Residency(const MappingProblem& problem, const std::vector<Decision>& decisions);

  /// The task finds this input (by position) in its device.
  bool stays(std::size_t task, std::size_t input) const { return stays_.at(task).at(input); }
  /// The same of an operator's first task.
  bool stays(OpId op, std::size_t input) const { return stays(tasks_.of(op).at(0), input); }
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
  enum class Writer { none, one, several };

  explicit Residency(std::unique_ptr<const TaskList> owned);
  void find_uses();
  void find_parameters();
  bool wrote(std::size_t slot, std::size_t root) const {
    return writer_[root] == Writer::one && producer_[root] == slot;
  }
  /// Bytes that the device keeps and that are no operands of `op`.
  Bytes held_besides(const OpDescription& op, std::size_t slot) const;
  void run(std::size_t task, std::size_t slot);
  bool stays_now(std::size_t task, std::size_t slot, const OpDescription::Operand& input);
  bool touch(Cache& cache, TensorId root);
  void keep(std::size_t slot, TensorId root);
  void trim(std::size_t slot, std::size_t now);

  std::unique_ptr<const TaskList> owned_;  ///< none where the tasks are somebody else's
  const TaskList& tasks_;
  const MappingProblem& problem_;
  std::vector<TensorId> root_;
  std::vector<bool> in_group_;          ///< per root
  std::vector<std::size_t> last_use_;   ///< per root, the last task that reads it
  std::vector<Writer> writer_;          ///< per root, how many devices write it
  std::vector<std::size_t> producer_;   ///< per root, the device that wrote it, where it is one
  std::vector<std::size_t> last_part_;  ///< per root, the last task that writes it
  std::vector<Bytes> parameters_;       ///< per device, weights of all its operators
  std::vector<Cache> caches_;           ///< per device
  std::vector<std::vector<bool>> stays_;
  std::vector<bool> stored_;
};

}  // namespace chipcast
