// SPDX-License-Identifier: Apache-2.0
#include "accelerators/dsp/packets.h"

#include "sim/base/check.h"

namespace chipcast::dsp {
namespace {

constexpr bool has(std::size_t set, std::size_t unit) { return (set >> unit & 1U) != 0; }

bool issues_any(const Slot& slot, std::size_t set) {
  return std::any_of(slot.issues.begin(), slot.issues.end(),
                     [set](Unit unit) { return has(set, static_cast<std::size_t>(unit)); });
}

}  // namespace

PacketRule::PacketRule(const std::vector<Slot>& slots) {
  constexpr std::size_t kSets = std::size_t{1} << kUnits;
  std::array<std::ptrdiff_t, kSets> able{};
  for (std::size_t set = 1; set < kSets; ++set) {
    able[set] = std::count_if(slots.begin(), slots.end(), [set](const Slot& s) { return issues_any(s, set); });
    CHIPCAST_ASSERT(able[set] > 0);
  }
  for (std::size_t set = 1; set < kSets; ++set) {
    bool decides = true;
    for (std::size_t larger = set + 1; larger < kSets; ++larger) {
      decides = decides && ((larger & set) != set || able[larger] > able[set]);
    }
    if (!decides) continue;
    Set some{.has = {}, .packets_each = 1.0 / static_cast<double>(able[set])};
    for (std::size_t unit = 0; unit < kUnits; ++unit) some.has[unit] = has(set, unit) ? 1.0 : 0.0;
    sets_.push_back(some);
  }
}

}  // namespace chipcast::dsp
