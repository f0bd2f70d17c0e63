// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/epilogue.h"

/// Sparse rows times dense columns. Internal to kernels/sparse.
namespace chipcast::kernels::sparse_detail {

/// `rows` (up to `block`) rows of y = clamp(values x + bias).
struct BlockRow {
  int block = 1;                         ///< 1, 2 or 4
  std::int64_t rows = 1;                 ///< of the block that are stored
  std::int64_t count = 0;                ///< columns kept
  const float* values = nullptr;         ///< [count, block]
  const std::int32_t* column = nullptr;  ///< [count]
  const float* x = nullptr;              ///< [columns, width]
  const float* bias = nullptr;           ///< [rows] or null
  float* y = nullptr;                    ///< [rows, width]
  std::int64_t width = 0;
  Clamp clamp{};
};
/// Elements [first, end) of the width.
void multiply(const BlockRow& row, std::int64_t first, std::int64_t end);

/// One row in N:M form.
struct StructuredRow {
  int n = 2, m = 4;
  std::int64_t groups = 0;
  const float* values = nullptr;         ///< [groups, n]
  const std::uint8_t* places = nullptr;  ///< [groups, n], below m
  const float* x = nullptr;              ///< [columns, width]
  float bias = 0.0F;
  float* y = nullptr;  ///< [width]
  std::int64_t width = 0;
  Clamp clamp{};
};
void multiply(const StructuredRow& row, std::int64_t first, std::int64_t end);

}  // namespace chipcast::kernels::sparse_detail
