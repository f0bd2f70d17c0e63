// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "accelerators/spatial/stages.h"
#include "accelerators/spatial/unrollings.h"

namespace chipcast::spatial {

/// Every mapping of a layer with the architecture's unrolling, one by one and without any thought: all ordered
/// factorisations of the loops, with all cuts. Those that do not fit are among them.
class Listing {
 public:
  using Visit = std::function<void(const NestMapping&)>;

  Listing(const Hierarchy& hierarchy, const Layer& layer, const std::vector<SpatialLoop>& spatial, Visit visit)
      : hierarchy_(hierarchy), visit_(std::move(visit)) {
    mapping_.spatial = spatial;
    order(temporal_of(layer, spatial));
  }

 private:
  void order(const Extents& left) {
    bool done = true;
    for (const auto& [dim, name] : enum_names(LoopDim{})) {
      for (std::int64_t factor = 2; factor <= left[index(dim)]; ++factor) {
        if (left[index(dim)] % factor != 0) continue;
        done = false;
        Extents rest = left;
        rest[index(dim)] /= factor;
        mapping_.temporal.push_back({dim, factor});
        order(rest);
        mapping_.temporal.pop_back();
      }
    }
    if (!done) return;
    if (hierarchy_.architecture.even) {
      even(0, 0);
    } else {
      for (const auto& [operand, name] : enum_names(Operand{})) mapping_.cuts(operand).clear();
      uneven(0);
    }
  }

  /// Cuts of one operand after the other, each as it likes.
  void uneven(std::size_t operand) {
    if (operand == kOperands) {
      visit_(mapping_);
      return;
    }
    Cuts& cuts = mapping_.cuts(static_cast<Operand>(operand));
    if (cuts.size() + 1 == hierarchy_.depth[operand]) {
      uneven(operand + 1);
      return;
    }
    for (int at = cuts.empty() ? 0 : cuts.back(); at <= static_cast<int>(mapping_.temporal.size()); ++at) {
      cuts.push_back(at);
      uneven(operand);
      cuts.pop_back();
    }
  }

  /// Cuts of one memory after the other, the same for its operands; only loops that it may have in between.
  void even(std::size_t memory, std::size_t from) {
    const auto& memories = hierarchy_.architecture.memories;
    if (memory == 0) {
      for (const auto& [operand, name] : enum_names(Operand{})) mapping_.cuts(operand).clear();
    }
    if (memory + 1 == memories.size()) {
      visit_(mapping_);
      return;
    }
    for (std::size_t to = from; to <= mapping_.temporal.size(); ++to) {
      if (to > from && !allowed(memories[memory], mapping_.temporal[to - 1].loop)) return;
      for (const Operand operand : memories[memory].operands) mapping_.cuts(operand).push_back(static_cast<int>(to));
      even(memory + 1, to);
      for (const Operand operand : memories[memory].operands) mapping_.cuts(operand).pop_back();
      if (memory == 0) {
        for (const auto& [operand, name] : enum_names(Operand{})) mapping_.cuts(operand).clear();
      }
    }
  }

  static bool allowed(const Memory& memory, LoopDim loop) {
    return !memory.loops || std::find(memory.loops->begin(), memory.loops->end(), loop) != memory.loops->end();
  }

  const Hierarchy& hierarchy_;
  Visit visit_;
  NestMapping mapping_;
};

}  // namespace chipcast::spatial
