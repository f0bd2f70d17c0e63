// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/matrix.h"

namespace chipcast::kernels {

namespace {

void check_common(const void* values, DType dtype, std::int64_t rows, std::int64_t columns, const std::string& place) {
  if (rows < 1 || columns < 1) {
    throw InputError(place,
                     std::to_string(rows) + " x " + std::to_string(columns) + " is empty; extents are at least 1");
  }
  check_type({{rows, columns}, DType::fp32}, place);
  if (values == nullptr) throw InputError(place, "has no values");
  if (dtype != DType::fp32 && dtype != DType::fp16 && dtype != DType::bf16) {
    throw InputError(place, "is " + std::string(name_of(dtype)) + "; products here take fp32, fp16 or bf16");
  }
}

}  // namespace

void check(const MatrixView& matrix, const std::string& place) {
  check_common(matrix.values, matrix.dtype, matrix.rows, matrix.columns, place);
  for (const std::int64_t stride : {matrix.row_stride, matrix.column_stride}) {
    if (stride < 0) {
      throw InputError(place, "stride " + std::to_string(stride) + " is negative; strides are 0 (repeated) or more");
    }
  }
}

void check(const MatrixTarget& matrix, const std::string& place) {
  check_common(matrix.values, matrix.dtype, matrix.rows, matrix.columns, place);
  if (matrix.rows > 1 && matrix.row_stride < matrix.columns) {
    throw InputError(place, "row stride " + std::to_string(matrix.row_stride) + " is below the " +
                                std::to_string(matrix.columns) + " columns; results would overlap");
  }
}

}  // namespace chipcast::kernels
