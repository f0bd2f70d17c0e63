// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/executor/value.h"
#include "kernels/threads/pool.h"
#include "sim/base/units.h"
#include "workloads/graph.h"

namespace chipcast::kernels {

/// What an operator sees while the network runs: the threads, and its operands in the order that it asks for. A value
/// that is brought into another order stays so for its later readers.
class Stage {
 public:
  explicit Stage(ThreadPool& pool) : pool_(pool) {}

  ThreadPool& pool() { return pool_; }
  const Array& plain(Value& value);
  const Array& channels_last(Value& value);
  /// The image of a spatial operator, batch, spatial, channels: as the graph has it (nhwc) or brought there (nchw).
  const Array& image(Value& value, Layout layout) {
    return layout == Layout::nhwc ? plain(value) : channels_last(value);
  }
  /// Time spent on other orders since the last call.
  Seconds take_relayout();

 private:
  ThreadPool& pool_;
  double relayout_s_ = 0.0;
};

/// A result of a spatial operator, which lies batch, spatial, channels.
inline Value from_image(Array array, Layout layout) { return {std::move(array), layout == Layout::nchw}; }

/// One operator made ready to run: weights packed, algorithm chosen, fused activations included.
class Step {
 public:
  Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;

  /// `inputs` in the order of Op::inputs, nullptr where absent.
  virtual std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) = 0;
  /// For LayerTime::kernel.
  virtual std::string kernel() const = 0;
};

/// An operator in its graph, and what is known of its inputs before it runs.
struct Site {
  const Graph& graph;
  OpId id;
  std::vector<const Array*> parameters;  ///< per input; nullptr for activations and absent ones

  const Op& op() const { return graph.op(id); }
  std::string place() const;
  const TensorType& input(std::size_t index) const { return graph.tensor(*op().inputs[index]).type; }
  bool has(std::size_t index) const { return index < op().inputs.size() && op().inputs[index].has_value(); }
  const TensorType& output(std::size_t index = 0) const { return graph.tensor(op().outputs[index]).type; }
  const Array* parameter(std::size_t index) const { return index < parameters.size() ? parameters[index] : nullptr; }
  /// All inputs and outputs are in this format.
  bool all_are(DType dtype) const;
};

using StepPointer = std::unique_ptr<Step>;

/// Plain loops (and the quantised kernels for quantised operators): every operator.
StepPointer reference_step(const Site& site);
StepPointer quantized_step(const Site& site);

/// The operator with its SIMD kernel; null where there is none for it.
StepPointer fast_step(const Site& site);

}  // namespace chipcast::kernels
