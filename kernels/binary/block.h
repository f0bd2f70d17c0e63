// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/gemm_int/tiles.h"

namespace chipcast::kernels {

/// Columns of a panel of bits: for each 32 inputs, 16 columns of one word.
inline constexpr std::int64_t kBinaryColumns = 16;

/// Register tile of the binary kernels, in panels.
inline constexpr IntTile kTileBinary512{{4, 4, 4, 4}, 4};
inline constexpr IntTile kTileBinary256{{2, 0, 0, 0}, 1};

/// c[r][n] = inputs - 2 * popcount(a[r] xor panel[n]) for whole panels of columns, less the last one's missing columns.
struct BinaryBlock {
  const std::uint8_t* a = nullptr;  ///< rows of words, a_stride bytes apart
  std::int64_t a_stride = 0;
  std::int64_t rows = 0;
  std::int64_t words = 0;                ///< whole words of 32 inputs
  const std::uint32_t* tails = nullptr;  ///< per row, the inputs after them; bits without an input are clear
  const std::uint32_t* panels = nullptr;
  std::int64_t panel_words = 0;  ///< from one panel to the next
  std::int64_t panel_count = 0;
  std::int64_t columns = 0;
  std::int32_t inputs = 0;
  std::int32_t* c = nullptr;
  std::int64_t c_stride = 0;
};

void multiply_bits(const BinaryBlock& block);

}  // namespace chipcast::kernels
