// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "accelerators/spatial/hierarchy.h"
#include "accelerators/spatial/layer.h"
#include "accelerators/spatial/nest_mapping.h"

/// The cost of one mapping. Formulas in README.md.
namespace chipcast::spatial {

/// By whose rules accesses and cycles are counted.
enum class Rules {
  ours,
  zigzag,   ///< ZigZag's cost model (3.8.5)
  timeloop  ///< Timeloop's (3.0.3)
};
constexpr std::array<std::pair<Rules, std::string_view>, 3> enum_names(Rules) {
  return {{{Rules::ours, "ours"}, {Rules::zigzag, "zigzag"}, {Rules::timeloop, "timeloop"}}};
}

struct Modelling {
  Rules rules{Rules::ours};
  bool no_contention{false};  ///< transfers do not wait for each other at ports
  bool no_fill{false};        ///< neither the first tiles' way in nor the last results' way out is counted

  template <class V>
  void visit(V& v) {
    v.field("rules", rules, {.doc = "By whose rules accesses and cycles are counted."});
    v.field("no_contention", no_contention, {.doc = "Transfers do not wait for each other at ports."});
    v.field("no_fill", no_fill, {.doc = "First tiles come and last results go in no time."});
  }
  friend auto operator<=>(const Modelling&, const Modelling&) = default;
};

/// What one memory does for one operand, over the whole layer and all instances.
struct LevelCost {
  std::array<double, kDirections> elements{};  ///< by Direction
  std::array<double, kDirections> accesses{};  ///< of `access_bits`; fractions where a granule is smaller
  double energy_pj = 0.0;
};

struct NestCost {
  double compute_cycles = 0.0;  ///< temporal iterations
  double stall_cycles = 0.0;    ///< waits for ports and bandwidth
  double onload_cycles = 0.0, offload_cycles = 0.0;
  double mac_energy_pj = 0.0;
  std::array<std::array<LevelCost, kMaxLevels>, kOperands> levels{};  ///< by operand, its memories innermost first

  double cycles() const { return compute_cycles + stall_cycles + onload_cycles + offload_cycles; }
  double energy_pj() const;
};

/// Costs of a mapping that check_mapping accepts. Allocates nothing; a few hundred nanoseconds.
NestCost evaluate(const Hierarchy& hierarchy, const Layer& layer, const NestMapping& mapping,
                  const Modelling& modelling = {});

/// False where a tile does not fit its memory. `mapping` is otherwise as check_mapping demands.
bool fits(const Hierarchy& hierarchy, const Layer& layer, const NestMapping& mapping, const Modelling& modelling = {});

}  // namespace chipcast::spatial
