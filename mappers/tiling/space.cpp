// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/space.h"

#include <algorithm>

#include "accelerators/tile_geometry.h"

namespace chipcast::tiling {
namespace {

/// Every multiple of `step` below `whole`, or the least one for each number of tiles.
std::vector<Cut> cuts_of(std::int64_t whole, std::int64_t step, std::int64_t every) {
  std::vector<Cut> cuts{cut_of(whole, whole)};
  const std::int64_t steps = ceil_div(whole, step);
  std::int64_t some = steps;
  while (some > 1) {
    if (steps <= every) {
      --some;
    } else {
      const std::int64_t larger = ceil_div(steps, ceil_div(steps, some)) - 1;  // the largest with more tiles
      some = larger < 1 ? 1 : ceil_div(steps, ceil_div(steps, larger));
    }
    cuts.push_back(cut_of(whole, some * step));
  }
  return cuts;
}

void mark_likely(std::vector<Cut>& cuts) {
  std::int64_t wanted = 1;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    // Of equal numbers of tiles the least extent shares the axis out most evenly.
    const bool last = i + 1 == cuts.size();
    const bool least = last || cuts[i + 1].count != cuts[i].count;
    cuts[i].likely = last || (least && cuts[i].count >= wanted);
    while (cuts[i].likely && wanted <= cuts[i].count) wanted = wanted < 4 ? wanted + 1 : wanted * 3 / 2;
  }
}

}  // namespace

Cut cut_of(std::int64_t whole, std::int64_t extent) {
  extent = std::min(extent, whole);
  const std::int64_t count = ceil_div(whole, extent);
  return {.extent = extent, .count = count, .last = whole - (count - 1) * extent};
}

bool Space::allows(const OpTile& tile) const {
  if (per_channel || tile.groups == 1) return true;
  return tile.out_channels == out_channels.front().extent && tile.in_channels == in_channels.front().extent;
}

Space space_of(const OpDescription& op, const Device& device) {
  const LoopNest nest = tiling_nest(op);
  const TilingSpace space = device.tilings(op);
  Space out;
  out.per_channel = nest.in_channels == 1 && nest.groups > 1;
  const std::int64_t every = nest.out_height * nest.out_width == 1 ? kEveryVectorChannel : kEveryChannel;
  out.groups = cuts_of(nest.groups, out.per_channel ? space.channel_step : 1, every);
  out.out_channels = cuts_of(nest.out_channels, out.per_channel ? 1 : space.channel_step, every);
  out.in_channels = space.split_in_channels ? cuts_of(nest.in_channels, space.in_channel_step, every)
                                            : std::vector{cut_of(nest.in_channels, nest.in_channels)};
  out.rows = cuts_of(nest.out_height, 1, kEveryPlace);
  out.columns = cuts_of(nest.out_width, 1, kEveryPlace);
  for (auto* cuts : {&out.groups, &out.out_channels, &out.in_channels, &out.rows, &out.columns}) mark_likely(*cuts);
  return out;
}

bool CapacityRanges::hold(const TilingSpace& space) const {
  return input.holds(space.input_capacity) && weights.holds(space.weight_capacity) &&
         output.holds(space.output_capacity) && shared.holds(space.shared_capacity) &&
         partial.holds(space.partial_capacity);
}

bool fits(const OpDescription& op, const Device& device, const TilingSpace& space, const OpTile& tile,
          CapacityRanges& seen) {
  const Bytes input = device.input_bytes(op, tile), weights = device.weight_bytes(op, tile);
  const Bytes output = device.output_bytes(op, tile);
  if (!seen.input.fits(input, space.input_capacity) || !seen.weights.fits(weights, space.weight_capacity) ||
      !seen.output.fits(output, space.output_capacity)) {
    return false;
  }
  if (space.shared_capacity > Bytes(0) && !seen.shared.fits(input + weights, space.shared_capacity)) return false;
  return tile.in_channels == tiling_nest(op).in_channels || seen.partial.fits(output, space.partial_capacity);
}

}  // namespace chipcast::tiling
