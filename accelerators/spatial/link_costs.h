// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>
#include <optional>
#include <vector>

#include "accelerators/spatial/lattice.h"
#include "accelerators/spatial/transfers.h"
#include "accelerators/spatial/zigzag_rules.h"

namespace chipcast::spatial {

/// What one cut costs, ready to be added up.
struct LinkCost {
  double energy_pj = 0.0;
  std::array<double, kDirections> busy{}, stall{};  ///< cycles by Direction
  std::array<std::int32_t, kDirections> port{{-1, -1, -1, -1}};
  double single = 0.0;                                   ///< longest wait alone
  double way = 0.0, fill_upper = 0.0, fill_lower = 0.0;  ///< cycles of the first (outputs: last) tile
  double room = 0.0, room_open = 0.0;  ///< bits in the memory below the cut, of whole and of partial sums
};

/// Costs of the cuts of a layer with a given unrolling, at every point of the lattice, and what the cuts that are
/// still to be placed cost at least.
class LinkCosts {
 public:
  LinkCosts(const Hierarchy& hierarchy, const Layer& layer, const std::vector<SpatialLoop>& spatial,
            const Extents& temporal, const Modelling& modelling);

  const Lattice& lattice() const { return lattice_; }
  double iterations() const { return iterations_; }
  /// The cut of link `link` at a point; no slide, and no waiting for repetitions.
  const LinkCost& plain(Operand operand, std::size_t link, std::int32_t point) const {
    return table_[index(operand)][link * points() + static_cast<std::size_t>(point)];
  }
  /// The same with `waits` repetitions just inside and a loop just outside.
  LinkCost exact(Operand operand, std::size_t link, std::int32_t point, double waits, LoopDim next,
                 double next_factor) const;

  /// Partial sums are still added to outside the point.
  bool sums_open(std::int32_t point) const { return sums_open_[static_cast<std::size_t>(point)]; }

  /// Least energy of the links from `link` on, placed at the point or outside it; infinite where none fits.
  double least_energy(Operand operand, std::size_t link, std::int32_t point) const {
    return least_energy_[index(operand)][link * points() + static_cast<std::size_t>(point)];
  }
  /// Least cycles that they keep a port busy.
  double least_busy(std::size_t active, Operand operand, std::size_t link, std::int32_t point) const {
    return least_busy_[active][index(operand)][link * points() + static_cast<std::size_t>(point)];
  }

  /// Most cycles that they can keep it busy.
  double most_busy(std::size_t active, Operand operand, std::size_t link, std::int32_t point) const {
    return most_busy_[active][index(operand)][link * points() + static_cast<std::size_t>(point)];
  }
  /// Least cycles of their first (outputs: last) tiles.
  double least_way(Operand operand, std::size_t link, std::int32_t point) const {
    return least_way_[index(operand)][link * points() + static_cast<std::size_t>(point)];
  }

  /// Ports that can be in the way of some mapping: all others are left out.
  const std::vector<std::int32_t>& active_ports() const { return active_; }
  /// A memory of the operand is not always double-buffered, so that it matters what repeats just inside a cut.
  bool waits_matter(Operand operand) const { return waits_matter_[index(operand)]; }
  /// Bits that tensors take all the time in memories that are their outermost.
  double resident(std::size_t memory) const { return resident_[memory]; }

 private:
  std::size_t points() const { return static_cast<std::size_t>(lattice_.points()); }
  Cut cut_at(Operand operand, std::int32_t point) const;
  void fill_table();
  void find_active();
  void find_bounds(Operand operand);
  double capacity_below(Operand operand, std::size_t link) const;
  /// With the loop outside that saves most.
  LinkCost cheapest(Operand operand, std::size_t link, std::int32_t point) const;

  const Hierarchy& hierarchy_;
  const Layer& layer_;
  Modelling modelling_;
  Lattice lattice_;
  SpatialView view_;
  ZigzagViews zigzag_;
  double iterations_ = 1.0;
  std::array<double, kOperands> relevant_all_{1.0, 1.0, 1.0};
  double sums_all_ = 1.0;
  std::vector<Block> blocks_;
  std::vector<bool> sums_open_;
  std::array<std::vector<LinkCost>, kOperands> table_, cheapest_;
  std::array<std::vector<double>, kOperands> least_energy_, least_way_;
  std::vector<std::array<std::vector<double>, kOperands>> least_busy_, most_busy_;
  std::vector<std::int32_t> active_;
  std::array<bool, kOperands> waits_matter_{};
  std::array<double, kMaxMemories> resident_{};
};

}  // namespace chipcast::spatial
