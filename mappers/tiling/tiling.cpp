// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/tiling.h"

#include <algorithm>
#include <stdexcept>

#include "accelerators/tile_geometry.h"
#include "mappers/tiling/law.h"
#include "mappers/tiling/memo.h"
#include "mappers/tiling/search.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast::tiling {
namespace {

/// The device's own schedule, checked against what it promises; null where it has none.
std::shared_ptr<const Schedule> made_schedule(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) {
  auto schedule = slot.device->schedule(op, traffic);
  if (!schedule) return nullptr;
  Ops macs;
  for (const ScheduleStep& step : schedule->steps) {
    CHIPCAST_ASSERT(step.count > 0);
    macs += step.work.macs * step.count;
  }
  CHIPCAST_ASSERT(!schedule->steps.empty());
  CHIPCAST_ASSERT(macs == op.macs);
  return std::make_shared<const Schedule>(*std::move(schedule));
}

std::shared_ptr<const Schedule> schedule_of(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) {
  const auto key = schedule_key(op, slot, traffic);
  if (!key) return made_schedule(op, slot, traffic);
  if (auto known = known_schedule(*key)) return *std::move(known);
  auto made = made_schedule(op, slot, traffic);
  keep_schedule(*key, made);
  return made;
}

Plan take(std::shared_ptr<const Schedule> schedule, const OpDescription& op, const DeviceSlot& slot) {
  Plan plan{.schedule = std::move(schedule)};
  const Prices prices(op, slot, true);
  fill(plan, sums_of(*plan.schedule, prices), prices);
  return plan;
}

std::optional<Plan> find_plan(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                              const SearchOptions& options) {
  if (auto own = schedule_of(op, slot, traffic)) return take(std::move(own), op, slot);
  if (op.macs > Ops(0) && op.single_nest()) return search_nest(op, slot, traffic, options);
  return search_pieces(op, slot, traffic, options);
}

}  // namespace

std::optional<Plan> find(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                         const SearchOptions& options) try {
  return find_plan(op, slot, traffic, options);
} catch (const std::range_error& error) {
  throw InputError(op.name, op.label + " on " + slot.name + ": " + error.what());
}

Plan choose(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic, const SearchOptions& options) {
  const auto plan = find(op, slot, traffic, options);
  if (plan) return *plan;
  throw InputError(op.name, op.label + " does not fit the buffers of " + slot.name + ": " + shortage(op, *slot.device) +
                                "; enlarge them or place it elsewhere");
}

Plan estimate(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic, Plan cut) {
  if (!cut.schedule && cut.nested) {
    fill_nest(cut, op, slot, traffic);
    return cut;
  }
  const Prices prices(op, slot, true);
  fill(cut, cut.schedule ? sums_of(*cut.schedule, prices) : sums_of_pieces(cut.tile.pieces, traffic, prices), prices);
  return cut;
}

double value_of(const OpDescription& op, const DeviceSlot& slot, const Plan& plan, Objective objective) {
  const Clock clock(slot.device->clock());
  const Time all = clock.after(Time(), slot.device->launch(op).cycles) + plan.latency;
  if (objective == Objective::latency) return all.seconds().count();
  return plan.energy.count() * (objective == Objective::edp ? all.seconds().count() : 1.0);
}

std::string shortage(const OpDescription& op, const Device& device) {
  const LoopNest nest = tiling_nest(op);
  const TilingSpace space = device.tilings(op);
  const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
  const OpTile smallest{
      .groups = per_channel ? std::min(nest.groups, space.channel_step) : 1,
      .out_channels = per_channel ? 1 : std::min(nest.out_channels, space.channel_step),
      .in_channels = space.split_in_channels ? std::min(nest.in_channels, space.in_channel_step) : nest.in_channels};
  const Bytes input = device.input_bytes(op, smallest), weights = device.weight_bytes(op, smallest);
  std::string text = "its smallest tile has " + to_text(input) + " of inputs and " + to_text(weights) + " of weights, ";
  if (space.shared_capacity > Bytes(0) && input + weights > space.shared_capacity) {
    return text + "they share " + to_text(space.shared_capacity);
  }
  return text + "there is room for " + to_text(space.input_capacity) + " and " + to_text(space.weight_capacity);
}

}  // namespace chipcast::tiling
