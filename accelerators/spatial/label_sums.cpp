// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/label_sums.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast::spatial {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::array kAll{Operand::W, Operand::I, Operand::O};

}  // namespace

LabelSums::LabelSums(const Hierarchy& hierarchy, const LinkCosts& costs, Goal goal, const Modelling& modelling,
                     double cycles, double mac_energy_pj)
    : hierarchy_(hierarchy),
      costs_(costs),
      goal_(goal),
      modelling_(modelling),
      cycles_limit_(cycles),
      mac_energy_pj_(mac_energy_pj) {
  busy_.fill(kNone);
  stall_.fill(kNone);
  fill_.fill(kNone);
  room_.fill(kNone);
  const bool timed = goal != Goal::energy || cycles > 0.0;
  if (goal != Goal::latency) energy_ = take();
  if (timed && modelling.no_contention) single_ = take();
  if (timed && !modelling.no_contention) {
    for (const std::int32_t port : costs.active_ports()) {
      busy_[static_cast<std::size_t>(port)] = take();
      stall_[static_cast<std::size_t>(port)] = take();
    }
  }
  if (timed && !modelling.no_fill && modelling.rules != Rules::timeloop) {
    onload_ = take(2);
    offload_ = take();
    constexpr std::uint8_t both = 3;
    for (std::size_t p = 0; p < hierarchy.ports && !modelling.no_contention; ++p) {
      if ((hierarchy.port_operands[p] & both) == both) fill_[p] = take();
    }
  }
  std::array<int, kMaxMemories> tiles{};
  for (const Operand operand : kAll) {
    for (std::size_t l = 0; l + 1 < hierarchy.depth[index(operand)]; ++l) {
      ++tiles[static_cast<std::size_t>(hierarchy.level(operand, l).memory)];
    }
  }
  for (std::size_t m = 0; m < hierarchy.memories && !hierarchy.architecture.even; ++m) {
    if (tiles[m] > 1) room_[m] = take();
  }
  for (const Operand operand : kAll) {
    for (std::size_t l = 0; l + 1 < hierarchy.depth[index(operand)]; ++l) {
      const auto memory = static_cast<std::size_t>(hierarchy.level(operand, l).memory);
      if (room_[memory] != kNone) sharers_.push_back({operand, l + 1, memory});
    }
  }
  if (timed && std::any_of(kAll.begin(), kAll.end(), [&](Operand o) { return costs.waits_matter(o); })) {
    waits_ = take(kOperands);
  }
  compared_ = size_;
  if (energy_ == kNone) energy_ = take();
  CHIPCAST_ASSERT(size_ <= kMostSums);
}

void LabelSums::clear(Sums& sums) const {
  std::fill_n(sums.begin(), size_, 0.0);
  if (waits_ != kNone) std::fill_n(sums.begin() + static_cast<std::ptrdiff_t>(waits_), kOperands, 1.0);
}

void LabelSums::add(Sums& sums, Operand operand, const LinkCost& cost) const {
  sums[energy_] += cost.energy_pj;
  if (single_ != kNone) sums[single_] = std::max(sums[single_], cost.single);
  for (std::size_t d = 0; d < kDirections; ++d) {
    if (cost.port[d] < 0) continue;
    const auto port = static_cast<std::size_t>(cost.port[d]);
    if (busy_[port] == kNone) continue;
    sums[busy_[port]] += cost.busy[d];
    sums[stall_[port]] += cost.stall[d];
  }
  if (onload_ == kNone || cost.way <= 0.0) return;
  if (operand == Operand::O) {
    sums[offload_] += cost.way;
    return;
  }
  sums[onload_ + index(operand)] += cost.way;
  const auto fill = [&](Direction direction, double cycles) {
    const std::int32_t port = cost.port[index(direction)];
    if (port >= 0 && fill_[static_cast<std::size_t>(port)] != kNone)
      sums[fill_[static_cast<std::size_t>(port)]] += cycles;
  };
  fill(Direction::tl, cost.fill_upper);
  fill(Direction::fh, cost.fill_lower);
}

bool LabelSums::take_room(Sums& sums, std::size_t memory, double bits) const {
  const double capacity = hierarchy_.capacity[memory] * (1.0 + 1e-12) - costs_.resident(memory);
  if (room_[memory] == kNone) return bits <= capacity;
  sums[room_[memory]] += bits;
  return sums[room_[memory]] <= capacity;
}

bool LabelSums::too_full(const Sums& sums, const std::array<std::size_t, kOperands>& links, std::int32_t point) const {
  std::array<double, kMaxMemories> used{};
  for (const Sharer& sharer : sharers_) {
    if (links[index(sharer.operand)] > sharer.link) continue;  // placed: counted in the label
    const LinkCost& cost = costs_.plain(sharer.operand, sharer.link, point);
    used[sharer.memory] += std::min(cost.room, cost.room_open);
  }
  for (const Sharer& sharer : sharers_) {
    const double all = used[sharer.memory] + sums[room_[sharer.memory]] + costs_.resident(sharer.memory);
    if (all > hierarchy_.capacity[sharer.memory] * (1.0 + 1e-12)) return true;
  }
  return false;
}

double LabelSums::cycles_bound(const Sums& sums, const std::array<std::size_t, kOperands>& links,
                               std::int32_t point) const {
  double stall = single_ != kNone ? sums[single_] : 0.0;
  const auto& active = costs_.active_ports();
  for (std::size_t a = 0; a < active.size() && single_ == kNone; ++a) {
    const auto port = static_cast<std::size_t>(active[a]);
    if (busy_[port] == kNone) continue;
    double busy = sums[busy_[port]] - costs_.iterations();
    for (const Operand operand : kAll) busy += costs_.least_busy(a, operand, links[index(operand)], point);
    stall = std::max({stall, sums[stall_[port]], busy});
  }
  double out = costs_.iterations() + stall;
  if (onload_ == kNone) return out;
  const auto way = [&](Operand operand) { return costs_.least_way(operand, links[index(operand)], point); };
  double onload = std::max(sums[onload_] + way(Operand::W), sums[onload_ + 1] + way(Operand::I));
  for (std::size_t p = 0; p < hierarchy_.ports; ++p) {
    if (fill_[p] != kNone) onload = std::max(onload, sums[fill_[p]]);
  }
  return out + onload + sums[offload_] + way(Operand::O);
}

double LabelSums::energy_hint(const Sums& sums, const std::array<std::size_t, kOperands>& links,
                              std::int32_t point) const {
  double energy = sums[energy_];
  for (const Operand operand : kAll) energy += costs_.least_energy(operand, links[index(operand)], point);
  return energy;
}

double LabelSums::bound(const Sums& sums, const std::array<std::size_t, kOperands>& links, std::int32_t point) const {
  double energy = mac_energy_pj_;
  for (const Operand operand : kAll) energy += costs_.least_energy(operand, links[index(operand)], point);
  if (energy == kNever || too_full(sums, links, point)) return kNever;
  if (goal_ == Goal::latency) return cycles_bound(sums, links, point);
  energy += sums[energy_];
  if (goal_ == Goal::energy) {
    if (cycles_limit_ > 0.0 && cycles_bound(sums, links, point) > cycles_limit_) return kNever;
    return energy;
  }
  return energy * cycles_bound(sums, links, point);
}

void LabelSums::settle(Sums& sums, const std::array<std::size_t, kOperands>& links, std::int32_t point) const {
  const auto& active = costs_.active_ports();
  for (std::size_t a = 0; a < active.size() && single_ == kNone; ++a) {
    const std::size_t at = busy_[static_cast<std::size_t>(active[a])];
    if (at == kNone) continue;
    double never_late = costs_.iterations();
    for (const Operand operand : kAll) never_late -= costs_.most_busy(a, operand, links[index(operand)], point);
    sums[at] = std::max(sums[at], never_late);
  }
}

}  // namespace chipcast::spatial
