// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/gemm_int/output.h"

namespace chipcast::kernels {

/// An IntOutput made ready for vectors: one entry per column, filled up to whole blocks.
struct StoreStage {
  /// fixed_small_*: all multipliers are below 1/2, which networks' are and which saves steps.
  enum class Kind { raw, dequantise, fixed_twice, fixed_once, fixed_small_twice, fixed_small_once, scaled };
  /// Throws InputError for lists that have neither one entry nor `columns`, and for formats and values that are not
  /// allowed.
  StoreStage(const IntOutput& output, std::int64_t columns);

  Kind kind{Kind::raw};
  DType type{DType::int32};
  std::int64_t element_bytes = 4;
  std::int32_t zero_point = 0;
  std::int32_t low = 0, high = 0;  ///< of the stored value
  std::vector<std::int32_t> multipliers{}, left_shifts{}, right_shifts{};
  std::vector<std::int32_t> small_shifts{};  ///< -shift - 1
  std::vector<float> scales{};
};

/// Sums on their way to C.
struct StoreBlock {
  const std::int32_t* sums = nullptr;
  std::int64_t sum_stride = 0;  ///< elements from a row to the next; whole vectors are read
  std::int64_t rows = 0, columns = 0;
  std::int64_t first = 0;  ///< column of the first sum
  void* c = nullptr;       ///< where its value goes
  std::int64_t c_stride = 0;
};

/// Finishes and stores a block. Equal bit by bit on all instruction sets.
void store(const StoreStage& stage, const StoreBlock& block);

}  // namespace chipcast::kernels
