// SPDX-License-Identifier: Apache-2.0
// What a program says about its tiles: how they were cut, and how they were searched for.
#include "mappers/emitter.h"
#include "mappers/mapping_tiles.h"
#include "mappers/tile_searches.h"

namespace chipcast {

std::vector<std::optional<TileChoice>> Emitter::tiles() const {
  std::vector<std::optional<TileChoice>> out(problem_.ops.size());
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const Task& task = tasks_.task(i);
    if (!task.slot || task.group || !task.part.whole() || planned_[i]->plan.schedule) continue;
    const TileChoice choice{.tile = planned_[i]->plan.tile, .weights_outer = planned_[i]->plan.weights_outer};
    const Device& device = *problem_.devices[*task.slot].device;
    if (problem_of(tasks_.op(i), device, choice).empty()) out[task.op.index()] = choice;
  }
  return out;
}

std::string Emitter::state_searches(Mapping& mapping) const {
  std::vector<TaskPlan> plans;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const Task& task = tasks_.task(i);
    if (!task.slot || task.group) continue;
    const DeviceSlot& slot = problem_.devices[*task.slot];
    const Planned& planned = *planned_[i];
    // What is given has no estimate yet, from which the text says what limits it.
    const bool known = planned.plan.schedule || planned.plan.record;
    std::string text = tiling::explain(
        known ? planned.plan : tiling::estimate(tasks_.op(i), slot, planned.traffic, planned.plan), problem_.memory);
    if (tasks_.split(task.op)) text = slot.name + " " + to_text(task.part) + ": " + text;
    plans.push_back({.op = task.op, .plan = &planned.plan, .text = std::move(text)});
  }
  return state_tile_searches(plans, problem_.ops, plans_.options().budget, mapping);
}

}  // namespace chipcast
