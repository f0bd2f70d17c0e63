// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "mappers/contract.h"

/// Cutting one operator into tiles that fit a device's double buffers.
namespace chipcast::tiling {

/// Operands that a device's cache holds whole: however often tiles come back to them, they cross the port once.
struct Reuse {
  bool first_operand = false, other_operands = false;
};
Reuse reuse_of(const OpDescription& op, const Device& device);

/// A way to cut an operator. Extents are those of a full tile; the last one along an axis may be smaller.
struct Plan {
  std::shared_ptr<const Schedule> schedule{};  ///< the device's own; the rest of the cut is unused then
  bool nested = false;                         ///< over a loop nest; otherwise `tile.pieces` equal pieces
  OpTile tile{};
  bool weights_outer = true;  ///< weights stay while rows pass; otherwise rows stay while weights pass
  std::int64_t tiles = 1;
  Cycles compute{};  ///< sums over all tiles
  Bytes loads{}, stores{};
  Time latency{};  ///< estimate: first load + max(compute, transfers) + last store
};

/// Where a tile starts in its loop nest: batch, group, output channel, row, column, input channel. Pieces of an
/// operator without a single nest have a number.
struct Position {
  std::int64_t b = 0, g = 0, k = 0, h = 0, w = 0, c = 0;
  std::int64_t piece = 0;
};

/// One tile in the order of execution.
struct Step {
  OpTile tile;
  Bytes input, weights, output;             ///< what crosses the port for it; 0 where resident or still in the buffer
  Position at{};                            ///< for_each_step only
  const ScheduleStep* scheduled = nullptr;  ///< what it is in the device's own schedule, where the plan has one
};

/// The device's own schedule where it has one; otherwise the plan with the least estimated latency (least traffic, then
/// fewest tiles, where equal), none where not even the smallest tile fits the device's buffers.
std::optional<Plan> find(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic);

/// The same where a plan is needed. Throws InputError where there is none.
Plan choose(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic);

/// Why there is none: bytes of the smallest tile of a loop nest, and what there is room for.
std::string shortage(const OpDescription& op, const Device& device);

/// Calls `visit` for every tile in order.
void for_each_step(const OpDescription& op, const Device& device, const Plan& plan, const Traffic& traffic,
                   const std::function<void(const Step&)>& visit);

/// Steps that look alike, and how many there are.
struct StepClass {
  Step step;
  std::int64_t count = 1;
  bool first = true, last = true;  ///< holds the first, the last step of all
};

/// The same steps as for_each_step, counted rather than walked: a handful of classes whatever the number of
/// tiles. In no particular order.
void for_each_step_class(const OpDescription& op, const Device& device, const Plan& plan, const Traffic& traffic,
                         const std::function<void(const StepClass&)>& visit);

/// One step of a device's schedule.
Step step_of(const ScheduleStep& some);

/// What a step computes.
TileWork work_of(const OpDescription& op, const Device& device, const Step& step);

/// Share `index` of `pieces` of some bytes: the shares add up exactly, the larger ones come first.
Bytes piece(Bytes whole, std::int64_t index, std::int64_t pieces);

/// "12 tiles of 32 channels x 14 rows, weights outer"
std::string to_text(const Plan& plan);

}  // namespace chipcast::tiling
