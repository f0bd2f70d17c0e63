// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
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

struct StoreStage;

class DepthwiseInt {
 public:
  /// `activations`: int8, uint8 or int7. `bias`: empty or one entry per output channel. Throws InputError as
  /// check_depthwise does, for lists of another length and for formats other than these.
  DepthwiseInt(const DepthwiseShape& shape, const DepthwiseIntWeights& weights, DType activations,
               std::int32_t zero_point, std::span<const std::int32_t> bias, const IntOutput& output);

  /// y is of the output's type: int8, uint8, int7, int16, int32 or fp32. x and y must not overlap. Reads up to 63 bytes
  /// past the end of x.
  void run(const void* x, void* y, ThreadPool& pool) const;

  const DepthwiseShape& shape() const { return shape_; }
  /// Groups of so many input rows (kDepthwiseGroup or 2) that a window takes, and output rows that share them.
  std::int64_t groups(std::int64_t rows) const;
  std::int64_t shared_rows(std::int64_t rows) const;

 private:
  class Rows;
  struct Packed {
    std::int64_t groups = 0, shared = 0;
    Array weights{}, start{};  ///< start: the bias, less the input's zero point times all weights where that counts
  };
  Packed pack(std::int64_t rows, const DepthwiseIntWeights& weights, std::span<const std::int32_t> bias) const;
  std::uint8_t flip() const;

  DepthwiseShape shape_;
  DType activations_;
  std::int32_t zero_point_;
  bool fits_bytes_ = true;  ///< weights less their zero point are signed bytes
  std::shared_ptr<const StoreStage> stage_{};
  Packed pairs_{}, quads_{};
};

}  // namespace chipcast::kernels
