// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/evaluate.h"

#include "accelerators/spatial/nest_view.h"
#include "accelerators/spatial/transfers.h"
#include "accelerators/spatial/zigzag_rules.h"

namespace chipcast::spatial {
namespace {

void book(NestCost& cost, Operand operand, std::size_t link, const LinkTransfers& transfers) {
  for (const auto& [direction, name] : enum_names(Direction{})) {
    const Transfer& transfer = transfers.at[index(direction)];
    if (transfer.link == nullptr) continue;
    const bool upper = direction == Direction::tl || direction == Direction::fl;
    LevelCost& level = cost.levels[index(operand)][upper ? link : link - 1];
    level.elements[index(direction)] += transfer.elements;
    level.accesses[index(direction)] += transfer.accesses;
    level.energy_pj += transfer.energy_pj;
  }
}

}  // namespace

double NestCost::energy_pj() const {
  double sum = mac_energy_pj;
  for (const auto& operand : levels) {
    for (const LevelCost& level : operand) sum += level.energy_pj;
  }
  return sum;
}

NestCost evaluate(const Hierarchy& hierarchy, const Layer& layer, const NestMapping& mapping,
                  const Modelling& modelling) {
  if (modelling.rules == Rules::zigzag) return evaluate_zigzag(hierarchy, layer, mapping, modelling);
  SpatialView view;
  view_of(hierarchy, layer, spatial_factors(hierarchy, mapping.spatial), false, view);
  NestCost cost;
  Waits waits;
  NestView nest;
  LinkTransfers transfers;
  for (const auto& [operand, name] : enum_names(Operand{})) {
    view_nest(hierarchy, mapping, modelling.rules, operand, nest);
    for (std::size_t link = 0; link < hierarchy.depth[index(operand)]; ++link) {
      transfers_of(hierarchy, layer, view, modelling.rules, operand, link, nest.cuts[link], transfers);
      book(cost, operand, link, transfers);
      add_waits(transfers, modelling.rules, operand, link, waits);
    }
  }
  cost.compute_cycles = nest.iterations;
  cost.mac_energy_pj = hierarchy.mac_energy_pj * static_cast<double>(layer.macs());
  const WaitCycles cycles = cycles_of(waits, hierarchy.ports, cost.compute_cycles, modelling);
  cost.stall_cycles = cycles.stall;
  cost.onload_cycles = cycles.onload;
  cost.offload_cycles = cycles.offload;
  return cost;
}

bool fits(const Hierarchy& hierarchy, const Layer& layer, const NestMapping& mapping, const Modelling& modelling) {
  if (modelling.rules == Rules::zigzag) return fits_zigzag(hierarchy, layer, mapping);
  SpatialView view;
  view_of(hierarchy, layer, spatial_factors(hierarchy, mapping.spatial), false, view);
  std::array<double, kMaxMemories> used{};
  NestView nest;
  for (const auto& [operand, name] : enum_names(Operand{})) {
    view_nest(hierarchy, mapping, modelling.rules, operand, nest);
    for (std::size_t l = 0; l < hierarchy.depth[index(operand)]; ++l) {
      const Block& inside = l + 1 < hierarchy.depth[index(operand)] ? nest.cuts[l + 1].inside : nest.all;
      const double tile = clipped_tile(layer, operand, inside, view.links[index(operand)].below[l]);
      used[static_cast<std::size_t>(hierarchy.level(operand, l).memory)] +=
          room_of(hierarchy, layer, view, operand, l, tile, nest.cuts[l].sums_open);
    }
  }
  for (std::size_t m = 0; m < hierarchy.memories; ++m) {
    if (used[m] > hierarchy.capacity[m]) return false;
  }
  return true;
}

}  // namespace chipcast::spatial
