// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>

#include "workloads/op_description.h"

/// Which rows and columns of its input an operator covers, for all who lay operands out.
namespace chipcast {

/// Of matrices or of a vector and a matrix; its groups are planes of its operands.
inline bool is_product(const OpDescription& op) {
  return op.op_class == OpClass::matrix || op.op_class == OpClass::vector_matrix;
}

/// Rows, or columns, of the input that windows at `out` positions cover, padding left out; of a transposed nest, whose
/// positions are those of its input, as many.
inline std::int64_t covered_rows(const LoopNest& nest, std::int64_t out) {
  if (nest.transposed) return out;
  return std::min(nest.in_height, (out - 1) * nest.stride_h + (nest.kernel_height - 1) * nest.dilation_h + 1);
}
inline std::int64_t covered_columns(const LoopNest& nest, std::int64_t out) {
  if (nest.transposed) return out;
  return std::min(nest.in_width, (out - 1) * nest.stride_w + (nest.kernel_width - 1) * nest.dilation_w + 1);
}

}  // namespace chipcast
