// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "accelerators/tile_geometry.h"
#include "mappers/tiling/law.h"
#include "mappers/tiling/ranking.h"
#include "mappers/tiling/search.h"
#include "mappers/tiling/space.h"

namespace chipcast::tiling {
namespace {

/// Fewest pieces that fit, and most that are worth looking at.
struct PieceRange {
  std::int64_t least = 1, most = 1;
};

LeastPieces within(const char* buffer, Bytes bytes, Bytes room) {
  const std::int64_t count = ceil_div(bytes.count(), std::max<std::int64_t>(1, room.count()));
  return {.count = std::max<std::int64_t>(1, count), .buffer = buffer, .bytes = bytes, .room = room};
}

PieceRange range_of(const OpDescription& op, const Device& device) {
  const std::int64_t in = (op.input_bytes + op.weight_bytes).count(), out = op.output_bytes.count();
  const std::int64_t fit = least_pieces(op, device).count;
  // A piece below one DMA chunk would be all latency.
  const std::int64_t useful = std::max<std::int64_t>(1, std::max(in, out) / device.dma(EngineKind::load).chunk.count());
  return {fit, std::max({fit, device.tilings(op).min_pieces, std::min(useful, kMostPieces)})};
}

double root_bound(const Traffic& traffic, const Prices& prices, Objective objective) {
  const OpDescription& op = prices.op();
  const ComputePrice compute = prices.compute(OpTile{.pieces = 1});
  const TransferPrice in = prices.load(traffic.loose_input);
  const TransferPrice out = prices.store(traffic.result ? op.output_bytes : Bytes(0));
  const double total = std::max(prices.launch_ps() + compute.ps, in.ps + out.ps);
  return value_of(objective, prices, total, compute.joules + in.joules + out.joules);
}

}  // namespace

LeastPieces least_pieces(const OpDescription& op, const Device& device) {
  const TilingSpace space = device.tilings(op);
  const bool shared = space.shared_capacity > Bytes(0) && space.shared_capacity < space.input_capacity;
  const LeastPieces inputs = within(shared ? "shared input and weight" : "input", op.input_bytes + op.weight_bytes,
                                    shared ? space.shared_capacity : space.input_capacity);
  const LeastPieces outputs = within("output", op.output_bytes, space.output_capacity);
  return outputs.count > inputs.count ? outputs : inputs;
}

Plan search_pieces(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                   const SearchOptions& options) {
  const Prices prices(op, slot, true);
  const auto [least, most] = range_of(op, *slot.device);
  Ranking ranking;
  for (std::int64_t pieces = least; pieces <= most; ++pieces) {
    const Sums sums = sums_of_pieces(pieces, traffic, prices);
    ranking.add({.tile = {.pieces = pieces},
                 .value = value_of(options.objective, prices, sums.total_ps(prices.launch_ps()), sums.joules),
                 .traffic = sums.load_bytes + sums.store_bytes,
                 .tiles = sums.tiles});
  }
  Plan plan{.nested = false, .tile = ranking.best()->tile};
  fill(plan, sums_of_pieces(plan.tile.pieces, traffic, prices), prices);
  PlanRecord record{.objective = options.objective,
                    .value = ranking.best()->value,
                    .lower_bound = root_bound(traffic, prices, options.objective),
                    .evaluated = most - least + 1,
                    .considered = most - least + 1};
  if (const auto& second = ranking.second()) {
    record.runner_up = to_text({.nested = false, .tile = second->tile, .tiles = second->tiles});
    record.runner_up_value = second->value;
  }
  plan.record = std::make_shared<const PlanRecord>(std::move(record));
  return plan;
}

}  // namespace chipcast::tiling
