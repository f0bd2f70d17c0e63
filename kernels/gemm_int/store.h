// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/gemm_int/output.h"

namespace chipcast::kernels {

/// An IntOutput made ready for vectors: one entry per column, filled up to whole blocks.
struct StoreStage {
  enum class Kind { raw, dequantise, fixed_twice, fixed_once, scaled };
  /// Throws InputError for lists that have neither one entry nor `columns`, and for formats and values that are not
  /// allowed.
  StoreStage(const IntOutput& output, std::int64_t columns);

  Kind kind{Kind::raw};
  DType type{DType::int32};
  std::int64_t element_bytes = 4;
  std::int32_t zero_point = 0;
  std::int32_t low = 0, high = 0;  ///< of the stored value
  std::vector<std::int32_t> multipliers{}, left_shifts{}, right_shifts{};
  std::vector<float> scales{};
};

/// Stores rows x columns sums (rows kBlockColumns apart), whose first column is column `first`, to `c`, rows `c_stride`
/// elements apart. Equal bit by bit on all instruction sets.
void store_block(const StoreStage& stage, const std::int32_t* sums, std::int64_t rows, std::int64_t columns,
                 std::int64_t first, void* c, std::int64_t c_stride);

}  // namespace chipcast::kernels
