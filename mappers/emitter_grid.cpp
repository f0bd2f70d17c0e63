// SPDX-License-Identifier: Apache-2.0
#include "mappers/emitter_grid.h"

#include <algorithm>
#include <boost/container/static_vector.hpp>

namespace chipcast {
namespace {

struct Dimension {
  std::int64_t count, stride;
};

/// Rows of `run` bytes, repeated along the dimensions from the innermost on; none where two do not suffice.
std::optional<dma::Pattern> pattern_of(std::int64_t run, std::initializer_list<Dimension> dimensions) {
  boost::container::static_vector<Dimension, 3> kept;
  for (const Dimension& next : dimensions) {
    if (next.count == 1) continue;
    if (kept.empty() && next.stride == run) {
      run *= next.count;
    } else if (!kept.empty() && next.stride == kept.back().count * kept.back().stride) {
      kept.back().count *= next.count;
    } else {
      kept.push_back(next);
    }
  }
  if (kept.size() > 2) return std::nullopt;
  dma::Pattern pattern = dma::contiguous(Bytes(run));
  if (!kept.empty()) {
    pattern.rows = kept[0].count;
    pattern.row_stride = Bytes(kept[0].stride);
  }
  if (kept.size() == 2) {
    pattern.planes = kept[1].count;
    pattern.plane_stride = Bytes(kept[1].stride);
  }
  return pattern;
}

/// The last tile along an axis.
std::int64_t last_of(std::int64_t extent, std::int64_t tile) { return (extent - 1) % tile + 1; }

}  // namespace

Grid::Grid(const Extents& all, std::int64_t tile_groups, std::int64_t tile_channels, Slice slice)
    : all_(all), tile_groups_(tile_groups), tile_channels_(tile_channels), slice_(std::move(slice)) {
  for (const std::int64_t groups : {tile_groups, last_of(all.groups, tile_groups)}) {
    for (const std::int64_t channels : {tile_channels, last_of(all.channels, tile_channels)}) {
      if (slice_(groups, channels) <= 0) return;
    }
  }
  const std::int64_t before_last = (all.groups - 1) / tile_groups;
  pitch_ = std::max(before_last * group_bytes(tile_groups) + group_bytes(last_of(all.groups, tile_groups)),
                    slice_(all.groups, all.channels));
  embed(0, pitch_, all_.rows * all_.columns * pitch_);
}

void Grid::embed(std::int64_t origin, std::int64_t pitch, std::int64_t plane) {
  origin_ = origin;
  stride_ = pitch;
  plane_ = plane;
}

std::int64_t Grid::group_bytes(std::int64_t groups) const {
  return (all_.channels - 1) / tile_channels_ * slice_(groups, tile_channels_) +
         slice_(groups, last_of(all_.channels, tile_channels_));
}

std::optional<Place> Grid::place(const Box& box, Bytes bytes) const {
  const std::int64_t run = slice_(box.groups, box.channels);
  if (!valid() || bytes.count() != run * box.columns * box.rows * box.planes) return std::nullopt;
  const std::int64_t row = all_.columns * stride_;
  const auto pattern = pattern_of(run, {{box.columns, stride_}, {box.rows, row}, {box.planes, plane_}});
  if (!pattern) return std::nullopt;
  const std::int64_t channel = box.group / tile_groups_ * group_bytes(tile_groups_) +
                               box.channel / tile_channels_ * slice_(box.groups, tile_channels_);
  return Place{origin_ + box.plane * plane_ + box.row * row + box.column * stride_ + channel, *pattern};
}

}  // namespace chipcast
