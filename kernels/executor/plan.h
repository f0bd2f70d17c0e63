// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "kernels/executor/executor.h"
#include "kernels/executor/step.h"
#include "kernels/memory.h"

namespace chipcast::kernels {

/// A graph with its steps, and the tensors while they live.
class Executor::Plan {
 public:
  Plan(Graph graph, Parameters parameters, ExecutorOptions options);

  std::vector<Array> run(std::span<const Array> inputs, const Observer& observer);
  const std::vector<LayerTime>& times() const { return times_; }
  const Graph& graph() const { return graph_; }

 private:
  /// Ends a run, also one that an operator or observer breaks off.
  struct Forgetting {
    Plan& plan;
    ~Forgetting() { plan.forget_values(); }
  };

  void forget_values();
  void take_parameters(Parameters& parameters);
  void make_steps(const ExecutorOptions& options);
  void take_inputs(std::span<const Array> inputs);
  void run_op(OpId id, const Observer& observer);
  void drop_unread(OpId id);
  /// A tensor in the graph's order, for eyes outside.
  Array plain(const Value& value);

  Graph graph_;
  Arena weights_{};      ///< packed, for good
  Arena activations_{};  ///< given back after their last reader, taken by those that fit best
  ThreadPool pool_;
  Stage stage_{pool_};
  std::vector<StepPointer> steps_{};
  std::vector<Value> values_{};                     ///< by tensor
  std::vector<std::vector<TensorId>> last_read_{};  ///< by operator: tensors that nobody reads after it
  std::vector<LayerTime> times_{};
};

}  // namespace chipcast::kernels
