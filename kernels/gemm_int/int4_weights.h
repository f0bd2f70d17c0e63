// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/epilogue.h"
#include "kernels/threads/pool.h"
#include "workloads/tensor.h"

namespace chipcast::kernels {

/// 4-bit weights with a scale for each group of `group` inputs of each output: w = scale * (stored - zero_point).
struct Int4Weights {
  DType type{DType::int4};       ///< int4 or uint4, two to a byte, the first in the low half
  const void* values = nullptr;  ///< outputs x inputs, each output's row starting at a whole byte
  std::int64_t inputs = 0, outputs = 0;
  std::int64_t group = 0;  ///< inputs that share a scale: even, or `inputs`; 0 means `inputs`. The last may be shorter.
  std::vector<float> scales{};              ///< outputs x ceil(inputs / group)
  std::vector<std::uint8_t> zero_points{};  ///< as scales, uint4 only; empty means 8 for uint4 and 0 for int4
};

/// Products with 4-bit weights whose results are fp32: C = clamp(A * W^T + bias). Weights are packed once.
class Int4Gemm {
 public:
  /// Throws InputError for extents below 1, lists of another length and other formats.
  Int4Gemm(const Int4Weights& weights, std::span<const float> bias, Clamp clamp = {});
  ~Int4Gemm();
  Int4Gemm(Int4Gemm&&) noexcept;
  Int4Gemm& operator=(Int4Gemm&&) noexcept;

  /// Weight-only: A is fp32; weights are widened on the way. Strides in elements.
  void run(const float* a, std::int64_t rows, std::int64_t a_stride, float* c, std::int64_t c_stride,
           ThreadPool& pool) const;
  /// A is int8 with one scale per row (one entry: for all rows): exact 32-bit sums within a group, groups added in fp32
  /// in their order. Reads up to 3 bytes past the end of each row of A. Throws InputError for groups above 2^20.
  void run(const std::int8_t* a, std::span<const float> a_scales, std::int64_t rows, std::int64_t a_stride, float* c,
           std::int64_t c_stride, ThreadPool& pool) const;

  std::int64_t inputs() const;
  std::int64_t outputs() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chipcast::kernels
