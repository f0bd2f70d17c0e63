// SPDX-License-Identifier: Apache-2.0
#include "accelerators/scheduled_device.h"

#include <algorithm>
#include <cmath>

#include "accelerators/shares.h"
#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

/// Pieces that overlap transfers and computing; more gain little, and memories like long transfers.
constexpr std::int64_t kUsualPieces = 16;
/// Pieces of any operator.
constexpr std::int64_t kMostPieces = 2048;
/// Transactions of an operator: minutes of simulating.
constexpr std::int64_t kMostChunks = std::int64_t{1} << 24;

double real(std::int64_t n) { return static_cast<double>(n); }

void check_size(const OpDescription& op, const Schedule& schedule, Bytes load_chunk, Bytes store_chunk) {
  double loaded = 0.0, stored = 0.0;
  for (const ScheduleStep& step : schedule.steps) {
    loaded += real(step.count) * (real(step.input.count()) + real(step.weights.count()));
    stored += real(step.count) * real(step.output.count());
  }
  const double chunks = loaded / real(load_chunk.count()) + stored / real(store_chunk.count());
  if (chunks <= real(kMostChunks)) return;
  const Bytes moved(static_cast<std::int64_t>(std::min((loaded + stored) / 1e9, 9e9)) * 1'000'000'000);
  throw InputError(op.name, op.label + " would move " + to_text(moved) + ", more than " + std::to_string(kMostChunks) +
                                " transactions of " + to_text(load_chunk) +
                                "; cut it into smaller operators, or enlarge dma.chunk or the buffers");
}

}  // namespace

std::optional<Schedule> ScheduledDevice::schedule(const OpDescription& op, const Traffic& traffic) const {
  Schedule schedule = own_schedule(op, traffic);
  check_size(op, schedule, dma(EngineKind::load).chunk, dma(EngineKind::store).chunk);
  return schedule;
}

TilingSpace ScheduledDevice::tilings(const OpDescription&) const {
  const Bytes any(std::int64_t{1} << 60);
  return {.input_capacity = any,
          .weight_capacity = any,
          .output_capacity = any,
          .shared_capacity = Bytes(0),
          .partial_capacity = any};
}

Bytes ScheduledDevice::input_bytes(const OpDescription& op, const OpTile& tile) const {
  if (!op.single_nest()) return piece_input(op, tile);
  return Bytes(ceil_div(input_elements(tiling_nest(op), tile) * bits_of(op.compute_dtype), std::int64_t{8}));
}

Bytes ScheduledDevice::weight_bytes(const OpDescription& op, const OpTile& tile) const {
  return weight_share(op, tile);
}

Bytes ScheduledDevice::output_bytes(const OpDescription& op, const OpTile& tile) const {
  return output_share(op, tile);
}

TileWork ScheduledDevice::cost(const OpDescription& op, const OpTile& tile) const {
  const bool nested = op.single_nest();
  const std::int64_t macs = nested ? tile_macs(tiling_nest(op), tile) : piece_macs(op, tile);
  const double share = nested ? real(macs) / real(op.macs.count()) : 1.0 / real(tile.pieces);
  const auto part = [&](std::int64_t n) { return static_cast<std::int64_t>(std::ceil(real(n) * share - 1e-9)); };
  TileWork work = work_of(op);
  for_each_count(work, [&]<class T>(T& value) { value = T(part(count_of(value))); });
  for (auto& some : work.activity) some.count *= share;
  work.macs = Ops(macs);
  return work;
}

ScheduleStep loose_step(const OpDescription& op, const Traffic& traffic) {
  const Bytes first = traffic.first_operand ? std::min(first_operand_bytes(op), traffic.loose_input) : Bytes(0);
  return {
      .input = first, .weights = traffic.loose_input - first, .output = traffic.result ? op.output_bytes : Bytes(0)};
}

Schedule ScheduledDevice::in_pieces(const OpDescription& op, const ScheduleStep& whole, Bytes load_room,
                                    Bytes store_room) const {
  const Bytes in = op.input_bytes + op.weight_bytes, out = op.output_bytes;
  const std::int64_t fit = std::max(ceil_div(in.count(), load_room.count()), ceil_div(out.count(), store_room.count()));
  const std::int64_t useful = std::max(in, out).count() / dma(EngineKind::load).chunk.count();
  const std::int64_t parts = std::clamp<std::int64_t>(std::max(fit, std::min(useful, kUsualPieces)), 1, kMostPieces);
  return {.steps = equal_steps(whole, parts),
          .text = std::to_string(parts) + (parts == 1 ? " piece" : " pieces of equal size")};
}

}  // namespace chipcast
