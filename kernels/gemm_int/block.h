// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// The inner loops of integer products and convolutions.
namespace chipcast::kernels {

/// Columns of a panel. A panel holds, for each four inputs, 16 columns of four bytes.
inline constexpr std::int64_t kPanelColumns = 16;
inline constexpr std::int64_t kQuad = 4;
/// Columns of the widest block, and sums of the largest: they wait in the nearest cache for their output stage.
inline constexpr std::int64_t kBlockColumns = 64;
inline constexpr std::int64_t kBlockSums = 24 * kBlockColumns;

/// sums[r][n] = start[n] + sum over taps t and inputs k of unsigned(pointers[r][t][k] ^ flip) * panel[t][k][n].
struct IntBlock {
  const std::uint8_t* const* pointers = nullptr;  ///< rows x taps; each is read for 4 * quads bytes
  std::int64_t rows = 0;                          ///< at least 1
  std::int64_t taps = 0;
  std::int64_t quads = 0;  ///< groups of four inputs in a tap
  const std::int8_t* panels = nullptr;
  std::int64_t panel_bytes = 0;         ///< from one panel to the next
  std::int64_t panel_count = 0;         ///< 1 to kBlockColumns / kPanelColumns
  const std::int32_t* start = nullptr;  ///< per column
  std::uint8_t flip = 0;                ///< 0x80 turns signed bytes into unsigned ones that are 128 more
  std::int32_t* sums = nullptr;         ///< rows x (16 * panel_count)

  std::int64_t sum_stride() const { return panel_count * kPanelColumns; }
};

/// 8-bit weights.
void sum_block_int8(const IntBlock& block);
/// 8-bit weights b and unsigned factors a, `flip` added to the bytes of A in place of xor, with 2 * steps * a * |b| <=
/// 32767 for all of them: steps of two products in sums of 16 bits. `steps` is 1 or 2.
void sum_block_narrow(const IntBlock& block, int steps);
/// 4-bit weights: each 64 bytes of a panel hold two groups of four inputs, the first in the low halves of the bytes.
/// The last may be half empty. Sums wrap.
void sum_block_int4(const IntBlock& block);

}  // namespace chipcast::kernels
