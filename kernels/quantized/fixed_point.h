// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <limits>

#include "kernels/gemm_int/requantize.h"

/// Functions of 32-bit fixed-point numbers, as the gemmlowp library defines them (its fixedpoint/fixedpoint.h) and
/// TensorFlow Lite's kernels use them. Qm.n: m integer bits, n fractional bits; Q0.31 has its one at 2^31 - 1.
namespace chipcast::kernels::quantized {

/// The product of two numbers in Qa and Qb is in Q(a+b).
constexpr std::int32_t fixed_product(std::int32_t a, std::int32_t b) { return doubling_high_product(a, b); }

/// x * 2^exponent, saturating.
constexpr std::int32_t saturating_shift_left(std::int32_t x, int exponent) {
  const std::int64_t y = std::int64_t{x} << exponent;
  if (y > std::numeric_limits<std::int32_t>::max()) return std::numeric_limits<std::int32_t>::max();
  if (y < std::numeric_limits<std::int32_t>::min()) return std::numeric_limits<std::int32_t>::min();
  return static_cast<std::int32_t>(y);
}

/// exp(x) in Q0.31 for x in Q0.31 within [-1/4, 0): a Taylor series around -1/8.
constexpr std::int32_t exp_of_quarter(std::int32_t a) {
  constexpr std::int32_t kExpOfEighth = 1895147668, kThird = 715827883;
  const std::int32_t x = a + (1 << 28);
  const std::int32_t x2 = fixed_product(x, x), x3 = fixed_product(x2, x), x4 = fixed_product(x2, x2);
  const std::int32_t quarter = rounding_shift_right(x4, 2);
  const std::int32_t rest = rounding_shift_right(fixed_product(quarter + x3, kThird) + x2, 1);
  return kExpOfEighth + fixed_product(kExpOfEighth, x + rest);
}

/// exp(x) in Q0.31 for x <= 0 in Q5.26: exp of the last quarter times exp(-2^k) for each bit k that is set.
constexpr std::int32_t exp_of_negative(std::int32_t a) {
  constexpr int kFraction = 26;
  constexpr std::int32_t kQuarter = 1 << (kFraction - 2);
  constexpr std::int32_t kPowers[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  if (a == 0) return std::numeric_limits<std::int32_t>::max();
  const std::int32_t last = (a & (kQuarter - 1)) - kQuarter;
  std::int32_t result = exp_of_quarter(saturating_shift_left(last, 5));
  const std::int32_t rest = last - a;
  for (int i = 0; i < 7; ++i) {
    if (rest & (std::int32_t{1} << (kFraction - 2 + i))) result = fixed_product(result, kPowers[i]);
  }
  return result;
}

/// 1 / (1 + x) in Q0.31 for x in Q0.31 within [0, 1]: three Newton-Raphson steps from 48/17 - 32/17 * d.
constexpr std::int32_t one_over_one_plus(std::int32_t a) {
  constexpr std::int32_t k48Over17 = 1515870810, kMinus32Over17 = -1010580540;  // Q2.29
  const std::int64_t sum = std::int64_t{a} + std::numeric_limits<std::int32_t>::max();
  const auto half_denominator = static_cast<std::int32_t>((sum + (sum >= 0 ? 1 : -1)) / 2);
  std::int32_t x = k48Over17 + fixed_product(half_denominator, kMinus32Over17);
  for (int i = 0; i < 3; ++i) {
    const std::int32_t error = (1 << 29) - fixed_product(half_denominator, x);
    x += saturating_shift_left(fixed_product(x, error), 2);
  }
  return saturating_shift_left(x, 1);
}

struct Reciprocal {
  std::int32_t scale;  ///< Q0.31
  int bits_over_unit;  ///< 1 / x = scale * 2^-bits_over_unit
};

/// Of x > 0 with `integer_bits` integer bits.
constexpr Reciprocal reciprocal_of(std::int32_t x, int integer_bits) {
  const int headroom = std::countl_zero(static_cast<std::uint32_t>(x));
  const auto shifted = (static_cast<std::uint32_t>(x) << headroom) - (std::uint32_t{1} << 31);
  return {one_over_one_plus(static_cast<std::int32_t>(shifted)), integer_bits - headroom};
}

}  // namespace chipcast::kernels::quantized
