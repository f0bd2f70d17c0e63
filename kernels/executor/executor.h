// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/array.h"
#include "kernels/executor/stated.h"
#include "sim/base/units.h"
#include "workloads/graph.h"

namespace chipcast::kernels {

struct ExecutorOptions {
  int threads = 1;
  bool pinned = false;         ///< each thread stays on one processor
  bool reference = false;      ///< plain loops only; the SIMD kernels are compared with them
  StatedArithmetics stated{};  ///< of operators that a chip computes otherwise
};

/// One operator of the last run.
struct LayerTime {
  OpId op;
  Seconds elapsed;     ///< of the operator's own kernel
  Seconds relayout;    ///< of bringing its operands into the order of axes that the kernel wants
  std::string kernel;  ///< "conv_winograd_f4_f32", "reference", ...; empty for views
};

/// Runs a whole graph on this machine. Weights are packed once, when it is made.
class Executor {
 public:
  /// Called after each operator with its outputs in the graph's own order of axes.
  using Observer = std::function<void(OpId op, std::span<const Array> outputs)>;

  /// Throws InputError that names the operator or parameter: a parameter without values or of another type, an
  /// operator in a format that no kernel computes.
  Executor(Graph graph, Parameters parameters, ExecutorOptions options = {});
  ~Executor();
  Executor(Executor&&) noexcept;

  /// Inputs and outputs in the graph's order. A result that an operator only passes on (reshape, transpose of extents
  /// 1) shares its memory with the input or parameter behind it: copy it before writing to it. Throws InputError for
  /// inputs of another type than the graph's.
  std::vector<Array> run(std::span<const Array> inputs, const Observer& observer = {});

  /// Of the last run, in the graph's order.
  const std::vector<LayerTime>& times() const;
  const Graph& graph() const;

 private:
  class Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace chipcast::kernels
