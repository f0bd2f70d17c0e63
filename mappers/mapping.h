// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accelerators/contract.h"
#include "sim/config/field.h"
#include "workloads/op_part.h"

/// What a mapper decides, before anything is emitted: the part of a run that people look at, keep and edit.
namespace chipcast {

enum class Objective { latency, energy, edp };
constexpr std::array<std::pair<Objective, std::string_view>, 3> enum_names(Objective) {
  return {{{Objective::latency, "latency"}, {Objective::energy, "energy"}, {Objective::edp, "edp"}}};
}

/// A piece of work that one device does in one go.
struct Task {
  OpId op;
  std::optional<std::size_t> slot{};  ///< index into MappingProblem::devices; none for views
  OpPart part{};
  /// Tasks of one group, all on one device, run depth first (mappers/fusion): a tensor that only the group writes and
  /// reads stays in the device, each operator is launched once, and parts are rows. A task comes after those of the
  /// group that make the rows which it reads.
  std::optional<std::uint32_t> group{};
};

/// How a loop nest is cut, where the mapping states it and leaves no search.
struct TileChoice {
  OpTile tile{};
  bool weights_outer = true;
};

/// How the tiles of one operator were searched for; of an operator in parts the search that ended furthest from its
/// bound.
struct TileSearch {
  std::int64_t evaluations{0};  ///< of all its parts
  bool exact{false};
  double value{0.0}, lower_bound{0.0};
  std::string text{};

  template <class V>
  void visit(V& v) {
    v.field("evaluations", evaluations, {.doc = "Plans whose cost was estimated; 0 where nothing was searched."});
    v.field("exact", exact, {.doc = "It was searched, and no cut into tiles is estimated better."});
    v.field("value", value, {.doc = "Estimate of the objective of the operator alone: seconds, joules, or both."});
    v.field("lower_bound", lower_bound, {.doc = "No cut is below it: each operand crosses the port once."});
    v.field("text", text, {.doc = "What limits its tiles, how they were found, and the runner-up."});
  }
};

/// What was decided about an operator, for people.
struct OpChoice {
  std::string reason;     ///< why it runs where it does
  std::string runner_up;  ///< the next best device and by how much it lost; empty where there was none
  std::optional<TileChoice> tiling{};
  std::optional<TileSearch> tile_search{};  ///< of operators that run by themselves, once a program has been made
};

/// How tiles were searched for, over all operators. These searches draw nothing at random.
struct TileSearches {
  std::int64_t budget{0}, evaluations{0};
  std::int64_t operators{0}, exact{0};
  double worst_distance{0.0};
  std::string worst_operator{}, warning{};

  template <class V>
  void visit(V& v) {
    v.field("budget", budget, {.doc = "Plans that each search might have estimated (tile_budget).", .min = 0});
    v.field("evaluations", evaluations,
            {.doc = "Plans that were estimated for the tiles that run; operators alike are searched once.", .min = 0});
    v.field("operators", operators, {.doc = "Operators whose tiles were searched for.", .min = 0});
    v.field("exact", exact, {.doc = "Of these, with the best tiles of all by the estimate.", .min = 0});
    v.field("worst_distance", worst_distance,
            {.doc = "Of the others, largest value / lower bound - 1; 0 where there are none.", .min = 0.0});
    v.field("worst_operator", worst_operator, {.doc = "Which one that is."});
    v.field("warning", warning, {.doc = "What to think of searches that their budget ended."});
  }
};

/// How a decision was searched for.
struct SearchRecord {
  std::string method{};  ///< "heft", "annealing"
  std::uint64_t seed{0};
  std::int64_t budget{0}, evaluations{0};  ///< schedules that might have been, and were, evaluated
  Objective objective{Objective::latency};
  double value{0.0};                    ///< of the objective: seconds, joules, or their product
  std::optional<double> lower_bound{};  ///< no mapping of the searched kind is better
  bool converged{true};
  std::string warning{};
  TileSearches tiles{};

  template <class V>
  void visit(V& v) {
    v.field("method", method, {.doc = "Placement policy."});
    v.field("seed", seed, {.doc = "Of its random choices."});
    v.field("budget", budget,
            {.doc = "Schedules that it might have evaluated; 0 where the method is not a search.", .min = 0});
    v.field("evaluations", evaluations, {.doc = "Schedules that it evaluated.", .min = 0});
    v.field("objective", objective, {.doc = "What it made least."});
    v.field("value", value, {.doc = "Estimate of the objective: seconds, joules, or joule seconds.", .min = 0.0});
    v.field("lower_bound", lower_bound,
            {.doc = "No mapping of the searched kind is better; absent where unknown.", .min = 0.0});
    v.field("converged", converged, {.doc = "The search had come to rest when it ended."});
    v.field("warning", warning, {.doc = "What to think of a search that had not."});
    v.field("tiles", tiles, {.doc = "How operators were cut into tiles."});
  }
};

struct Mapping {
  /// In the order of issue: every operator comes after those that it reads, each device runs its tasks in this order.
  /// The parts of an operator cover it once.
  std::vector<Task> tasks;
  std::vector<OpChoice> choices;  ///< index = OpId
  SearchRecord search;
  std::vector<std::string> warnings;
};

}  // namespace chipcast
