// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>

#include "accelerators/contract.h"

/// The legal ways to cut a loop nest on a device.
namespace chipcast::tiling {

/// An axis cut into tiles of `extent`, of which the last one may be smaller.
struct Cut {
  std::int64_t extent = 1, count = 1, last = 1;
  bool likely = false;  ///< of 1, 2, 3, 4, 6, 9, 13, ... tiles, where good plans mostly are
};
Cut cut_of(std::int64_t whole, std::int64_t extent);

/// Extents that tiles may have along each axis, from the whole axis down.
///
/// An extent is a multiple of the device's step, or the whole axis. It may be any of them along channels of up to
/// `kEveryChannel` steps (products with vectors: `kEveryVectorChannel`) and along up to `kEveryPlace` rows or columns;
/// along longer axes it is the smallest with its number of tiles (ceil-divisions): other extents give as many tiles.
/// Input channels are cut only where the device keeps partial sums. Several groups share a tile only where it has all
/// of their channels, except for one channel per group, whose groups are the channels.
struct Space {
  std::vector<Cut> groups, out_channels, in_channels, rows, columns;
  bool per_channel = false;  ///< one input channel per group

  bool allows(const OpTile& tile) const;
};
inline constexpr std::int64_t kEveryPlace = 256, kEveryChannel = 512, kEveryVectorChannel = 4096;
Space space_of(const OpDescription& op, const Device& device);

/// Capacities with which all comparisons that were seen come out as they did.
class CapacityRange {
 public:
  /// Whether so many bytes fit.
  bool fits(Bytes bytes, Bytes capacity) {
    const bool inside = bytes <= capacity;
    if (inside && bytes.count() > least_) least_ = bytes.count();
    if (!inside && bytes.count() < below_) below_ = bytes.count();
    return inside;
  }
  bool holds(Bytes capacity) const { return capacity.count() >= least_ && capacity.count() < below_; }

 private:
  std::int64_t least_ = std::numeric_limits<std::int64_t>::min(), below_ = std::numeric_limits<std::int64_t>::max();
};

struct CapacityRanges {
  CapacityRange input, weights, output, shared, partial;
  bool hold(const TilingSpace& space) const;
};

/// A tile within a device's buffers: inputs, weights, outputs, those two that share a buffer, and partial sums. `seen`
/// takes note of what was compared.
bool fits(const OpDescription& op, const Device& device, const TilingSpace& space, const OpTile& tile,
          CapacityRanges& seen);

/// Fewest equal pieces of an operator without a nest that fit, and the buffer that asks for so many.
struct LeastPieces {
  std::int64_t count = 1;
  const char* buffer = "input";
  Bytes bytes{}, room{};  ///< of all pieces; of that buffer for one
};
LeastPieces least_pieces(const OpDescription& op, const Device& device);

/// Plans of more tiles are looked at only where none of fewer tiles fits.
inline constexpr std::int64_t kMostTiles = 4096;
/// Operators without a nest are cut into so many pieces at most, more only where they would not fit otherwise.
inline constexpr std::int64_t kMostPieces = 64;

}  // namespace chipcast::tiling
