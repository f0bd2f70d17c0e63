// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Register tiles of the integer kernels: how many rows of A one pass takes for 1, 2, 3 and 4 panels of 16 columns. The
/// time model forecasts with them.
namespace chipcast::kernels {

struct IntTile {
  int rows[4];  ///< by number of panels, less one; 0: not used
  int panels;   ///< most panels of one pass
};

/// With a dot-product instruction (AVX-512 VNNI): 24 of 32 registers hold sums.
inline constexpr IntTile kTileInt8Vnni{{8, 8, 8, 6}, 4};
/// AVX-512 and AVX2 in 16-bit pairs of products, and 16-byte vectors.
inline constexpr IntTile kTileInt8Avx3{{8, 8, 0, 0}, 2};
inline constexpr IntTile kTileInt8Avx2{{4, 0, 0, 0}, 1};
/// Small operands (int7) in sums of 16 bits.
inline constexpr IntTile kTileNarrowAvx3{{8, 8, 0, 0}, 2};
inline constexpr IntTile kTileNarrowAvx2{{4, 0, 0, 0}, 1};
inline constexpr IntTile kTileInt8Narrow{{2, 0, 0, 0}, 1};

}  // namespace chipcast::kernels
