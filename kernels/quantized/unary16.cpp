// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/unary16.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/quantized/lookup.h"

namespace chipcast::kernels::quantized {
namespace {

std::int16_t saturated(std::int32_t x) { return static_cast<std::int16_t>(std::clamp(x, -32768, 32767)); }

/// round(2 * a * b / 2^16), halves upwards.
std::int16_t high_product(std::int16_t a, std::int16_t b) {
  if (a == b && a == std::numeric_limits<std::int16_t>::min()) return std::numeric_limits<std::int16_t>::max();
  const std::int32_t product = std::int32_t{a} * b;
  return static_cast<std::int16_t>((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

/// 2 * a * b / 2^16, towards zero.
std::int16_t high_product_cut(std::int16_t a, std::int16_t b) {
  if (a == b && a == std::numeric_limits<std::int16_t>::min()) return std::numeric_limits<std::int16_t>::max();
  return static_cast<std::int16_t>(std::int32_t{a} * b / (1 << 15));
}

struct Multiplier16 {
  std::int16_t multiplier;
  int shift;
};

Multiplier16 multiplier16(float real) {
  const auto m = to_fixed_multiplier(static_cast<double>(real));
  constexpr std::int32_t kHalf = 1 << 15;
  if (m.multiplier >= std::numeric_limits<std::int32_t>::max() - kHalf) return {32767, m.shift};
  return {static_cast<std::int16_t>((m.multiplier + kHalf) >> 16), m.shift};
}

/// x + 3 over 6, within [0, 1], in Q0.15.
std::int16_t gate(std::int16_t x, Multiplier16 m) {
  std::int16_t value = x;
  if (m.shift > 0) value = saturated(std::int32_t{value} << (m.shift - 1));
  value = high_product(value, m.multiplier);
  if (m.shift > 0) value = saturated(std::int32_t{value} << 1);
  if (m.shift < 0) value = static_cast<std::int16_t>(rounding_shift_right(value, -m.shift));
  return static_cast<std::int16_t>((std::int32_t{value} + (1 << 15)) >> 1);
}

/// To steps of 1 / (3 * 4096), where the table's range of +-10.7 is 2^17.
struct TableScale {
  std::int32_t multiplier;
  int right;

  TableScale(float scale, int octaves) : multiplier(0), right(0) {
    int exponent = 0;
    const bool power = std::frexp(scale, &exponent) == 0.5F;
    const int left = 12 + exponent - 1;  // Q3.12
    if (power && (left == 0 || (octaves == 1 && left == 1))) {
      multiplier = 3 << left;
      return;
    }
    double real = static_cast<double>(scale) * 4096.0 * 3.0;
    while (real <= 32767.0 / 2.0 && right <= 30) {
      ++right;
      real *= 2.0;
    }
    multiplier = static_cast<std::int32_t>(real);
  }
  std::int32_t operator()(std::int64_t x) const {
    const std::int64_t half = right > 0 ? std::int64_t{1} << (right - 1) : 0;
    return static_cast<std::int32_t>((x * multiplier + half) >> right);
  }
};

/// The sigmoid of |x| in steps of 2^-`bits` of a sample, as a sum with `bits` more bits than a sample.
std::int32_t between_samples(std::uint32_t x, int bits) {
  const std::uint32_t at = x >> bits;
  if (at >= 255) return bits == 9 ? 0x7FFF << 10 : 0xFFFF << 8;
  const std::int32_t a = sigmoid_sample(at), b = sigmoid_sample(at + 1);
  return (a << bits) + static_cast<std::int32_t>(x & ((1U << bits) - 1)) * (b - a);
}

}  // namespace

Array hard_swish(const Array& x, const Affine& from, const TensorType& type, const Affine& to) {
  const float fine = (1.0F / 128.0F) * from.scale();
  const Multiplier16 out = multiplier16(fine / to.scale()), inner = multiplier16(fine / (3.0F / 32768.0F));
  return mapped(x, type, [&](std::int64_t value) {
    const auto centre = static_cast<std::int16_t>((value - from.zero()) * 128);
    const std::int16_t scaled = high_product(centre, out.multiplier);
    const std::int16_t product = high_product_cut(gate(centre, inner), scaled);
    return std::int64_t{rounding_shift_right(product, std::max(-out.shift, 0))} + to.zero();
  });
}

Array sigmoid16(const Array& x, const Affine& from, const TensorType& type) {
  const TableScale scale(from.scale(), 0);
  return mapped(x, type, [&](std::int64_t value) {
    const std::int32_t at = scale(value);
    const std::int32_t sum = between_samples(static_cast<std::uint32_t>(std::abs(at)), 9);
    return std::int64_t{(at >= 0 ? sum + (1 << 9) : (1 << 25) - sum + (1 << 9) - 1) >> 10};
  });
}

Array tanh16(const Array& x, const Affine& from, const TensorType& type) {
  const TableScale scale(from.scale(), 1);
  return mapped(x, type, [&](std::int64_t value) {
    const std::int32_t at = scale(value);
    const std::int32_t sum = between_samples(static_cast<std::uint32_t>(std::abs(at)), 8);
    return std::int64_t{(at >= 0 ? sum - (1 << 23) + (1 << 7) : -sum + (1 << 23) + (1 << 7) - 1) >> 8};
  });
}

}  // namespace chipcast::kernels::quantized
