// SPDX-License-Identifier: Apache-2.0
#include "accelerators/dsp/packets.h"

#include "sim/base/check.h"

namespace chipcast::dsp {
namespace {

bool issues_any(const Slot& slot, std::size_t set) {
  return std::any_of(slot.issues.begin(), slot.issues.end(),
                     [set](Unit unit) { return (set >> static_cast<std::size_t>(unit) & 1U) != 0; });
}

}  // namespace

Operations& Operations::operator+=(const Operations& other) {
  loads += other.loads;
  stores += other.stores;
  multiplies += other.multiplies;
  alu += other.alu;
  return *this;
}

PacketRule::PacketRule(const std::vector<Slot>& slots) {
  for (std::size_t set = 1; set < packets_each_.size(); ++set) {
    const auto able = std::count_if(slots.begin(), slots.end(), [set](const Slot& s) { return issues_any(s, set); });
    CHIPCAST_ASSERT(able > 0);
    packets_each_[set] = 1.0 / static_cast<double>(able);
  }
}

double PacketRule::operator()(const Operations& operations) const {
  const std::array<double, kUnits> by_unit{operations.loads, operations.stores, operations.multiplies, operations.alu};
  double most = 0.0;
  for (std::size_t set = 1; set < packets_each_.size(); ++set) {
    double needed = 0.0;
    for (std::size_t unit = 0; unit < kUnits; ++unit) {
      if ((set >> unit & 1U) != 0) needed += by_unit[unit];
    }
    most = std::max(most, needed * packets_each_[set]);
  }
  return most;
}

}  // namespace chipcast::dsp
