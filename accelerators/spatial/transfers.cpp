// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/transfers.h"

#include <algorithm>
#include <cmath>

namespace chipcast::spatial {
namespace {

/// Elements moved in one period on average: a loop along which windows slide brings whole tiles only at its start.
/// Multipliers keep no window.
double moved(const Layer& layer, Operand operand, std::size_t link, const Block& below, const Cut& cut, double tile) {
  if (operand != Operand::I || link == 0 || cut.next_factor <= 1.0 || !slides(cut.next)) return tile;
  Block swept = cut.inside;
  swept[index(cut.next)] *= cut.next_factor;
  return clipped_tile(layer, operand, swept, below) / cut.next_factor;
}

void count_transfer(Transfer& out, const Hierarchy::Link& link, Rules rules, double elements, double bits, double count,
                    double instances) {
  if (count <= 0.0) return;
  out.link = &link;
  out.bits = elements * bits;
  out.count = count;
  out.elements = elements * count * instances;
  if (rules == Rules::timeloop) {
    out.cycles = out.bits / link.bandwidth;
    out.accesses = std::ceil(out.bits * count / link.access_bits) * instances;
    out.energy_pj = out.accesses * link.energy_per_granule * (link.access_bits / link.granule);
    return;
  }
  out.cycles = std::ceil(out.bits / link.bandwidth);
  const double granules = std::ceil(out.bits / link.granule) * count * instances;
  out.accesses = granules * (link.granule / link.access_bits);
  out.energy_pj = granules * link.energy_per_granule;
}

}  // namespace

double clipped_tile(const Layer& layer, Operand operand, const Block& inside, const Block& below) {
  Block n;
  for (std::size_t d = 0; d < kLoopDims; ++d)
    n[d] = std::min(inside[d] * below[d], static_cast<double>(layer.sizes[d]));
  return tile_size(layer, operand, n);
}

double width_of(const Hierarchy& hierarchy, const Layer& layer, Operand operand, std::size_t level, bool partial) {
  const std::int64_t own = hierarchy.level(operand, level).bits;
  if (own > 0) return static_cast<double>(own);
  switch (operand) {
    case Operand::W:
      return static_cast<double>(layer.weight_bits);
    case Operand::I:
      return static_cast<double>(layer.input_bits);
    case Operand::O:
      break;
  }
  return static_cast<double>(partial ? layer.partial_bits : layer.output_bits);
}

void transfers_of(const Hierarchy& hierarchy, const Layer& layer, const SpatialView& view, Rules rules, Operand operand,
                  std::size_t link, const Cut& cut, LinkTransfers& out) {
  out = {};
  const SpatialView::Links& links = view.links[index(operand)];
  const bool output = operand == Operand::O;
  const Hierarchy::Level& upper = hierarchy.level(operand, link);
  const bool partial = output && (cut.sums_open || links.sums_above[link]);
  const double again = output ? cut.count - cut.first : 0.0;

  double low_each;  // of what hangs on one instance of the upper memory
  const Block alone = link > 0 ? links.below[link - 1] : Block{1, 1, 1, 1, 1, 1, 1, 1};
  out.tile = clipped_tile(layer, operand, cut.inside, alone);
  const double high_each = moved(layer, operand, link, alone, cut, out.tile);
  const bool together = output ? upper.reduction : upper.multicast;
  if (together) {
    out.first_low = clipped_tile(layer, operand, cut.inside, links.below[link]);
    low_each = moved(layer, operand, link, links.below[link], cut, out.first_low);
  } else {
    out.first_low = out.tile * links.fan_out[link];
    low_each = high_each * links.fan_out[link];
  }

  out.low_bits = width_of(hierarchy, layer, operand, link, partial);
  const double low_instances = links.instances[link + 1];
  const auto low = [&](Direction direction, double count) {
    count_transfer(out.at[index(direction)], upper.links[index(direction)], rules, low_each, out.low_bits, count,
                   low_instances);
  };
  low(output ? Direction::fl : Direction::tl, cut.count);
  if (output) low(Direction::tl, again);

  out.window = cut.period;
  if (link == 0) return;
  const Hierarchy::Level& lower = hierarchy.level(operand, link - 1);
  out.high_bits = width_of(hierarchy, layer, operand, link - 1, partial);
  const auto high = [&](Direction direction, double count) {
    count_transfer(out.at[index(direction)], lower.links[index(direction)], rules, high_each, out.high_bits, count,
                   links.instances[link]);
  };
  // Timeloop does not count the reads of results on their way out.
  if (!output || rules != Rules::timeloop) high(output ? Direction::th : Direction::fh, cut.count);
  if (output) high(Direction::fh, again);
  const auto memory = static_cast<std::size_t>(lower.memory);
  const bool held_once = lower.buffering == Buffering::single ||
                         (lower.buffering == Buffering::where_free &&
                          2.0 * out.tile * out.high_bits * hierarchy.sharers[memory] > hierarchy.capacity[memory]);
  if (held_once && rules != Rules::timeloop) out.window = cut.period / cut.waits;
}

double room_of(const Hierarchy& hierarchy, const Layer& layer, const SpatialView& view, Operand operand,
               std::size_t level, double tile, bool sums_open) {
  const bool partial = operand == Operand::O && (sums_open || view.links[index(operand)].sums_above[level]);
  const double bits = tile * width_of(hierarchy, layer, operand, level, partial);
  const Hierarchy::Level& at = hierarchy.level(operand, level);
  const auto memory = static_cast<std::size_t>(at.memory);
  const bool twice =
      at.buffering == Buffering::twofold ||
      (at.buffering == Buffering::where_free && 2.0 * bits * hierarchy.sharers[memory] <= hierarchy.capacity[memory]);
  return twice ? 2.0 * bits : bits;
}

void add_waits(const LinkTransfers& transfers, Rules rules, Operand operand, std::size_t link, Waits& waits) {
  // Timeloop has no first and last transfer: everything overlaps.
  const double steady = rules == Rules::timeloop ? 0.0 : 1.0;
  for (const Transfer& transfer : transfers.at) {
    if (transfer.link == nullptr || transfer.count <= steady) continue;
    const auto port = static_cast<std::size_t>(transfer.link->port);
    const double times = transfer.count - steady;
    const double late = std::max(0.0, transfer.cycles - transfers.window) * times;
    waits.stall[port] += late;
    waits.busy[port] += transfer.cycles * times;
    waits.single = std::max(waits.single, late);
  }
  if (link == 0 || rules == Rules::timeloop) return;
  const bool output = operand == Operand::O;
  const Transfer& upper = transfers.at[index(output ? Direction::fl : Direction::tl)];
  const Transfer& lower = transfers.at[index(output ? Direction::th : Direction::fh)];
  // The first tile is a whole one, however far its successors slide.
  const auto first = [](double bits, const Transfer& at) { return std::ceil(bits / at.link->bandwidth); };
  const double upper_cycles = first(transfers.first_low * transfers.low_bits, upper);
  const double lower_cycles = first(transfers.tile * transfers.high_bits, lower);
  if (output) {
    waits.offload += std::max(upper_cycles, lower_cycles);
    return;
  }
  waits.onload[index(operand)] += std::max(upper_cycles, lower_cycles);
  waits.fill[static_cast<std::size_t>(upper.link->port)] += upper_cycles;
  waits.fill[static_cast<std::size_t>(lower.link->port)] += lower_cycles;
}

WaitCycles cycles_of(const Waits& waits, std::size_t ports, double compute, const Modelling& modelling) {
  WaitCycles out;
  if (modelling.no_contention) {
    out.stall = waits.single;
  } else {
    for (std::size_t p = 0; p < ports; ++p) {
      out.stall = std::max({out.stall, waits.stall[p], waits.busy[p] - compute});
    }
  }
  if (modelling.no_fill) return out;
  out.onload = std::max(waits.onload[0], waits.onload[1]);
  if (!modelling.no_contention) {
    for (std::size_t p = 0; p < ports; ++p) out.onload = std::max(out.onload, waits.fill[p]);
  }
  out.offload = waits.offload;
  return out;
}

}  // namespace chipcast::spatial
