// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string_view>
#include <utility>

namespace chipcast {

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

}  // namespace chipcast
