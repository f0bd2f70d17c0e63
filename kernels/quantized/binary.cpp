// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "kernels/elementwise/stored.h"
#include "kernels/quantized/call.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels::quantized {
namespace {

using Function = std::function<std::int64_t(std::int32_t a, std::int32_t b)>;

std::int32_t shifted_left(std::int32_t x, int bits) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << bits);
}

/// Both operands in a common scale with `left` bits below the point (add.cc, sub.cc, squared_difference.cc).
struct CommonScale {
  int left;
  FixedMultiplier a, b;
  double twice_larger;

  CommonScale(float scale_a, float scale_b, int left_shift) : left(left_shift) {
    twice_larger = static_cast<double>(2.0F * std::max(scale_a, scale_b));
    a = to_fixed_multiplier(static_cast<double>(scale_a) / twice_larger);
    b = to_fixed_multiplier(static_cast<double>(scale_b) / twice_larger);
  }
  std::int32_t of_a(std::int32_t x) const { return kernels::requantized(shifted_left(x, left), a); }
  std::int32_t of_b(std::int32_t x) const { return kernels::requantized(shifted_left(x, left), b); }
};

/// a + b. A difference is the sum with the second multiplier negated, rounding included.
Function sum(const Affine& a, const Affine& b, const Affine& y, DType dtype, bool subtract) {
  CommonScale common(a.scale(), b.scale(), dtype == DType::int16 ? 15 : 20);
  if (subtract) common.b.multiplier = -common.b.multiplier;
  const double step = static_cast<double>(static_cast<float>(1 << common.left) * y.scale());
  const auto m = to_fixed_multiplier(common.twice_larger / step);
  return [=](std::int32_t p, std::int32_t q) { return kernels::requantized(common.of_a(p) + common.of_b(q), m); };
}

/// (a - b)^2: of 16 bits without bits below the point, so that squares of 2^15 - 1 at most fit.
Function squared_difference(const Affine& a, const Affine& b, const Affine& y, DType dtype) {
  const CommonScale common(a.scale(), b.scale(), dtype == DType::int16 ? 0 : 7);
  const double step = static_cast<double>(static_cast<float>(1 << (2 * common.left)) * y.scale());
  const auto m = to_fixed_multiplier(common.twice_larger * common.twice_larger / step);
  return [=](std::int32_t p, std::int32_t q) {
    const std::int32_t difference = common.of_a(p) - common.of_b(q);
    return kernels::requantized(difference * difference, m);
  };
}

Function product(const Affine& a, const Affine& b, const Affine& y) {
  const auto m = to_fixed_multiplier(static_cast<double>(a.scale() * b.scale() / y.scale()));
  return [m](std::int32_t p, std::int32_t q) { return kernels::requantized(p * q, m); };
}

Function integer_form(BinaryFunction function, const Affine& a, const Affine& b, const Affine& y, DType dtype) {
  switch (function) {
    case BinaryFunction::add:
    case BinaryFunction::sub:
      return sum(a, b, y, dtype, function == BinaryFunction::sub);
    case BinaryFunction::mul:
      return product(a, b, y);
    case BinaryFunction::squared_difference:
      return squared_difference(a, b, y, dtype);
    default:
      return {};
  }
}

/// The integer forms count on formats of at most 8 bits, or of 16 without zero points, as TensorFlow Lite has them:
/// 32 bits hold all that they compute then.
bool fits_integer_form(const Call& call) {
  const auto fits = [&](DType dtype, const Affine& affine) {
    return bits_of(dtype) <= 8 || (dtype == DType::int16 && affine.zero() == 0);
  };
  return fits(call.in(0).dtype(), call.in_affine(0)) && fits(call.in(1).dtype(), call.in_affine(1)) &&
         fits(call.out().dtype, call.out_affine()) &&
         (call.in(0).dtype() == DType::int16) == (call.in(1).dtype() == DType::int16);
}

/// The right operand is as large as the left one, or a row along the last axes that repeats, or one value.
bool repeats_whole(const Shape& b, const Shape& y) {
  std::size_t first = 0;
  while (first < b.size() && b[first] == 1) ++first;
  const std::size_t kept = b.size() - first;
  return kept <= y.size() && std::equal(b.begin() + static_cast<std::ptrdiff_t>(first), b.end(),
                                        y.end() - static_cast<std::ptrdiff_t>(kept));
}

/// On the SIMD kernels, which compute the same: sums, differences and products of int8.
std::optional<Array> fast(BinaryFunction function, const Call& call, const Affine& a, const Affine& b,
                          const Affine& y) {
  const bool bytes =
      call.in(0).dtype() == DType::int8 && call.in(1).dtype() == DType::int8 && call.out().dtype == DType::int8;
  const bool fits = call.in(0).shape() == call.out().shape && repeats_whole(call.in(1).shape(), call.out().shape);
  if (call.options.reference || !bytes || !fits) return std::nullopt;
  ThreadPool alone(1);
  ThreadPool& pool = call.options.pool != nullptr ? *call.options.pool : alone;
  Array result(call.out());
  const auto run = [&](const auto& law, auto kernel) {
    kernel(law, call.in(0).data<std::int8_t>(), call.in(1).data<std::int8_t>(), result.data<std::int8_t>(),
           result.elements(), call.in(1).elements(), pool);
  };
  if (function == BinaryFunction::mul) {
    const auto m = to_fixed_multiplier(static_cast<double>(a.scale() * b.scale() / y.scale()));
    run(StoredProduct{.zero_a = a.zero(), .zero_b = b.zero(), .zero_y = y.zero(), .scale = m}, kernels::multiply);
    return result;
  }
  if (function != BinaryFunction::add && function != BinaryFunction::sub) return std::nullopt;
  const CommonScale common(a.scale(), b.scale(), 20);
  const double step = static_cast<double>(static_cast<float>(1 << common.left) * y.scale());
  run(StoredSum{.zero_a = a.zero(),
                .zero_b = b.zero(),
                .zero_y = y.zero(),
                .scale_a = common.a,
                .scale_b = common.b,
                .scale_y = to_fixed_multiplier(common.twice_larger / step),
                .left_shift = common.left,
                .subtract = function == BinaryFunction::sub},
      static_cast<void (*)(const StoredSum&, const std::int8_t*, const std::int8_t*, std::int8_t*, std::int64_t,
                           std::int64_t, ThreadPool&)>(kernels::add));
  return result;
}

/// f(a - a0, b - b0) + y0 with broadcasting.
Array broadcast(const Call& call, const Affine& a, const Affine& b, std::int32_t y_zero, const Function& f) {
  const Ints left = stored(call.in(0)), right = stored(call.in(1));
  const Shape& shape = call.out().shape;
  const auto at_a = reference::offsets(shape, reference::broadcast_strides(call.in(0).shape(), shape));
  const auto at_b = reference::offsets(shape, reference::broadcast_strides(call.in(1).shape(), shape));
  const Range range = range_of(call.out().dtype);
  Ints values(at_a.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto p = static_cast<std::int32_t>(left[static_cast<std::size_t>(at_a[i])] - a.zero());
    const auto q = static_cast<std::int32_t>(right[static_cast<std::size_t>(at_b[i])] - b.zero());
    values[i] = std::clamp(f(p, q) + y_zero, std::int64_t{range.low}, std::int64_t{range.high});
  }
  return array_of(values, call.out());
}

}  // namespace

Arrays evaluate(const Binary& binary, const Call& call) {
  if (!is_quantized(call.graph, *call.op.inputs[1]) || !is_quantized(call.graph, call.op.outputs[0])) {
    return through_floats(call);
  }
  const Affine a = call.in_affine(0), b = call.in_affine(1), y = call.out_affine();
  // MAXIMUM and MINIMUM compare stored values: TensorFlow Lite has one scale for all three tensors.
  if (a == b && b == y && binary.function == BinaryFunction::max) {
    return {broadcast(call, a, b, y.zero(), [](std::int32_t p, std::int32_t q) { return std::max(p, q); })};
  }
  if (a == b && b == y && binary.function == BinaryFunction::min) {
    return {broadcast(call, a, b, y.zero(), [](std::int32_t p, std::int32_t q) { return std::min(p, q); })};
  }
  if (!fits_integer_form(call)) return through_floats(call);
  if (auto result = fast(binary.function, call, a, b, y)) return {*std::move(result)};
  const Function f = integer_form(binary.function, a, b, y, call.in(0).dtype());
  return f ? Arrays{broadcast(call, a, b, y.zero(), f)} : through_floats(call);
}

}  // namespace chipcast::kernels::quantized
