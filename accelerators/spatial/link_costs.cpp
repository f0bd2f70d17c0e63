// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/link_costs.h"

#include <algorithm>
#include <cmath>

namespace chipcast::spatial {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::array kAll{Operand::W, Operand::I, Operand::O};

LinkCost summed(const LinkTransfers& transfers, Rules rules, Operand operand, std::size_t link) {
  LinkCost out;
  const double steady = rules == Rules::timeloop ? 0.0 : 1.0;
  for (std::size_t d = 0; d < kDirections; ++d) {
    const Transfer& transfer = transfers.at[d];
    if (transfer.link == nullptr) continue;
    out.energy_pj += transfer.energy_pj;
    out.port[d] = transfer.link->port;
    const double times = std::max(0.0, transfer.count - steady);
    out.busy[d] = transfer.cycles * times;
    out.stall[d] = std::max(0.0, transfer.cycles - transfers.window) * times;
    out.single = std::max(out.single, out.stall[d]);
  }
  if (link == 0 || rules == Rules::timeloop) return out;
  const bool output = operand == Operand::O;
  const Transfer& upper = transfers.at[index(output ? Direction::fl : Direction::tl)];
  const Transfer& lower = transfers.at[index(output ? Direction::th : Direction::fh)];
  out.fill_upper = std::ceil(transfers.first_low * transfers.low_bits / upper.link->bandwidth);
  out.fill_lower = std::ceil(transfers.tile * transfers.high_bits / lower.link->bandwidth);
  out.way = std::max(out.fill_upper, out.fill_lower);
  return out;
}

double busy_of(const LinkCost& cost, std::int32_t port) {
  double sum = 0.0;
  for (std::size_t d = 0; d < kDirections; ++d) sum += cost.port[d] == port ? cost.busy[d] : 0.0;
  return sum;
}

}  // namespace

LinkCosts::LinkCosts(const Hierarchy& hierarchy, const Layer& layer, const std::vector<SpatialLoop>& spatial,
                     const Extents& temporal, const Modelling& modelling)
    : hierarchy_(hierarchy), layer_(layer), modelling_(modelling), lattice_(temporal) {
  Block whole;
  for (std::size_t d = 0; d < kLoopDims; ++d) {
    whole[d] = static_cast<double>(temporal[d]);
    iterations_ *= whole[d];
    for (const Operand operand : kAll) {
      if (relevant(operand, static_cast<LoopDim>(d))) relevant_all_[index(operand)] *= whole[d];
    }
    if (!relevant(Operand::O, static_cast<LoopDim>(d))) sums_all_ *= whole[d];
  }
  const SpatialFactors factors = spatial_factors(hierarchy, spatial);
  if (modelling.rules == Rules::zigzag) {
    view_zigzag(hierarchy, layer, factors, whole, zigzag_);
    view_ = zigzag_.mean;
  } else {
    view_of(hierarchy, layer, factors, false, view_);
  }
  for (std::int32_t p = 0; p < lattice_.points(); ++p) {
    blocks_.push_back(lattice_.block(p));
    const Block& b = blocks_.back();
    sums_open_.push_back(b[index(LoopDim::C)] * b[index(LoopDim::FY)] * b[index(LoopDim::FX)] < sums_all_);
  }
  for (const Operand operand : kAll) {
    const std::size_t top = hierarchy.depth[index(operand)] - 1;
    for (std::size_t l = 0; l < top; ++l) {
      const Buffering buffering = hierarchy.level(operand, l).buffering;
      waits_matter_[index(operand)] =
          waits_matter_[index(operand)] || ((buffering == Buffering::single || buffering == Buffering::where_free) &&
                                            modelling.rules != Rules::timeloop);
    }
    const Block& below = view_.links[index(operand)].below[top];
    const auto memory = static_cast<std::size_t>(hierarchy.level(operand, top).memory);
    resident_[memory] +=
        modelling.rules == Rules::zigzag
            ? room_zigzag(hierarchy, layer, view_, operand, top, whole, false)
            : room_of(hierarchy, layer, view_, operand, top, clipped_tile(layer, operand, whole, below), false);
  }
  fill_table();
  find_active();
  least_busy_.resize(active_.size());
  most_busy_.resize(active_.size());
  for (const Operand operand : kAll) {
    find_bounds(operand);
    cheapest_[index(operand)] = {};
  }
}

Cut LinkCosts::cut_at(Operand operand, std::int32_t point) const {
  Cut cut;
  cut.inside = blocks_[static_cast<std::size_t>(point)];
  double inside_relevant = 1.0;
  for (std::size_t d = 0; d < kLoopDims; ++d) {
    cut.period *= cut.inside[d];
    if (relevant(operand, static_cast<LoopDim>(d))) inside_relevant *= cut.inside[d];
  }
  cut.count = iterations_ / cut.period;
  cut.first = relevant_all_[index(operand)] / inside_relevant;
  cut.sums_open = sums_open(point);
  return cut;
}

LinkCost LinkCosts::exact(Operand operand, std::size_t link, std::int32_t point, double waits, LoopDim next,
                          double next_factor) const {
  Cut cut = cut_at(operand, point);
  cut.waits = waits;
  cut.next = next;
  cut.next_factor = next_factor;
  LinkTransfers transfers;
  LinkCost out;
  if (modelling_.rules == Rules::zigzag) {
    transfers_zigzag(hierarchy_, layer_, zigzag_.mean, operand, link, cut, transfers);
    double energy = 0.0;
    for (const Transfer& transfer : transfers.at) energy += transfer.energy_pj;
    transfers_zigzag(hierarchy_, layer_, zigzag_.whole, operand, link, cut, transfers);
    if (link > 0) {
      // ZigZag decides on double buffers with all operands known; this is the share of each.
      const auto memory = static_cast<std::size_t>(hierarchy_.level(operand, link - 1).memory);
      const double share = hierarchy_.capacity[memory] / hierarchy_.sharers[memory];
      if (2.0 * transfers.tile * transfers.high_bits > share) transfers.window = std::floor(cut.period / waits);
    }
    out = summed(transfers, modelling_.rules, operand, link);
    out.energy_pj = energy;
  } else {
    transfers_of(hierarchy_, layer_, view_, modelling_.rules, operand, link, cut, transfers);
    out = summed(transfers, modelling_.rules, operand, link);
  }
  if (link > 0) {
    const auto room = [&](bool open) {
      return modelling_.rules == Rules::zigzag
                 ? room_zigzag(hierarchy_, layer_, view_, operand, link - 1, cut.inside, open)
                 : room_of(hierarchy_, layer_, view_, operand, link - 1, transfers.tile, open);
    };
    out.room = room(false);
    out.room_open = room(true);
  }
  return out;
}

LinkCost LinkCosts::cheapest(Operand operand, std::size_t link, std::int32_t point) const {
  LinkCost least = plain(operand, link, point);
  if (operand != Operand::I || link == 0 || modelling_.rules == Rules::zigzag) return least;
  for (const Lattice::Axis& axis : lattice_.axes()) {
    const std::int64_t inside = axis.divisors[static_cast<std::size_t>(lattice_.place(point, axis))];
    const std::int64_t factor = axis.divisors.back() / inside;
    if (!slides(axis.dim) || factor == 1) continue;
    const LinkCost slid = exact(operand, link, point, 1.0, axis.dim, static_cast<double>(factor));
    least.energy_pj = std::min(least.energy_pj, slid.energy_pj);
    for (std::size_t d = 0; d < kDirections; ++d) least.busy[d] = std::min(least.busy[d], slid.busy[d]);
  }
  return least;
}

void LinkCosts::fill_table() {
  for (const Operand operand : kAll) {
    auto& table = table_[index(operand)];
    table.resize(hierarchy_.depth[index(operand)] * points());
    for (std::size_t link = 0; link < hierarchy_.depth[index(operand)]; ++link) {
      for (std::int32_t p = 0; p < lattice_.points(); ++p) {
        table[link * points() + static_cast<std::size_t>(p)] = exact(operand, link, p, 1.0, LoopDim::B, 1.0);
      }
    }
    auto& cheap = cheapest_[index(operand)];
    cheap.resize(table.size());
    for (std::size_t link = 0; link < hierarchy_.depth[index(operand)]; ++link) {
      for (std::int32_t p = 0; p < lattice_.points(); ++p) {
        cheap[link * points() + static_cast<std::size_t>(p)] = cheapest(operand, link, p);
      }
    }
  }
}

void LinkCosts::find_active() {
  std::array<double, kMaxPorts> most{};
  std::array<bool, kMaxPorts> late{};
  for (const Operand operand : kAll) {
    for (std::size_t link = 0; link < hierarchy_.depth[index(operand)]; ++link) {
      std::array<double, kDirections> busiest{};
      std::array<std::int32_t, kDirections> port{{-1, -1, -1, -1}};
      for (std::int32_t p = 0; p < lattice_.points(); ++p) {
        const LinkCost& cost = plain(operand, link, p);
        for (std::size_t d = 0; d < kDirections; ++d) {
          if (cost.port[d] < 0) continue;
          port[d] = cost.port[d];
          busiest[d] = std::max(busiest[d], cost.busy[d]);
          // Waits can only grow where something repeats inside.
          if (cost.stall[d] > 0.0 || (waits_matter(operand) && link > 0 && cost.busy[d] > 0.0)) {
            late[static_cast<std::size_t>(port[d])] = true;
          }
        }
      }
      for (std::size_t d = 0; d < kDirections; ++d) {
        if (port[d] >= 0) most[static_cast<std::size_t>(port[d])] += busiest[d];
      }
    }
  }
  for (std::size_t p = 0; p < hierarchy_.ports; ++p) {
    if (late[p] || most[p] > iterations_) active_.push_back(static_cast<std::int32_t>(p));
  }
}

void LinkCosts::find_bounds(Operand operand) {
  const std::size_t depth = hierarchy_.depth[index(operand)], n = points();
  auto& energy = least_energy_[index(operand)];
  auto& way = least_way_[index(operand)];
  energy.assign((depth + 1) * n, 0.0);
  way.assign((depth + 1) * n, 0.0);
  for (auto& busy : least_busy_) busy[index(operand)].assign((depth + 1) * n, 0.0);
  for (auto& busy : most_busy_) busy[index(operand)].assign((depth + 1) * n, 0.0);
  std::vector<std::size_t> next;
  const auto& order = lattice_.order();
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const auto p = static_cast<std::size_t>(*it);
    next.clear();
    for (const Lattice::Axis& axis : lattice_.axes()) {
      const std::int32_t place = lattice_.place(*it, axis);
      for (const Lattice::Step& step : axis.least[static_cast<std::size_t>(place)]) {
        next.push_back(p + static_cast<std::size_t>((step.target - place) * axis.stride));
      }
    }
    for (std::size_t link = depth; link-- > 0;) {
      const LinkCost& cost = cheapest_[index(operand)][link * n + p];
      const LinkCost& dear = table_[index(operand)][link * n + p];
      const bool possible = link == 0 || cost.room <= capacity_below(operand, link);
      const auto lowest = [&](std::vector<double>& least, double own) {
        double best = possible ? own + least[(link + 1) * n + p] : kNever;
        for (const std::size_t to : next) best = std::min(best, least[link * n + to]);
        least[link * n + p] = best;
      };
      const auto highest = [&](std::vector<double>& most, double own) {
        double worst = possible ? own + most[(link + 1) * n + p] : 0.0;
        for (const std::size_t to : next) worst = std::max(worst, most[link * n + to]);
        most[link * n + p] = worst;
      };
      lowest(energy, cost.energy_pj);
      lowest(way, cost.way);
      for (std::size_t a = 0; a < active_.size(); ++a) {
        lowest(least_busy_[a][index(operand)], busy_of(cost, active_[a]));
        highest(most_busy_[a][index(operand)], busy_of(dear, active_[a]));
      }
    }
  }
}

double LinkCosts::capacity_below(Operand operand, std::size_t link) const {
  return hierarchy_.capacity[static_cast<std::size_t>(hierarchy_.level(operand, link - 1).memory)] * (1.0 + 1e-12);
}

}  // namespace chipcast::spatial
