// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/gemm_int/store.h"

/// What an integer depthwise convolution is made of. Internal to kernels/depthwise.
///
/// Lanes of 32 bits hold one channel of one column: the values of four input rows as unsigned bytes, or of two rows as
/// 16-bit numbers. Channels come in blocks of kBlockLanes.
namespace chipcast::kernels::depthwise_detail {

inline constexpr std::int64_t kBlockLanes = 16;

/// Channels that are brought side by side at once: a cache line of the input.
inline constexpr std::int64_t kChunk = 64;

/// Input rows to be brought side by side. A row that lies outside the input is one column of zero points, step 0.
struct Bring {
  const std::uint8_t* const* rows = nullptr;  ///< groups * rows of a group; read up to 63 bytes past a column's end
  const std::int64_t* steps = nullptr;        ///< bytes from column to column of each row
  std::int64_t groups = 0, width = 0;
  std::int64_t used_rows = 0;              ///< the last ones may be left out: their weights are 0
  std::int64_t pad_left = 0, columns = 0;  ///< columns to be filled, from input column -pad_left on
  std::uint8_t flip = 0;                   ///< 0x80 turns signed bytes into unsigned ones that are 128 more
  std::uint8_t zero = 0;                   ///< the zero point, flipped
  std::uint32_t* to = nullptr;             ///< room for [kChunk / kBlockLanes, groups, columns, kBlockLanes]
};

/// Rows of the output that share them.
struct Convolve {
  const std::uint32_t* weights = nullptr;  ///< [rows, blocks of channels, groups, kernel_width, kBlockLanes]
  std::int64_t weights_step = 0;           ///< lanes from row to row
  const std::int32_t* start = nullptr;     ///< per channel, whole blocks: bias and corrections
  std::int64_t kernel_width = 0, stride = 1, dilation = 1;
  std::int64_t rows = 0, out_width = 0, channels = 0;
  const StoreStage* stage = nullptr;
  std::byte* output = nullptr;  ///< [rows, out_width, channels]
};

/// Whether four bytes can be multiplied by one instruction.
bool has_quads();
/// Four rows to a lane: bytes (input ^ flip). Two rows: input - zero point in 16 bits.
void convolve_quads(const Bring& bring, const Convolve& convolve);
void convolve_pairs(const Bring& bring, const Convolve& convolve);

}  // namespace chipcast::kernels::depthwise_detail
