// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/gemm_int/tiles.h"

namespace chipcast::kernels {

/// Columns of a panel; int8 panels hold, for each eight inputs, 16 columns of eight bytes, fp32 ones 16 floats for
/// each.
inline constexpr std::int64_t kAdderColumns = 16;
inline constexpr std::int64_t kOctet = 8;

/// Register tiles, in panels.
inline constexpr IntTile kTileAdder512{{8, 4, 0, 0}, 2};
inline constexpr IntTile kTileAdder256{{4, 0, 0, 0}, 1};
inline constexpr IntTile kTileAdderNarrow{{2, 0, 0, 0}, 1};

/// c[r][n] = -sum over taps t and inputs k of |pointers[r][t][k] - panel[t][k][n]|.
template <class X, class Y>
struct AdderBlock {
  const std::uint8_t* const* pointers = nullptr;  ///< rows x taps, each to `inputs` values X
  std::int64_t rows = 0, taps = 0, inputs = 0;
  const X* panels = nullptr;      ///< int8: as unsigned bytes that are 128 more; places without an input are 0
  std::int64_t panel_values = 0;  ///< from one panel to the next
  std::int64_t panel_count = 0;
  std::int64_t columns = 0;
  Y* c = nullptr;
  std::int64_t c_stride = 0;
};
using AdderBlockF32 = AdderBlock<float, float>;
using AdderBlockInt8 = AdderBlock<std::uint8_t, std::int32_t>;

void add_distances(const AdderBlockF32& block);
/// Reads up to 7 bytes past a tap's inputs.
void add_distances(const AdderBlockInt8& block);

}  // namespace chipcast::kernels
