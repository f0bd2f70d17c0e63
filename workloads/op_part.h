// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workloads/window.h"

namespace chipcast {

struct OpDescription;

/// Along what an operator is cut into parts that run by themselves.
enum class PartAxis { whole, out_channels, out_rows };
constexpr std::array<std::pair<PartAxis, std::string_view>, 3> enum_names(PartAxis) {
  return {{{PartAxis::whole, "whole"}, {PartAxis::out_channels, "out_channels"}, {PartAxis::out_rows, "out_rows"}}};
}

/// A part of an operator: positions [begin, end) of its output along an axis; the whole operator where it is not cut.
struct OpPart {
  PartAxis axis{PartAxis::whole};
  std::int64_t begin = 0, end = 0;

  bool whole() const { return axis == PartAxis::whole; }
  friend auto operator<=>(const OpPart&, const OpPart&) = default;
};

/// Where an operator may be cut. Channels are those of the result (columns of a product); rows are those of a map, or
/// the rows of a product. Extents of 1 cannot be cut.
struct OpCuts {
  std::int64_t channels = 1;
  std::int64_t channel_step = 1;    ///< parts begin and end at multiples: output channels of one group
  bool groups_in_channels = false;  ///< channels are those of all groups, one group behind the other
  std::int64_t rows = 1;
  /// How rows of the result need those of the operands that are cut along with it; 1:1 but for windows.
  WindowAxis row_window{};

  std::int64_t extent(PartAxis axis) const {
    return axis == PartAxis::out_channels ? channels : axis == PartAxis::out_rows ? rows : 1;
  }
  std::int64_t step(PartAxis axis) const { return axis == PartAxis::out_channels ? channel_step : 1; }
  bool can_cut(PartAxis axis) const { return extent(axis) > step(axis); }
};

/// Rows of the operands that result rows [begin, end) need, halo included, padding not: [first, second).
std::pair<std::int64_t, std::int64_t> rows_read(const OpCuts& cuts, std::int64_t begin, std::int64_t end);

/// Why an operator has no such part; empty where it has.
std::string problem_of(const OpDescription& op, const OpPart& part);

/// The part as an operator of its own: loop nests narrowed; bytes of the rows and channels that it reads (halo rows
/// included) and writes; its share of the other operations. Over a partition multiply-accumulates, other operations,
/// results, and operands that are cut along the axis without a halo add up to the whole exactly. Its cuts are none: a
/// part is not cut again. Throws InputError where there is no such part.
OpDescription part_of(const OpDescription& op, const OpPart& part);

/// Parts in the proportion of `shares` (any unit, none negative, some positive), in their order, at whole steps. A
/// small share may come to nothing: `begin` is `end` there.
std::vector<OpPart> parts_by_share(const OpDescription& op, PartAxis axis, const std::vector<double>& shares);

/// "rows 0-55", "channels 16-31", "whole".
std::string to_text(const OpPart& part);

class Graph;
/// Fills in where an operator may be cut, and which of its operands are cut along with it. Called when a graph is
/// described; `layout` is that of the graph's maps.
void find_cuts(const Graph& graph, Layout layout, OpDescription& op);
/// Layout of a graph's maps: of the first operator that states one; nchw where none does.
Layout layout_of(const Graph& graph);

}  // namespace chipcast
