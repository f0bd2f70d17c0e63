// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string_view>
#include <utility>

namespace chipcast {

/// How a result is brought into the format that it is stored in.
enum class Rounding {
  none,          ///< it is exact, or only moved
  nearest_even,  ///< IEEE 754's default
  half_away,     ///< a scale in floating point, then to the nearest integer, ties away from zero
  tflite,        ///< TFLite's fixed-point multiplier: high half of a doubled product, then a rounding shift
  truncation,    ///< low bits are dropped
  stochastic     ///< up or down at random, by distance
};
constexpr std::array<std::pair<Rounding, std::string_view>, 6> enum_names(Rounding) {
  return {{{Rounding::none, "none"},
           {Rounding::nearest_even, "nearest_even"},
           {Rounding::half_away, "half_away"},
           {Rounding::tflite, "tflite"},
           {Rounding::truncation, "truncation"},
           {Rounding::stochastic, "stochastic"}}};
}

}  // namespace chipcast
