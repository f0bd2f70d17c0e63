// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "sim/base/units.h"

/// Quantities as configuration text: "800 MHz", "512 KiB", "2.8 pJ". One table of units per dimension.
namespace chipcast {

/// One such unit is 10^decimal * 2^binary base units: kept apart so that text converts without rounding twice.
struct Unit {
  std::string_view symbol;
  int decimal = 0, binary = 0;
};

/// Units accepted for a dimension, base unit first. Empty for dimensions that have no text form.
std::span<const Unit> units_of(Dim dim);

/// "Hz, kHz, MHz, GHz": for messages and docs.
std::string unit_list(Dim dim);

/// Value in base units of text such as "800 MHz": the double nearest to what is written. Throws
/// InputError(place, ...) on a bare number, an unknown unit, trailing text, a value out of range, or (for
/// whole = true) a fraction of the base unit.
double parse_quantity(std::string_view text, Dim dim, bool whole, const std::string& place);

/// Shortest text that parses back to the same value, in a unit that keeps it at or above 1 where there is one.
std::string format_quantity(double base_value, Dim dim);

template <class T>
inline constexpr bool is_quantity_v = false;
template <Dim D, class R>
inline constexpr bool is_quantity_v<Quantity<D, R>> = true;

template <class Q>
requires is_quantity_v<Q> std::string to_text(Q q) { return format_quantity(static_cast<double>(q.count()), Q::dim); }

}  // namespace chipcast
