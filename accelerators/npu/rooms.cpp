// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/rooms.h"

#include <algorithm>
#include <limits>

#include "accelerators/npu/traffic.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::npu {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// An operator's operands, and the least of each that a tile with whole rows and all input channels takes.
struct Needs {
  Bytes input, weights, least_input, least_weights;
};

Needs needs_of(const Config& config, const OpDescription& op) {
  const LoopNest nest = tiling_nest(op);
  const OpTile whole = whole_tile(nest);
  OpTile row = whole, kernels = whole;
  row.out_height = 1;
  kernels.out_channels = std::min<std::int64_t>(nest.out_channels, config.channel_alignment);
  return {.input = tile_input(config, op, whole),
          .weights = stored_weights(config, op, whole),
          .least_input = tile_input(config, op, row),
          .least_weights = stored_weights(config, op, kernels)};
}

double times(Bytes bytes, Bytes room) { return static_cast<double>(ceil_div(bytes.count(), room.count())); }

/// Traffic where one operand has `input` bytes of room and the other `weights`.
double traffic(const Needs& needs, Bytes input, Bytes weights) {
  if (needs.least_input > input || needs.least_weights > weights) return kNever;
  const auto features = static_cast<double>(needs.input.count()), kernels = static_cast<double>(needs.weights.count());
  return std::min(kernels + features * times(needs.weights, weights), features + kernels * times(needs.input, input));
}

/// Where both share `room`, one of them takes no more than its least.
double shared_traffic(const Needs& needs, Bytes room) {
  if (needs.input + needs.weights <= room) return static_cast<double>((needs.input + needs.weights).count());
  if (needs.least_input + needs.least_weights > room) return kNever;
  return std::min(traffic(needs, needs.least_input, room - needs.least_input),
                  traffic(needs, room - needs.least_weights, needs.least_weights));
}

}  // namespace

Room room_of(const Config& config, const OpDescription& op) {
  const Bytes half(config.buffer.count() / 2);
  const std::int64_t banks = config.buffer_banks / 2;
  if (banks < 2 || !op.single_nest()) return {.input = half, .weights = half, .shared = half};
  const Bytes bank(config.buffer.count() / config.buffer_banks);
  const Needs needs = needs_of(config, op);
  const Bytes together = bank * (banks - 1);
  Room best{.input = together, .weights = together, .shared = together};
  double least = shared_traffic(needs, together);
  for (std::int64_t inputs = 1; inputs < banks; ++inputs) {
    const Room split{.input = bank * inputs, .weights = bank * (banks - inputs), .shared = half};
    const double bytes = traffic(needs, split.input, split.weights);
    // Of two banks each operand has one: that holds all that both could share.
    if (bytes < least || banks == 2) {
      least = bytes;
      best = split;
    }
  }
  return best;
}

}  // namespace chipcast::npu
