// SPDX-License-Identifier: Apache-2.0
#include "accelerators/dsp/packets.h"

#include "sim/base/check.h"

namespace chipcast::dsp {
namespace {

constexpr std::array kUnits{Unit::load, Unit::store, Unit::multiply, Unit::alu};
constexpr unsigned kSets = 1U << kUnits.size();

bool in_set(unsigned set, std::size_t unit) { return (set >> unit & 1U) != 0; }

bool issues_any(const Slot& slot, unsigned set) {
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    if (in_set(set, i) && slot.can(kUnits[i])) return true;
  }
  return false;
}

}  // namespace

Operations& Operations::operator+=(const Operations& other) {
  loads += other.loads;
  stores += other.stores;
  multiplies += other.multiplies;
  alu += other.alu;
  return *this;
}

double Operations::of(Unit unit) const {
  switch (unit) {
    case Unit::load:
      return loads;
    case Unit::store:
      return stores;
    case Unit::multiply:
      return multiplies;
    case Unit::alu:
      return alu;
  }
  return 0.0;
}

double packets(const std::vector<Slot>& slots, const Operations& operations) {
  double most = 0.0;
  for (unsigned set = 1; set < kSets; ++set) {
    double needed = 0.0;
    for (std::size_t i = 0; i < kUnits.size(); ++i) {
      if (in_set(set, i)) needed += operations.of(kUnits[i]);
    }
    const auto able =
        std::count_if(slots.begin(), slots.end(), [set](const Slot& slot) { return issues_any(slot, set); });
    CHIPCAST_ASSERT(able > 0);
    most = std::max(most, needed / static_cast<double>(able));
  }
  return most;
}

}  // namespace chipcast::dsp
