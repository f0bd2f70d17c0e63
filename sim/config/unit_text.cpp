// SPDX-License-Identifier: Apache-2.0
#include "sim/config/unit_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "sim/base/check.h"

namespace chipcast {
namespace {

constexpr std::array kHertz{Unit{"Hz"}, Unit{"kHz", 3}, Unit{"MHz", 6}, Unit{"GHz", 9}};
constexpr std::array kSeconds{Unit{"s"}, Unit{"ms", -3}, Unit{"us", -6}, Unit{"ns", -9}, Unit{"ps", -12}};
constexpr std::array kBytes{Unit{"B"},     Unit{"KiB", 0, 10}, Unit{"MiB", 0, 20}, Unit{"GiB", 0, 30},
                            Unit{"kB", 3}, Unit{"MB", 6},      Unit{"GB", 9}};
constexpr std::array kJoules{Unit{"J"},      Unit{"mJ", -3},  Unit{"uJ", -6},
                             Unit{"nJ", -9}, Unit{"pJ", -12}, Unit{"fJ", -15}};
constexpr std::array kWatts{Unit{"W"}, Unit{"kW", 3}, Unit{"mW", -3}, Unit{"uW", -6}, Unit{"nW", -9}};
constexpr std::array kBytesPerSecond{Unit{"B/s"},      Unit{"kB/s", 3},      Unit{"MB/s", 6},     Unit{"GB/s", 9},
                                     Unit{"TB/s", 12}, Unit{"MiB/s", 0, 20}, Unit{"GiB/s", 0, 30}};
constexpr std::array kBytesPerCycle{Unit{"B/cycle"}};
constexpr std::array kOpsPerCycle{Unit{"op/cycle"}};
constexpr std::array kCycles{Unit{"cycles"}, Unit{"cycle"}};
constexpr std::array kJoulesPerByte{Unit{"J/B"}, Unit{"nJ/B", -9}, Unit{"pJ/B", -12}, Unit{"pJ/bit", -12, 3},
                                    Unit{"fJ/bit", -15, 3}};
constexpr std::array kJoulesPerOp{Unit{"J/op"}, Unit{"nJ/op", -9}, Unit{"pJ/op", -12}, Unit{"fJ/op", -15}};
constexpr std::array kJoulesPerCycle{Unit{"J/cycle"}, Unit{"nJ/cycle", -9}, Unit{"pJ/cycle", -12}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string> symbols(Dim dim) {
  std::vector<std::string> out;
  for (const auto& unit : units_of(dim)) out.emplace_back(unit.symbol);
  return out;
}

/// A number as written: the shortest digits that name a double, d.ddd * 10^exponent.
struct Decimal {
  bool negative;
  std::string digits;
  int exponent;
};

Decimal shortest(double value) {
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  Decimal out{.negative = std::signbit(value), .digits = {}, .exponent = 0};
  const auto e = text.find('e');
  for (const char c : text.substr(0, e)) {
    if (c >= '0' && c <= '9') out.digits += c;
  }
  const bool plus = text[e + 1] == '+';
  std::from_chars(text.data() + e + (plus ? 2 : 1), end, out.exponent);
  return out;
}

/// Plain digits for everyday magnitudes, an exponent beyond (as JavaScript prints numbers).
std::string text_of(const Decimal& number) {
  constexpr int kSmallest = -7, kLargest = 21;
  std::string text = number.digits;
  const int count = static_cast<int>(text.size());
  if (number.exponent < kSmallest || number.exponent >= kLargest) {
    if (count > 1) text.insert(1, 1, '.');
    text.append("e").append(std::to_string(number.exponent));
  } else if (number.exponent < 0) {
    text.insert(0, static_cast<std::size_t>(-number.exponent), '0');
    text.insert(1, 1, '.');
  } else if (number.exponent >= count - 1) {
    text.append(static_cast<std::size_t>(number.exponent + 1 - count), '0');
  } else {
    text.insert(static_cast<std::size_t>(number.exponent + 1), 1, '.');
  }
  if (number.negative) text.insert(0, 1, '-');
  return text;
}

/// The double nearest to `numeral` * 10^shift: the shift goes into the exponent, so it is rounded once. Empty
/// where that is beyond a double's range.
std::optional<double> shifted(std::string_view numeral, int shift) {
  constexpr int kFarOut = 1'000'000'000;  // beyond any double, small enough to add to
  const auto e = numeral.find_first_of("eE");
  int exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view text = numeral.substr(e + 1);
    const bool negative = text.front() == '-';
    if (text.front() == '+') text.remove_prefix(1);
    const auto error = std::from_chars(text.data(), text.data() + text.size(), exponent).ec;
    if (error != std::errc{}) exponent = negative ? -kFarOut : kFarOut;
    exponent = std::clamp(exponent, -kFarOut, kFarOut);
  }
  const std::string text = std::string(numeral.substr(0, e)) + "e" + std::to_string(exponent + shift);
  double value = 0.0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
  if (error != std::errc{}) return std::nullopt;
  return value;
}

/// The number that `text` starts with; empty where it starts with none.
std::string_view leading_numeral(std::string_view text) {
  double ignored = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ignored);
  if (error == std::errc::invalid_argument || (error == std::errc{} && !std::isfinite(ignored))) return {};
  return text.substr(0, static_cast<std::size_t>(end - text.data()));
}

/// A value in one of its units.
struct Spelling {
  std::string text;
  std::size_t digits;
  int exponent;

  /// At or above 1 is better than below; then the shorter number, then the larger unit. Below 1, the smaller unit.
  bool better_than(const Spelling& other) const {
    if ((exponent >= 0) != (other.exponent >= 0)) return exponent >= 0;
    if (exponent < 0) return exponent > other.exponent;
    if (digits != other.digits) return digits < other.digits;
    return exponent < other.exponent;
  }
};

/// What is wrong with a value that has to be a count, or nothing.
std::optional<std::string> not_a_count(double value, std::string_view base_unit) {
  constexpr double kLargest = 9.0e15;  // every whole number up to here is a double
  if (std::abs(value) > kLargest) return std::string(" is too large; at most 9e15 ").append(base_unit);
  if (value != std::floor(value)) return std::string(" is not a whole number of ").append(base_unit);
  return std::nullopt;
}

}  // namespace

std::span<const Unit> units_of(Dim dim) {
  if (dim == Hertz::dim) return kHertz;
  if (dim == Seconds::dim) return kSeconds;
  if (dim == Bytes::dim) return kBytes;
  if (dim == Joules::dim) return kJoules;
  if (dim == Watts::dim) return kWatts;
  if (dim == BytesPerSecond::dim) return kBytesPerSecond;
  if (dim == BytesPerCycle::dim) return kBytesPerCycle;
  if (dim == OpsPerCycle::dim) return kOpsPerCycle;
  if (dim == Cycles::dim) return kCycles;
  if (dim == JoulesPerByte::dim) return kJoulesPerByte;
  if (dim == JoulesPerOp::dim) return kJoulesPerOp;
  if (dim == JoulesPerCycle::dim) return kJoulesPerCycle;
  return {};
}

std::string unit_list(Dim dim) {
  std::string out;
  for (const auto& symbol : symbols(dim)) out += (out.empty() ? "" : ", ") + symbol;
  return out;
}

double parse_quantity(std::string_view text, Dim dim, bool whole, const std::string& place) {
  const std::string_view body = trimmed(text);
  const std::string_view numeral = leading_numeral(body);
  if (numeral.empty()) {
    throw InputError(
        place, in_quotes(text) + " does not start with a number; write a number and a unit (" + unit_list(dim) + ")");
  }
  const std::string_view symbol = trimmed(body.substr(numeral.size()));
  if (symbol.empty()) {
    throw InputError(place, in_quotes(text) + " has no unit; add one of " + unit_list(dim));
  }
  for (const auto& unit : units_of(dim)) {
    if (unit.symbol != symbol) continue;
    const auto decimal = shifted(numeral, unit.decimal);
    const double value = decimal ? std::ldexp(*decimal, unit.binary) : HUGE_VAL;
    if (!std::isfinite(value)) throw InputError(place, in_quotes(text) + " is beyond what a number can hold");
    if (const auto fault = whole ? not_a_count(value, units_of(dim)[0].symbol) : std::nullopt) {
      throw InputError(place, in_quotes(text) + *fault);
    }
    return value;
  }
  const std::string meant = closest_match(symbol, symbols(dim));
  throw InputError(place, in_quotes(text) + ": unknown unit " + in_quotes(symbol) +
                              (meant.empty() ? "" : " (did you mean " + in_quotes(meant) + "?)") +
                              "; allowed: " + unit_list(dim));
}

std::string format_quantity(double base_value, Dim dim) {
  const auto units = units_of(dim);
  const std::string base_symbol = units.empty() ? "" : std::string(" ").append(units[0].symbol);
  if (std::isnan(base_value)) return "nan" + base_symbol;
  if (std::isinf(base_value)) return (base_value < 0 ? "-inf" : "inf") + base_symbol;
  if (base_value == 0.0 || units.empty()) return text_of(shortest(base_value)) + base_symbol;

  // Changing the exponent of a decimal is exact, so any unit parses back; a division by 2^n is checked.
  std::optional<Spelling> best;
  for (const auto& unit : units) {
    const double value = std::ldexp(base_value, -unit.binary);
    if (std::ldexp(value, unit.binary) != base_value) continue;
    Decimal number = shortest(value);
    number.exponent -= unit.decimal;
    const Spelling candidate{text_of(number) + " " + std::string(unit.symbol), text_of(number).size(), number.exponent};
    if (!best || candidate.better_than(*best)) best = candidate;
  }
  return best->text;
}

}  // namespace chipcast
