// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/gemm_int/block.h"

namespace chipcast::kernels {

/// c[r][n] = sum over groups g of scale[g][n] * sum over the group's inputs k of a[r][k] * (w[k][n] - zero[g][n]), for
/// whole panels. 64 bytes of a panel hold eight inputs: byte j of a column's four has inputs j (low half) and 4 + j.
/// Each group starts with a new 64 bytes.
struct Int4FloatBlock {
  const float* a = nullptr;
  std::int64_t a_stride = 0, rows = 0, inputs = 0, group = 0;
  const std::int8_t* panels = nullptr;
  std::int64_t panel_bytes = 0, panel_count = 0;
  /// Per group, `table_stride` entries, that of the first panel first. `zeros` may be null: all zero.
  const float* scales = nullptr;
  const std::int32_t* zeros = nullptr;
  std::int64_t table_stride = 0;
  float* c = nullptr;
  std::int64_t c_stride = 0;
};

void multiply_int4_float(const Int4FloatBlock& block);

}  // namespace chipcast::kernels
