// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>

/// From 32-bit sums back to 8 or 16 bits, as TensorFlow Lite defines it (its kernels/internal/common.h and
/// quantization_util.cc). Its interpreters round the sums of convolutions twice, and those of FULLY_CONNECTED, which go
/// through the ruy library, once (seen with ai-edge-litert 2.3). All functions cover the whole range of their
/// arguments; where TensorFlow Lite leaves an overflow undefined, 32-bit values wrap here.
namespace chipcast::kernels {

/// A positive real number as multiplier * 2^(shift - 31), multiplier 0 or in [2^30, 2^31).
struct FixedMultiplier {
  std::int32_t multiplier = 0;
  int shift = 0;  ///< -31 to 31
  friend bool operator==(const FixedMultiplier&, const FixedMultiplier&) = default;
};

/// The nearest one to `real` >= 0; below 2^-32 it is 0. Throws InputError for a negative number, infinity, NaN, and
/// numbers of 2^31 and above.
FixedMultiplier to_fixed_multiplier(double real);

/// round(a * b / 2^31), halves upwards; -2^31 times itself saturates at 2^31 - 1.
constexpr std::int32_t doubling_high_product(std::int32_t a, std::int32_t b) {
  if (a == b && a == std::numeric_limits<std::int32_t>::min()) return std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>((std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31);
}

/// round(x / 2^exponent), halves away from zero; exponent 0 to 31.
constexpr std::int32_t rounding_shift_right(std::int32_t x, int exponent) {
  const std::int64_t half = exponent > 0 ? std::int64_t{1} << (exponent - 1) : 0;
  return static_cast<std::int32_t>((std::int64_t{x} + half - (exponent > 0 && x < 0 ? 1 : 0)) >> exponent);
}

/// x * m: doubled high product, then the rounding shift (MultiplyByQuantizedMultiplier of 32-bit sums).
constexpr std::int32_t requantized(std::int32_t x, FixedMultiplier m) {
  const int left = m.shift > 0 ? m.shift : 0;
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << left);
  return rounding_shift_right(doubling_high_product(shifted, m.multiplier), m.shift > 0 ? 0 : -m.shift);
}

/// round(x * m), halves upwards: ruy's form, and TensorFlow Lite's own where it is built with TFLITE_SINGLE_ROUNDING.
constexpr std::int32_t requantized_once(std::int32_t x, FixedMultiplier m) {
  const int right = 31 - m.shift;
  const std::int64_t half = right > 0 ? std::int64_t{1} << (right - 1) : 0;
  return static_cast<std::int32_t>((std::int64_t{x} * m.multiplier + half) >> right);
}

/// x * m with the multiplier rounded to 16 bits and one rounding, halves upwards (MultiplyByQuantizedMultiplier of the
/// 64-bit sums of int16 activations). |x| < 2^47, m.shift <= 7.
constexpr std::int32_t requantized_wide(std::int64_t x, FixedMultiplier m) {
  const std::int64_t reduced = m.multiplier < 0x7FFF0000 ? (m.multiplier + (1 << 15)) >> 16 : 0x7FFF;
  const int right = 15 - m.shift;
  return static_cast<std::int32_t>((x * reduced + (std::int64_t{1} << (right - 1))) >> right);
}

/// x + zero_point within [low, high], without overflow.
constexpr std::int32_t with_zero_point(std::int32_t x, std::int32_t zero_point, std::int32_t low, std::int32_t high) {
  const std::int64_t y = std::int64_t{x} + zero_point;
  return static_cast<std::int32_t>(std::clamp(y, std::int64_t{low}, std::int64_t{high}));
}

}  // namespace chipcast::kernels
