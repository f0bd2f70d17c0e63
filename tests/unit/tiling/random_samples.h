// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <limits>

#include "accelerators/tile_geometry.h"
#include "mappers/tiling/tiling.h"
#include "tests/unit/tiling/layers.h"

namespace chipcast::tiling_test {

/// A legal plan drawn at random: groups or channels first, then rows and columns, each extent uniform or the whole
/// axis; none where what was drawn does not fit.
inline std::optional<tiling::Plan> random_plan(RandomLayers& random, const OpDescription& op, const Device& device) {
  const LoopNest nest = tiling_nest(op);
  const TilingSpace room = device.tilings(op);
  const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
  const auto some = [&](std::int64_t whole, std::int64_t step) {
    if (random.roll(0, 2) == 0) return whole;
    // As likely small as large.
    const std::int64_t most = std::max<std::int64_t>(1, whole >> random.roll(0, 5));
    return std::min(whole, round_up(random.roll(1, most), step));
  };
  OpTile tile;
  tile.groups = per_channel ? some(nest.groups, room.channel_step) : some(nest.groups, 1);
  const bool whole = tile.groups > 1 && !per_channel;
  tile.out_channels = whole ? nest.out_channels : some(nest.out_channels, per_channel ? 1 : room.channel_step);
  tile.in_channels = whole || !room.split_in_channels ? nest.in_channels : some(nest.in_channels, room.in_channel_step);
  tile.out_height = some(nest.out_height, 1);
  tile.out_width = some(nest.out_width, 1);
  const Bytes input = device.input_bytes(op, tile), weights = device.weight_bytes(op, tile);
  const Bytes output = device.output_bytes(op, tile);
  const bool fits = input <= room.input_capacity && weights <= room.weight_capacity && output <= room.output_capacity &&
                    (room.shared_capacity == Bytes(0) || input + weights <= room.shared_capacity) &&
                    (tile.in_channels == nest.in_channels || output <= room.partial_capacity);
  if (!fits) return std::nullopt;
  return tiling::Plan{.nested = true, .tile = tile, .weights_outer = random.roll(0, 1) == 0};
}

/// The least latency and the least energy among so many random legal plans (fewer where most do not fit).
struct LeastSampled {
  double latency = std::numeric_limits<double>::infinity(), energy = latency;
  std::int64_t plans = 0;
};
inline LeastSampled sample(RandomLayers& random, const OpDescription& op, const Subject& on, const Traffic& traffic,
                           std::int64_t plans) {
  LeastSampled least;
  for (std::int64_t tries = 0; least.plans < plans && tries < plans * 50; ++tries) {
    const auto drawn = random_plan(random, op, *on.device);
    if (!drawn) continue;
    const tiling::Plan plan = tiling::estimate(op, on.slot, traffic, *drawn);
    ++least.plans;
    least.latency = std::min(least.latency, tiling::value_of(op, on.slot, plan, Objective::latency));
    least.energy = std::min(least.energy, tiling::value_of(op, on.slot, plan, Objective::energy));
  }
  return least;
}

}  // namespace chipcast::tiling_test
