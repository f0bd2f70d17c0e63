// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "kernels/array.h"

namespace chipcast::kernels {

/// A matrix to read: element (i, j) lies at values[i * row_stride + j * column_stride]. fp32, fp16 or bf16.
struct MatrixView {
  const void* values = nullptr;
  DType dtype = DType::fp32;
  std::int64_t rows = 0, columns = 0;
  std::int64_t row_stride = 0, column_stride = 1;  ///< in elements; 0 repeats one

  /// The same values with rows and columns exchanged: turns storage [N, K] into B[K, N].
  MatrixView transposed() const { return {values, dtype, columns, rows, column_stride, row_stride}; }
};

/// A matrix to write: rows of adjacent elements, `row_stride` (>= columns) elements apart.
struct MatrixTarget {
  void* values = nullptr;
  DType dtype = DType::fp32;
  std::int64_t rows = 0, columns = 0;
  std::int64_t row_stride = 0;
};

/// Rows of adjacent elements without gaps.
inline MatrixView dense(const float* values, std::int64_t rows, std::int64_t columns) {
  return {values, DType::fp32, rows, columns, columns, 1};
}
inline MatrixTarget dense_target(float* values, std::int64_t rows, std::int64_t columns) {
  return {values, DType::fp32, rows, columns, columns};
}

/// Throw InputError(place, ...): an extent below 1, a size that leaves 63 bits, no values, a format that is not fp32,
/// fp16 or bf16; strides below 0 of what is read, rows that overlap of what is written.
void check(const MatrixView& matrix, const std::string& place);
void check(const MatrixTarget& matrix, const std::string& place);

}  // namespace chipcast::kernels
