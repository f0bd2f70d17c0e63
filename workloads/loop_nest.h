// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "workloads/graph.h"
#include "workloads/window.h"

namespace chipcast {

/// A product as nested loops: for every batch, group, output channel, output position: the sum over input channels
/// and kernel taps.
///
/// - conv: 1-D has height 1; in 3-D the output depth is folded into batch and the kernel depth into in_channels.
/// - conv_transpose: the loops run over input positions, each scattering a kernel: out_height and out_width are the
///   *input's* extents and strides are 1; `transposed` is set.
/// - gemm, matmul: rows of the first operand are out_height (a 1x1 convolution over M positions), N is
///   out_channels, K is in_channels. Leading axes along which the second operand differs are `groups` (each has
///   weights of its own), the others are batch.
/// - recurrent: the input product has all steps as rows, the state product too but with `sequential_rows`: one step
///   waits for the other. Directions are groups.
struct LoopNest {
  std::int64_t batch{1}, groups{1};
  std::int64_t out_channels{1}, in_channels{1};  ///< per group
  std::int64_t out_height{1}, out_width{1}, kernel_height{1}, kernel_width{1};
  std::int64_t stride_h{1}, stride_w{1}, dilation_h{1}, dilation_w{1};
  std::int64_t in_height{1}, in_width{1};
  std::int64_t pad_top{0}, pad_left{0};
  bool transposed{false};
  bool sequential_rows{false};

  /// Multiply-accumulates; throws std::overflow_error beyond 63 bits.
  std::int64_t macs() const;
  friend bool operator==(const LoopNest&, const LoopNest&) = default;
};

/// The products of an operator: one for conv, conv_transpose, gemm and matmul, two for recurrent (input, state),
/// none for the rest. Throws InputError where a count does not fit 63 bits.
std::vector<LoopNest> loop_nests(const Graph& graph, OpId id);

/// The resolved window of a conv, conv_transpose or pool, one entry per spatial axis; empty for other operators.
/// A global pool has one window over the whole plane.
std::vector<WindowAxis> op_windows(const Graph& graph, OpId id);

}  // namespace chipcast
