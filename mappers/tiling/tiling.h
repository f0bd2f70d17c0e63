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

/// What a plan's time goes into, of four: its tiles' cycles, their transfers, the operator's launch, and filling and
/// draining the pipeline of the three.
enum class Limit { compute, memory, launch, fill };
constexpr std::array<std::pair<Limit, std::string_view>, 4> enum_names(Limit) {
  return {{{Limit::compute, "compute"}, {Limit::memory, "memory"}, {Limit::launch, "launch"}, {Limit::fill, "fill"}}};
}

/// How a plan was found.
struct PlanRecord {
  Objective objective{Objective::latency};
  double value = 0.0;           ///< of the plan: seconds from launch to last store, joules, or their product
  double lower_bound = 0.0;     ///< whole operator in one tile, each operand across the port once
  std::int64_t evaluated = 0;   ///< plans whose estimate was computed
  std::int64_t considered = 0;  ///< and those that their own transfers bounded away; all others went in larger groups
  bool exact = true;            ///< no plan of the space is better; otherwise the budget ran out
  std::string warning{};        ///< what to think of a search that is not exact
  std::string runner_up{};      ///< the best plan with another tile or order; empty where there is only one
  double runner_up_value = 0.0;
};

/// A way to cut an operator. Extents are those of a full tile; the last one along an axis may be smaller.
struct Plan {
  std::shared_ptr<const Schedule> schedule{};  ///< the device's own; the rest of the cut is unused then
  bool nested = false;                         ///< over a loop nest; otherwise `tile.pieces` equal pieces
  OpTile tile{};
  bool weights_outer = true;  ///< weights stay while rows pass; otherwise rows stay while weights pass
  std::int64_t tiles = 1;
  Cycles compute{};  ///< sums over all tiles
  Bytes loads{}, stores{};
  Time latency{};    ///< estimate: from the end of the launch, under which the first load hides, to the last store
  Joules dynamic{};  ///< estimate: actions, transfers, active power while computing; launch excluded
  Joules energy{};   ///< the same and static power over launch and latency
  Limit limit{Limit::compute};
  std::shared_ptr<const PlanRecord> record{};  ///< none where the plan was given, not found
};

/// What a search is asked for.
struct SearchOptions {
  Objective objective{Objective::latency};
  std::int64_t budget{MappingOptions{}.tile_budget};  ///< plans estimated; ten times as many may be looked at
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

/// The device's own schedule where it has one; otherwise the plan that makes the estimate of the objective least (least
/// traffic, then fewest tiles, where equal), none where not even the smallest tile fits the device's buffers.
std::optional<Plan> find(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                         const SearchOptions& options = {});

/// The same where a plan is needed. Throws InputError where there is none.
Plan choose(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic, const SearchOptions& options = {});

/// `cut` with its sums and estimates: the law that the search goes by, for any plan, whether it fits or not.
Plan estimate(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic, Plan cut);

/// What a plan makes of an objective: seconds of launch and latency, joules, or their product.
double value_of(const OpDescription& op, const DeviceSlot& slot, const Plan& plan, Objective objective);

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

/// How it was found, for people: "best of its space, 412 plans estimated, 1.2 % above its bound; limited by memory;
/// runner-up 9 tiles of ... loses 0.4 %". `memory` names what stands behind the port.
std::string explain(const Plan& plan, const std::string& memory);

}  // namespace chipcast::tiling
