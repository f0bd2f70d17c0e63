// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/zigzag_rules.h"

#include <algorithm>
#include <cmath>

#include "accelerators/spatial/nest_view.h"
#include "accelerators/spatial/zigzag_latency.h"

namespace chipcast::spatial {
namespace {

constexpr Block kAlone{1, 1, 1, 1, 1, 1, 1, 1};

/// Windows are counted in whole positions and taps, everything else in means.
double mean_tile(const Layer& layer, Operand operand, const Block& inside, const Block& below) {
  Block n;
  for (std::size_t d = 0; d < kLoopDims; ++d) n[d] = inside[d] * below[d];
  if (operand == Operand::I) {
    for (const LoopDim dim : {LoopDim::OY, LoopDim::OX, LoopDim::FY, LoopDim::FX}) {
      n[index(dim)] = std::floor(n[index(dim)] + 1e-9);
    }
  }
  return tile_size(layer, operand, n);
}

void count_transfer(Transfer& out, const Hierarchy::Link& link, double elements, double bits, double count,
                    double instances) {
  if (count < 1.0 || elements <= 0.0) return;
  out.link = &link;
  out.bits = elements * bits;
  out.count = count;
  out.cycles = std::ceil(out.bits / link.bandwidth);
  out.elements = elements * count * instances;
  const double granules = std::ceil(out.bits / link.granule) * (link.granule / link.access_bits);
  out.accesses = std::floor(granules * count * instances + 1e-6);
  out.energy_pj = out.accesses * link.energy_per_granule * (link.access_bits / link.granule);
}

}  // namespace

void view_zigzag(const Hierarchy& hierarchy, const Layer& layer, const SpatialFactors& factors, const Block& temporal,
                 ZigzagViews& views) {
  SpatialFactors mean = factors;
  Block unrolled = kAlone;
  for (std::size_t f = 0; f < factors.size; ++f) {
    unrolled[index(factors.factors[f].loop)] *= factors.factors[f].factor;
  }
  std::array<bool, kLoopDims> adjusted{};
  for (std::size_t f = mean.size; f-- > 0;) {
    const std::size_t loop = index(mean.factors[f].loop);
    if (adjusted[loop]) continue;
    adjusted[loop] = true;
    mean.factors[f].factor *= static_cast<double>(layer.sizes[loop]) / temporal[loop] / unrolled[loop];
  }
  SpatialFactors whole = mean;
  for (std::size_t f = 0; f < whole.size; ++f) {
    whole.factors[f].factor = std::max(1.0, std::floor(whole.factors[f].factor + 1e-9));
  }
  view_of(hierarchy, layer, mean, true, views.mean);
  view_of(hierarchy, layer, whole, true, views.whole);
}

void transfers_zigzag(const Hierarchy& hierarchy, const Layer& layer, const SpatialView& view, Operand operand,
                      std::size_t link, const Cut& cut, LinkTransfers& out) {
  out = {};
  const SpatialView::Links& links = view.links[index(operand)];
  const bool output = operand == Operand::O;
  const bool partial = output && (cut.sums_open || links.sums_above[link]);
  out.tile = std::nearbyint(mean_tile(layer, operand, cut.inside, link > 0 ? links.below[link - 1] : kAlone));
  out.first_low = out.tile * links.different[link];
  if (output) out.first_low = std::floor(out.first_low);
  out.window = cut.period;
  out.low_bits = width_of(hierarchy, layer, operand, link, partial);
  const Hierarchy::Level& upper = hierarchy.level(operand, link);
  const auto low = [&](Direction direction) {
    count_transfer(out.at[index(direction)], upper.links[index(direction)], out.first_low, out.low_bits, cut.count,
                   links.instances[link + 1]);
  };
  low(output ? Direction::fl : Direction::tl);
  if (partial) low(Direction::tl);
  if (link == 0) return;
  const Hierarchy::Level& lower = hierarchy.level(operand, link - 1);
  out.high_bits = width_of(hierarchy, layer, operand, link - 1, partial);
  const auto high = [&](Direction direction) {
    count_transfer(out.at[index(direction)], lower.links[index(direction)], out.tile, out.high_bits, cut.count,
                   links.instances[link]);
  };
  high(output ? Direction::th : Direction::fh);
  if (partial) high(Direction::fh);
}

double room_zigzag(const Hierarchy& hierarchy, const Layer& layer, const SpatialView& view, Operand operand,
                   std::size_t level, const Block& inside, bool sums_open) {
  const SpatialView::Links& links = view.links[index(operand)];
  const bool partial = operand == Operand::O && (sums_open || links.sums_above[level]);
  return mean_tile(layer, operand, inside, links.below[level]) * width_of(hierarchy, layer, operand, level, partial);
}

NestCost evaluate_zigzag(const Hierarchy& hierarchy, const Layer& layer, const NestMapping& mapping,
                         const Modelling& modelling) {
  NestCost cost;
  ZigzagViews views;
  std::array<NestView, kOperands> nests;
  std::array<ZigzagLinks, kOperands> links;
  for (const auto& [operand, name] : enum_names(Operand{})) {
    view_nest(hierarchy, mapping, Rules::zigzag, operand, nests[index(operand)]);
  }
  view_zigzag(hierarchy, layer, spatial_factors(hierarchy, mapping.spatial), nests[0].all, views);
  for (const auto& [operand, name] : enum_names(Operand{})) {
    const NestView& nest = nests[index(operand)];
    ZigzagLinks& at = links[index(operand)];
    for (std::size_t link = 0; link < hierarchy.depth[index(operand)]; ++link) {
      LinkTransfers mean;
      transfers_zigzag(hierarchy, layer, views.mean, operand, link, nest.cuts[link], mean);
      transfers_zigzag(hierarchy, layer, views.whole, operand, link, nest.cuts[link], at.transfers[link]);
      at.held_bits[link] = mean.tile * mean.high_bits;
      for (const auto& [direction, word] : enum_names(Direction{})) {
        const Transfer& transfer = mean.at[index(direction)];
        if (transfer.link == nullptr) continue;
        const bool upper = direction == Direction::tl || direction == Direction::fl;
        LevelCost& level = cost.levels[index(operand)][upper ? link : link - 1];
        level.elements[index(direction)] += transfer.elements;
        level.accesses[index(direction)] += transfer.accesses;
        level.energy_pj += transfer.energy_pj;
      }
    }
  }
  cost.compute_cycles = nests[0].iterations;
  cost.mac_energy_pj = hierarchy.mac_energy_pj * static_cast<double>(layer.macs());
  add_zigzag_latency({hierarchy, layer, mapping, views, nests, modelling}, links, cost);
  return cost;
}

bool fits_zigzag(const Hierarchy& hierarchy, const Layer& layer, const NestMapping& mapping) {
  ZigzagViews views;
  std::array<double, kMaxMemories> used{};
  NestView nest;
  view_nest(hierarchy, mapping, Rules::zigzag, Operand::O, nest);
  view_zigzag(hierarchy, layer, spatial_factors(hierarchy, mapping.spatial), nest.all, views);
  for (const auto& [operand, name] : enum_names(Operand{})) {
    view_nest(hierarchy, mapping, Rules::zigzag, operand, nest);
    const std::size_t depth = hierarchy.depth[index(operand)];
    for (std::size_t l = 0; l < depth; ++l) {
      used[static_cast<std::size_t>(hierarchy.level(operand, l).memory)] +=
          room_zigzag(hierarchy, layer, views.mean, operand, l, l + 1 < depth ? nest.cuts[l + 1].inside : nest.all,
                      nest.cuts[l].sums_open);
    }
  }
  for (std::size_t m = 0; m < hierarchy.memories; ++m) {
    if (used[m] > hierarchy.capacity[m] * (1.0 + 1e-12)) return false;
  }
  return true;
}

}  // namespace chipcast::spatial
