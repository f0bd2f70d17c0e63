// SPDX-License-Identifier: Apache-2.0
#include "sim/config/unit_text.h"

#include <array>
#include <charconv>
#include <vector>

#include "sim/base/check.h"

namespace chipcast {
namespace {

constexpr std::array kHertz{Unit{"Hz", 1.0}, Unit{"kHz", 1e3}, Unit{"MHz", 1e6}, Unit{"GHz", 1e9}};
constexpr std::array kSeconds{Unit{"s", 1.0},   Unit{"ms", 1e-3}, Unit{"us", 1e-6},
                              Unit{"ns", 1e-9}, Unit{"ps", 1e-12}};
constexpr std::array kBytes{Unit{"B", 1.0},
                            Unit{"KiB", 1024.0},
                            Unit{"MiB", 1048576.0},
                            Unit{"GiB", 1073741824.0},
                            Unit{"kB", 1e3},
                            Unit{"MB", 1e6},
                            Unit{"GB", 1e9}};
constexpr std::array kJoules{Unit{"J", 1.0},   Unit{"mJ", 1e-3},  Unit{"uJ", 1e-6},
                             Unit{"nJ", 1e-9}, Unit{"pJ", 1e-12}, Unit{"fJ", 1e-15}};
constexpr std::array kWatts{Unit{"W", 1.0}, Unit{"kW", 1e3}, Unit{"mW", 1e-3}, Unit{"uW", 1e-6}, Unit{"nW", 1e-9}};
constexpr std::array kBytesPerSecond{Unit{"B/s", 1.0},    Unit{"kB/s", 1e3},       Unit{"MB/s", 1e6},
                                     Unit{"GB/s", 1e9},   Unit{"TB/s", 1e12},      Unit{"MiB/s", 1048576.0},
                                     Unit{"GiB/s", 1073741824.0}};
constexpr std::array kBytesPerCycle{Unit{"B/cycle", 1.0}};
constexpr std::array kOpsPerCycle{Unit{"op/cycle", 1.0}};
constexpr std::array kCycles{Unit{"cycles", 1.0}, Unit{"cycle", 1.0}};
constexpr std::array kJoulesPerByte{Unit{"J/B", 1.0}, Unit{"nJ/B", 1e-9}, Unit{"pJ/B", 1e-12}, Unit{"pJ/bit", 8e-12},
                                    Unit{"fJ/bit", 8e-15}};
constexpr std::array kJoulesPerOp{Unit{"J/op", 1.0}, Unit{"nJ/op", 1e-9}, Unit{"pJ/op", 1e-12}, Unit{"fJ/op", 1e-15}};
constexpr std::array kJoulesPerCycle{Unit{"J/cycle", 1.0}, Unit{"nJ/cycle", 1e-9}, Unit{"pJ/cycle", 1e-12}};

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

std::string shortest(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
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
  double number = 0.0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), number);
  if (error != std::errc{} || !std::isfinite(number)) {
    throw InputError(place, in_quotes(text) + " does not start with a number; write a number and a unit (" +
                                unit_list(dim) + ")");
  }
  const std::string_view symbol = trimmed(body.substr(static_cast<std::size_t>(end - body.data())));
  if (symbol.empty()) {
    throw InputError(place, in_quotes(text) + " has no unit; add one of " + unit_list(dim));
  }
  for (const auto& unit : units_of(dim)) {
    if (unit.symbol != symbol) continue;
    const double value = number * unit.scale;
    if (!std::isfinite(value)) throw InputError(place, in_quotes(text) + " is too large");
    if (whole && (value != std::floor(value) || std::abs(value) > 9.0e15)) {
      throw InputError(place, in_quotes(text) + " is not a whole number of " + std::string(units_of(dim)[0].symbol));
    }
    return value;
  }
  throw InputError(place, in_quotes(text) + ": unknown unit " + in_quotes(symbol) + suggestion(symbol, symbols(dim)) +
                              "; allowed: " + unit_list(dim));
}

std::string format_quantity(double base_value, Dim dim) {
  const auto units = units_of(dim);
  if (units.empty()) return shortest(base_value);
  const Unit* best = &units[0];
  std::string best_text = shortest(base_value / best->scale);
  for (const auto& unit : units) {
    const double scaled = base_value / unit.scale;
    const std::string text = shortest(scaled);
    const bool exact = scaled * unit.scale == base_value && std::abs(scaled) >= 1.0;
    const bool best_small = std::abs(base_value / best->scale) < 1.0;
    if (exact && (text.size() < best_text.size() || best_small)) {
      best = &unit;
      best_text = text;
    }
  }
  return best_text + " " + std::string(best->symbol);
}

}  // namespace chipcast
