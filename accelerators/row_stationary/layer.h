// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <string>

#include "accelerators/row_stationary/config.h"
#include "workloads/op_description.h"

namespace chipcast::row_stationary {

/// A loop nest as rows: every element slides one filter row over one input row.
///
/// - A product of matrices with one column has its rows in `columns`, so that an element works through them.
/// - Kernels with more rows than the array, or more columns than an input scratchpad, are cut into `folds` equal
///   parts that accumulate like further channels.
/// - `per_channel` (depthwise): every filter slides along an input channel of its own; groups are filters then.
///   `multiplier` neighbouring filters have the same channel, which comes from DRAM once.
struct Layer {
  std::int64_t batch = 1, groups = 1, filters = 1, channels = 1;
  std::int64_t rows = 1, columns = 1;  ///< of the output
  std::int64_t kernel_rows = 1, kernel_columns = 1, folds = 1;
  std::int64_t stride_rows = 1, stride_columns = 1, dilation_rows = 1, dilation_columns = 1;
  std::int64_t in_rows = 1, in_columns = 1;    ///< without padding
  std::int64_t pad_rows = 0, pad_columns = 0;  ///< before the first row and column
  bool per_channel = false;
  std::int64_t multiplier = 1;

  /// Input rows under `out` output rows, padding included; columns likewise.
  std::int64_t rows_under(std::int64_t out) const {
    return (out - 1) * stride_rows + (kernel_rows - 1) * dilation_rows + 1;
  }
  std::int64_t columns_under(std::int64_t out) const { return (out - 1) * stride_columns + window(); }
  /// Inputs of one channel that an element holds.
  std::int64_t window() const { return (kernel_columns - 1) * dilation_columns + 1; }

  friend auto operator<=>(const Layer&, const Layer&) = default;
};

Layer layer_of(const Config& config, const LoopNest& nest);

/// False where cycles or words of some mapping of the layer may not fit 63 bits.
bool countable(const Layer& layer);

/// "96x27x27 -> 256": input channels x height x width -> output channels.
std::string shape_text(const LoopNest& nest);

/// Declared zeros of an operator: those of its entry, or of all others.
LayerZeros zeros_of(const Config& config, const OpDescription& op);

}  // namespace chipcast::row_stationary
