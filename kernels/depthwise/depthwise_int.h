// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/array.h"
#include "kernels/depthwise/depthwise.h"
#include "kernels/gemm_int/output.h"
#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// Weights of a depthwise convolution in integers, and what goes with them, as the caller has them.
struct DepthwiseIntWeights {
  DType type{DType::int8};  ///< int8, uint8, int7
  const void* values = nullptr;
  DepthwiseOrder order = DepthwiseOrder::channels_first;
  std::vector<std::int32_t> zero_points{0};  ///< one, or one per output channel; within the type's range
};

/// sum((x - x0) * (w - w0)) + bias over the window, exact in 32 bits (wrapping beyond), then IntOutput. Padding stands
/// for x0.
///
/// Rows of a window are brought side by side first: for each input column and channel a group of kDepthwiseGroup rows
/// (bytes, where there is a dot-product instruction and weights have no zero point) or two rows (16 bits). The group
/// is one operand of a dot product for every column of the window that covers it, and for the output rows that share
/// it; padding columns are part of the rows so brought.
inline constexpr int kDepthwiseGroup = 4;

class DepthwiseInt {
 public:
  /// `activations`: int8, uint8 or int7. `bias`: empty or one entry per output channel. Throws InputError as
  /// check_depthwise does, for lists of another length and for formats other than these.
  DepthwiseInt(const DepthwiseShape& shape, const DepthwiseIntWeights& weights, DType activations,
               std::int32_t zero_point, std::span<const std::int32_t> bias, IntOutput output);

  /// y is of the output's type: int8, uint8, int7, int16, int32 or fp32. x and y must not overlap.
  void run(const void* x, void* y, ThreadPool& pool) const;

  const DepthwiseShape& shape() const { return shape_; }
  /// Rows of the output that share one group of input rows: with dot products of `rows` bytes or 16-bit values.
  std::int64_t shared_rows(int rows) const;

 private:
  friend struct DepthwiseIntView;
  struct Packed {
    std::int64_t groups = 0, shared = 0;  ///< groups of input rows, output rows that share them
    Array weights{}, bias{};
  };
  Packed pack(int rows, const DepthwiseIntWeights& weights, std::span<const std::int32_t> bias) const;

  DepthwiseShape shape_;
  DType activations_;
  std::int32_t zero_point_;
  IntOutput output_;
  bool symmetric_ = true;  ///< weights have no zero point
  Packed pairs_{}, quads_{};
  Array multipliers_{}, left_{}, right_{}, scales_{};  ///< of the output, one per channel
};

}  // namespace chipcast::kernels
