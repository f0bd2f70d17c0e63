// SPDX-License-Identifier: Apache-2.0
#include "mappers/mapping_tiles.h"

#include <algorithm>

#include "accelerators/tile_geometry.h"
#include "mappers/tiling/space.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

constexpr std::int64_t kMostSteps = 1'000'000;  ///< tiles or pieces of one operator: each is several commands

/// Extents that an operator has.
OpTile clamped(const OpDescription& op, OpTile tile) {
  const LoopNest nest = tiling_nest(op);
  tile.groups = std::min(tile.groups, nest.groups);
  tile.out_channels = std::min(tile.out_channels, nest.out_channels);
  tile.in_channels = std::min(tile.in_channels, nest.in_channels);
  tile.out_height = std::min(tile.out_height, nest.out_height);
  tile.out_width = std::min(tile.out_width, nest.out_width);
  return tile;
}

std::string too_large(const char* what, Bytes needed, Bytes room) {
  return std::string("its tile needs ") + to_text(needed) + " of the " + what + " buffer, which has " + to_text(room) +
         " for a tile; choose a smaller tile";
}

std::string off_step(const char* what, std::int64_t extent, std::int64_t step, std::int64_t all) {
  if (extent % step == 0 || extent == all) return {};
  return "tiles of " + std::to_string(extent) + " " + what + " are not a multiple of " + std::to_string(step);
}

std::string problem_of_steps(const OpDescription& op, const TilingSpace& space, const OpTile& tile) {
  const LoopNest nest = tiling_nest(op);
  const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
  const std::string channels =
      per_channel ? off_step("groups", tile.groups, space.channel_step, nest.groups)
                  : off_step("output channels", tile.out_channels, space.channel_step, nest.out_channels);
  if (!channels.empty()) return channels;
  if (!space.split_in_channels && tile.in_channels < nest.in_channels) {
    return "it keeps no partial sums between tiles, so that a tile has all " + std::to_string(nest.in_channels) +
           " input channels";
  }
  const bool some_channels = tile.out_channels < nest.out_channels || tile.in_channels < nest.in_channels;
  if (!per_channel && tile.groups > 1 && some_channels) return "tiles of several groups have all of their channels";
  return off_step("input channels", tile.in_channels, space.in_channel_step, nest.in_channels);
}

std::string problem_of_number(const OpDescription& op, const OpTile& tile) {
  const LoopNest nest = tiling_nest(op);
  std::int64_t tiles = 1;
  for (const std::int64_t count :
       {nest.batch, ceil_div(nest.groups, tile.groups), ceil_div(nest.out_channels, tile.out_channels),
        ceil_div(nest.in_channels, tile.in_channels), ceil_div(nest.out_height, tile.out_height),
        ceil_div(nest.out_width, tile.out_width)}) {
    if (count > kMostSteps / tiles) {
      return "it is cut into more than " + std::to_string(kMostSteps) + " tiles; choose larger ones";
    }
    tiles *= count;
  }
  return {};
}

std::string problem_of_nest(const OpDescription& op, const Device& device, const OpTile& tile) {
  const TilingSpace space = device.tilings(op);
  if (std::string steps = problem_of_steps(op, space, tile); !steps.empty()) return steps;
  if (std::string number = problem_of_number(op, tile); !number.empty()) return number;
  const Bytes input = device.input_bytes(op, tile), weights = device.weight_bytes(op, tile);
  const Bytes output = device.output_bytes(op, tile);
  if (input > space.input_capacity) return too_large("input", input, space.input_capacity);
  if (weights > space.weight_capacity) return too_large("weight", weights, space.weight_capacity);
  if (output > space.output_capacity) return too_large("output", output, space.output_capacity);
  if (space.shared_capacity > Bytes(0) && input + weights > space.shared_capacity) {
    return too_large("shared input and weight", input + weights, space.shared_capacity);
  }
  if (tile.in_channels < tiling_nest(op).in_channels && output > space.partial_capacity) {
    return too_large("partial sum", output, space.partial_capacity);
  }
  return {};
}

std::string problem_of_pieces(const OpDescription& op, const Device& device, std::int64_t pieces) {
  const tiling::LeastPieces least = tiling::least_pieces(op, device);
  if (pieces < least.count) {
    return "a piece of " + std::to_string(pieces) + " needs " + to_text(tiling::piece(least.bytes, 0, pieces)) +
           " of the " + least.buffer + " buffer, which has " + to_text(least.room) +
           " for a piece; cut it into at least " + std::to_string(least.count);
  }
  if (pieces > std::max(kMostSteps, least.count)) {
    return "it is cut into at most " + std::to_string(kMostSteps) + " pieces";
  }
  return {};
}

}  // namespace

bool is_nested(const OpDescription& op) { return op.macs > Ops(0) && op.single_nest(); }

std::string problem_of(const OpDescription& op, const Device& device, const TileChoice& choice) {
  const OpTile& t = choice.tile;
  if (std::min({t.groups, t.out_channels, t.in_channels, t.out_height, t.out_width, t.pieces}) < 1) {
    return "its tile has an extent below 1";
  }
  if (device.schedule(op, {}).has_value()) return "it runs by a schedule of its own and takes no tiles";
  if (is_nested(op)) return problem_of_nest(op, device, clamped(op, t));
  return problem_of_pieces(op, device, t.pieces);
}

tiling::Plan given_plan(const OpDescription& op, const DeviceSlot& slot, const TileChoice& choice,
                        const Traffic& traffic) {
  if (const std::string problem = problem_of(op, *slot.device, choice); !problem.empty()) {
    throw InputError("operator " + in_quotes(op.name), "tiling on " + slot.name + ": " + problem);
  }
  tiling::Plan plan;
  plan.nested = is_nested(op);
  plan.tile = plan.nested ? clamped(op, choice.tile) : OpTile{.pieces = choice.tile.pieces};
  plan.weights_outer = choice.weights_outer;
  plan.tiles = 0;
  tiling::for_each_step_class(op, *slot.device, plan, traffic, [&](const tiling::StepClass& some) {
    plan.compute += tiling::work_of(op, *slot.device, some.step).cycles * some.count;
    plan.loads += (some.step.input + some.step.weights) * some.count;
    plan.stores += some.step.output * some.count;
    plan.tiles += some.count;
  });
  return plan;
}

}  // namespace chipcast
