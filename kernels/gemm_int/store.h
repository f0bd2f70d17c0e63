// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/gemm_int/output.h"

namespace chipcast::kernels {

/// An IntOutput made ready for vectors: one entry per column, filled up to whole blocks.
///
/// Raised kinds take sums + raises[column] (modulo 2^32). With a multiplier m = m' 2^t, m' odd, and B an odd multiple
/// of 2^(30-t), B m is 2^30 modulo 2^31: the upper half of the unsigned 64-bit product (sum + B) 2m is the rounded
/// doubled product, floor((sum m + 2^30) / 2^31), plus Q = (B m - 2^30) / 2^31. Halves away from zero, 1 less for
/// negative sums, and the shift by e finish it: (upper half + 2^(e-1) - Q + zero point 2^e - [sum < 0]) >> e. A single
/// rounding takes B = 2^31, Q = m, and nothing off negative sums. Nor do two roundings, where the range starts at
/// the zero point: all that comes of negative sums is cut off.
struct StoreStage {
  enum class Kind { raw, dequantise, fixed_twice, fixed_once, raised_twice, raised_once, scaled };
  /// Where no sum exceeds `most_sum` <= kMostRaised in magnitude, and multipliers are below 1/2, a fixed stage becomes
  /// a raised one. Throws InputError for lists that have neither one entry nor `columns`, and for formats and values
  /// that are not allowed.
  StoreStage(const IntOutput& output, std::int64_t columns, std::int64_t most_sum = std::int64_t{1} << 31);
  static constexpr std::int64_t kMostRaised = std::int64_t{1} << 29;

  bool is_raised() const { return kind == Kind::raised_twice || kind == Kind::raised_once; }
  /// What the sums of a column are to be raised by; 0 for other kinds.
  std::uint32_t raise(std::int64_t column) const {
    return is_raised() ? static_cast<std::uint32_t>(raises[static_cast<std::size_t>(column)]) : 0U;
  }

  Kind kind{Kind::raw};
  DType type{DType::int32};
  std::int64_t element_bytes = 4;
  std::int32_t zero_point = 0;
  std::int32_t low = 0, high = 0;  ///< of the stored value
  std::vector<std::int32_t> multipliers{}, left_shifts{}, right_shifts{};
  std::vector<std::int32_t> raises{}, adds{};  ///< raised kinds; adds: 2^(e-1) - Q + zero point 2^e, modulo 2^32
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
