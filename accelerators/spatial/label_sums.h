// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/spatial/link_costs.h"
#include "accelerators/spatial/search.h"

namespace chipcast::spatial {

inline constexpr std::size_t kMostSums = 96;
/// The sums of a label; only as many as the goal needs are used.
using Sums = std::array<double, kMostSums>;

/// What a label adds up on its way, laid out for a goal: energy, cycles by port, room in shared memories. All of it
/// only grows, so that a label with no larger sum anywhere is no worse, whatever follows.
class LabelSums {
 public:
  /// `cycles` > 0: latency counts too, as a limit.
  LabelSums(const Hierarchy& hierarchy, const LinkCosts& costs, Goal goal, const Modelling& modelling, double cycles,
            double mac_energy_pj);

  std::size_t size() const { return size_; }
  /// Energy at best, whatever the goal: of labels that promise the same the more likely one.
  double energy_hint(const Sums& sums, const std::array<std::size_t, kOperands>& links, std::int32_t point) const;
  void clear(Sums& sums) const;
  void add(Sums& sums, Operand operand, const LinkCost& cost) const;
  /// False where the memory has not that much room left.
  bool take_room(Sums& sums, std::size_t memory, double bits) const;
  double resident(std::size_t memory) const { return costs_.resident(memory); }
  /// Repetitions just inside the point.
  double waits(const Sums& sums, Operand operand) const {
    return waits_ == kNone ? 1.0 : sums[waits_ + index(operand)];
  }
  void repeat(Sums& sums, Operand operand, bool relevant_loop, double factor) const {
    if (waits_ == kNone) return;
    double& at = sums[waits_ + index(operand)];
    at = relevant_loop ? 1.0 : at * factor;
  }
  bool no_worse(const double* a, const double* b) const {
    for (std::size_t i = 0; i < compared_; ++i) {
      if (a[i] > b[i]) return false;
    }
    return true;
  }

  /// The goal's value at best, with `links` cuts placed; infinite where a limit is broken.
  double bound(const Sums& sums, const std::array<std::size_t, kOperands>& links, std::int32_t point) const;
  /// Sums that cannot matter any more become equal: cycles of a port that in any case stays below those of computing.
  void settle(Sums& sums, const std::array<std::size_t, kOperands>& links, std::int32_t point) const;

 private:
  static constexpr std::size_t kNone = kMostSums;
  /// Tiles that are still to come do not fit beside those that shared memories hold already: they only grow.
  bool too_full(const Sums& sums, const std::array<std::size_t, kOperands>& links, std::int32_t point) const;
  double cycles_bound(const Sums& sums, const std::array<std::size_t, kOperands>& links, std::int32_t point) const;
  std::size_t take(std::size_t count = 1) {
    const std::size_t at = size_;
    size_ += count;
    return at;
  }

  const Hierarchy& hierarchy_;
  const LinkCosts& costs_;
  Goal goal_;
  Modelling modelling_;
  double cycles_limit_, mac_energy_pj_;
  std::size_t size_ = 0, compared_ = 0;  ///< the last sum may be a hint only
  std::size_t energy_ = kNone, single_ = kNone, onload_ = kNone, offload_ = kNone, waits_ = kNone;
  std::array<std::size_t, kMaxPorts> busy_{}, stall_{}, fill_{};  ///< by port
  std::array<std::size_t, kMaxMemories> room_{};
  struct Sharer {
    Operand operand;
    std::size_t link, memory;
  };
  std::vector<Sharer> sharers_;      ///< links into shared memories
  std::vector<std::size_t> active_;  ///< active ports that count
};

}  // namespace chipcast::spatial
