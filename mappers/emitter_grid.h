// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>

#include "models/dma/descriptor.h"
#include "sim/base/units.h"

namespace chipcast {

/// Bytes of a transfer, counted from the start of what it belongs to.
struct Place {
  std::int64_t offset = 0;
  dma::Pattern pattern{};
};

/// A feature map in memory, channels last: planes of rows of positions, and at each position its channels, in the
/// order and the size in which tiles of `groups` x `channels` cut them.
class Grid {
 public:
  struct Extents {
    std::int64_t planes = 1, rows = 1, columns = 1, groups = 1, channels = 1;
  };
  /// Part of a map. Of groups and channels it is what one tile takes.
  struct Box {
    std::int64_t plane = 0, planes = 1, row = 0, rows = 1, column = 0, columns = 1;
    std::int64_t group = 0, groups = 1, channel = 0, channels = 1;
  };
  /// Stored bytes of so many groups and channels of one position; 0 where they are not whole bytes.
  using Slice = std::function<std::int64_t(std::int64_t groups, std::int64_t channels)>;

  Grid(const Extents& all, std::int64_t tile_groups, std::int64_t tile_channels, Slice slice);

  /// False where a position's bytes are not whole.
  bool valid() const { return pitch_ > 0; }
  Bytes bytes() const { return Bytes(all_.planes * all_.rows * all_.columns * pitch_); }
  std::int64_t pitch() const { return pitch_; }  ///< bytes of one position
  const Extents& extents() const { return all_; }
  std::int64_t slice(std::int64_t groups, std::int64_t channels) const { return slice_(groups, channels); }

  /// The map is part of a larger one: its first byte stands at `origin`, positions and planes are that far apart.
  void embed(std::int64_t origin, std::int64_t pitch, std::int64_t plane);

  /// None where a box is not `bytes` large or takes more than three dimensions.
  std::optional<Place> place(const Box& box, Bytes bytes) const;

 private:
  /// Of all channels of a tile's groups.
  std::int64_t group_bytes(std::int64_t groups) const;

  Extents all_;
  std::int64_t tile_groups_, tile_channels_;
  Slice slice_;
  std::int64_t pitch_ = 0;
  std::int64_t origin_ = 0, stride_ = 0, plane_ = 0;  ///< of the map that this one is embedded in
};

}  // namespace chipcast
