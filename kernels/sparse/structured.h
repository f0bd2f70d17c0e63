// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/array.h"
#include "kernels/epilogue.h"
#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// N:M structured sparsity: of every M neighbours in a row of weights at most N are not zero.
struct SparsePattern {
  int n = 2, m = 4;  ///< 1 <= n <= m <= 16
};

/// Sets all but the n largest magnitudes of every m neighbours in a row to zero (of equal ones the first stay); the
/// last group of a row may be shorter. `weights` [rows, columns].
void prune(SparsePattern pattern, std::int64_t rows, std::int64_t columns, float* weights);

/// Matrix [rows, columns] in N:M form: kept values and, for each, its place within the group.
class StructuredF32 {
 public:
  /// Throws InputError for extents < 1, a pattern that is not allowed, and a group of `weights` with more than n
  /// values that are not zero.
  StructuredF32(SparsePattern pattern, std::int64_t rows, std::int64_t columns, const float* weights);

  /// y [rows, width] = clamp(W x + bias), x [columns, width], both with `width` dense; bias [rows] or null. x and y
  /// must not overlap. Throws InputError for width < 1.
  void multiply(std::int64_t width, const float* x, const float* bias, float* y, Clamp clamp, ThreadPool& pool) const;

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  /// Multiplications for each column of x, kept zeros included.
  std::int64_t macs() const { return rows_ * kept_; }
  /// Values with ceil(log2 m) bits of place each.
  std::int64_t packed_bits() const;

 private:
  SparsePattern pattern_;
  std::int64_t rows_, columns_;
  std::int64_t kept_ = 0;  ///< values of a row
  Array values_{}, places_{};
};

}  // namespace chipcast::kernels
