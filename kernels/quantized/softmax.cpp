// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "kernels/quantized/call.h"
#include "kernels/quantized/fixed_point.h"
#include "kernels/quantized/lookup.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels::quantized {
namespace {

constexpr int kDifferenceBits = 5, kSumBits = 12;

/// Differences from the maximum in Q5.26, and the least that counts (PreprocessSoftmaxScaling, CalculateInputRadius).
struct Differences {
  FixedMultiplier m;
  std::int32_t least;

  explicit Differences(float scale) {
    const double real = static_cast<double>(scale) * static_cast<double>(1 << (31 - kDifferenceBits));
    m = to_fixed_multiplier(std::min(real, static_cast<double>((std::int64_t{1} << 31) - 1)));
    const double most = static_cast<double>((std::int64_t{1} << kDifferenceBits) - 1) *
                        static_cast<double>(std::int64_t{1} << (31 - kDifferenceBits)) /
                        static_cast<double>(std::int64_t{1} << m.shift);
    least = -static_cast<std::int32_t>(std::floor(most));
  }
  std::optional<std::int32_t> exp(std::int32_t difference) const {
    if (difference < least) return std::nullopt;
    return exp_of_negative(kernels::requantized(difference, m));
  }
};

/// Of a sum in Q12.19. From 4096 times the maximum on it leaves 32 bits, which TensorFlow Lite does not provide for:
/// it has more integer bits then.
Reciprocal reciprocal_of_sum(std::int64_t sum) {
  const int more = std::max(0, 33 - std::countl_zero(static_cast<std::uint64_t>(sum)));
  return reciprocal_of(static_cast<std::int32_t>(sum >> more), kSumBits + more);
}

/// A line of stored values of 8 bits into steps of 2^-bits above the least of the output's format.
void softmax8(std::span<std::int64_t> line, const Differences& differences, DType out) {
  const Range range = range_of(out);
  const auto most = static_cast<std::int32_t>(*std::ranges::max_element(line));
  std::int64_t sum = 0;
  for (const auto value : line) {
    if (const auto e = differences.exp(static_cast<std::int32_t>(value) - most))
      sum += rounding_shift_right(*e, kSumBits);
  }
  const Reciprocal reciprocal = reciprocal_of_sum(sum);
  for (auto& value : line) {
    const auto e = differences.exp(static_cast<std::int32_t>(value) - most);
    value = range.low;
    if (!e) continue;
    const int shift = reciprocal.bits_over_unit + 31 - bits_of(out);
    value += rounding_shift_right(fixed_product(reciprocal.scale, *e), shift);
    value = std::clamp(value, std::int64_t{range.low}, std::int64_t{range.high});
  }
}

std::int16_t saturated(std::int64_t x) {
  return static_cast<std::int16_t>(std::clamp(x, std::int64_t{-32768}, std::int64_t{32767}));
}

/// int16 by tables of exp over [-10, 0] and of 1 / (1 + x) over [0, 1].
void softmax16(std::span<std::int64_t> line, FixedMultiplier m) {
  static const Table16 exponential([](double x) { return std::exp(x); }, 10.0 / 65535.0, 32767, 2.0 / 65535.0);
  static const Table16 inverse([](double x) { return 1.0 / (1.0 + x); }, 1.0 / 65535.0, -32768, 2.0 / 65535.0);
  const auto most = static_cast<std::int32_t>(*std::ranges::max_element(line));
  std::int64_t sum = 0;
  for (auto& value : line) {
    const std::int32_t scaled = kernels::requantized(static_cast<std::int32_t>(value) - most, m);
    value = exponential(saturated(std::int64_t{scaled} + 32767));
    sum += value;
  }
  const int headroom = std::countl_zero(static_cast<std::uint64_t>(sum)) - 32;  // of 32 bits; negative beyond them
  const std::int64_t top = headroom > 0 ? sum << (headroom - 1) : sum >> (1 - headroom);
  const std::int64_t shifted = (top + (1 << 13)) >> 14;
  const std::int64_t reciprocal = inverse(saturated(shifted - ((1 << 15) + (1 << 16))));
  const int right = 31 - headroom;
  for (auto& value : line) {
    value = (value * reciprocal + (std::int64_t{1} << (right - 1))) >> right;
    value = std::clamp(value, std::int64_t{0}, std::int64_t{32767});
  }
}

bool fits(const Softmax& softmax, const Call& call) {
  const DType in = call.in(0).dtype(), out = call.out().dtype;
  const bool eight = bits_of(in) == 8 && (bits_of(out) == 8 || out == DType::int16);
  if (softmax.log || !is_quantized(call.graph, call.op.outputs[0])) return false;
  if (!eight && !(in == DType::int16 && out == DType::int16)) return false;
  // The output's scale is fixed: 2^-8 from the lowest value on, 2^-16 and 2^-15 for 16 bits.
  const Affine y = call.out_affine();
  const float step = out == DType::int16 ? (eight ? 0x1p-16F : 0x1p-15F) : 0x1p-8F;
  const std::int32_t zero = out == DType::int16 && !eight ? 0 : range_of(out).low;
  return std::fabs(y.scale() - step) <= 1e-3F * step && y.zero() == zero;
}

}  // namespace

Arrays evaluate(const Softmax& softmax, const Call& call) {
  if (!fits(softmax, call)) return through_floats(call);
  const float scale = call.in_affine(0).scale();
  const auto line = reference::along(call.in(0).shape(), reference::axis_of(softmax.axis, call.in(0).shape().size()));
  Ints values = stored(call.in(0)), one(static_cast<std::size_t>(line.extent));
  const Differences differences(scale);
  const auto m16 = to_fixed_multiplier(static_cast<double>(scale) / (10.0 / 65535.0));
  for (std::int64_t o = 0; o < line.outer; ++o) {
    for (std::int64_t i = 0; i < line.inner; ++i) {
      for (std::int64_t k = 0; k < line.extent; ++k) {
        one[static_cast<std::size_t>(k)] = values[static_cast<std::size_t>(line.at(o, k, i))];
      }
      call.in(0).dtype() == DType::int16 ? softmax16(one, m16) : softmax8(one, differences, call.out().dtype);
      for (std::int64_t k = 0; k < line.extent; ++k) {
        values[static_cast<std::size_t>(line.at(o, k, i))] = one[static_cast<std::size_t>(k)];
      }
    }
  }
  return {array_of(values, call.out())};
}

}  // namespace chipcast::kernels::quantized
