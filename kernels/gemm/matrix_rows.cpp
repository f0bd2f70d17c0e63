// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/formats/half.h"
#include "kernels/gemm/blocked.h"

namespace chipcast::kernels::gemm_detail {

namespace {

float as_float(float value) { return value; }
float as_float(Half value) { return to_float(value); }
float as_float(Bfloat value) { return to_float(value); }

void copy_row(const float* from, float* to, std::int64_t count) {
  std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
}
template <class T>
void copy_row(const T* from, float* to, std::int64_t count) {
  convert(from, to, static_cast<std::size_t>(count));
}

template <class T>
void copy_block(const MatrixView& a, const T* from, std::int64_t rows, std::int64_t depth, float* to,
                std::int64_t stride) {
  if (a.column_stride == 1) {
    for (std::int64_t r = 0; r < rows; ++r) copy_row(from + r * a.row_stride, to + r * stride, depth);
    return;
  }
  for (std::int64_t k = 0; k < depth; ++k) {
    for (std::int64_t r = 0; r < rows; ++r) to[r * stride + k] = as_float(from[r * a.row_stride + k * a.column_stride]);
  }
}

}  // namespace

void MatrixRows::copy(std::int64_t first_row, std::int64_t rows, std::int64_t first_k, std::int64_t depth, float* to,
                      std::int64_t stride) const {
  const std::int64_t start = first_row * a_.row_stride + first_k * a_.column_stride;
  switch (a_.dtype) {
    case DType::fp16:
      return copy_block(a_, static_cast<const Half*>(a_.values) + start, rows, depth, to, stride);
    case DType::bf16:
      return copy_block(a_, static_cast<const Bfloat*>(a_.values) + start, rows, depth, to, stride);
    default:
      return copy_block(a_, static_cast<const float*>(a_.values) + start, rows, depth, to, stride);
  }
}

}  // namespace chipcast::kernels::gemm_detail
