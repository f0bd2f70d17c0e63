// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "kernels/quantized/call.h"
#include "kernels/reference/call.h"

namespace chipcast::kernels::quantized {
namespace {

/// Sums of stored values along the axes.
Array sums_of(const Reduce& reduce, const Call& call) {
  Reduce sum = reduce;
  sum.function = ReduceFunction::sum;
  const std::vector<Array> operands{array_of(stored(call.in(0)), {call.in(0).shape(), DType::int64})};
  return reference::evaluate(sum, reference::Call{operands, {{call.out().shape, DType::int64}}, call.place}).front();
}

/// m / count, with as many bits as fit (QuantizedMeanOrSum of reduce.h).
FixedMultiplier divided(FixedMultiplier m, std::int64_t count) {
  int shift = 63 - std::countl_zero(static_cast<std::uint64_t>(count));
  shift = std::min({shift, 32, 31 + m.shift});
  return {static_cast<std::int32_t>((std::int64_t{m.multiplier} << shift) / count), m.shift - shift};
}

/// x * m as of a 32-bit sum; of one that is wider, which TensorFlow Lite does not provide for, the nearest number.
std::int64_t scaled(std::int64_t x, FixedMultiplier m) {
  constexpr auto kMost = std::numeric_limits<std::int32_t>::max();
  if (std::abs(x) <= kMost) return kernels::requantized(static_cast<std::int32_t>(x), m);
  const double real = std::ldexp(static_cast<double>(x) * m.multiplier, m.shift - 31);
  return std::llround(std::clamp<double>(real, -kMost, kMost));
}

Array scaled_sums(const Reduce& reduce, const Call& call) {
  const Affine x = call.in_affine(0), y = call.out_affine();
  const Array sums = sums_of(reduce, call);
  const std::int64_t count = call.in(0).elements() / std::max<std::int64_t>(sums.elements(), 1);
  auto m = to_fixed_multiplier(static_cast<double>(x.scale()) / static_cast<double>(y.scale()));
  if (reduce.function == ReduceFunction::mean) m = divided(m, count);
  return mapped(sums, call.out(), [&](std::int64_t sum) {
    const std::int64_t centre = sum - count * x.zero();
    return scaled(centre, m) + y.zero();
  });
}

}  // namespace

Arrays evaluate(const Reduce& reduce, const Call& call) {
  if (reduce.function == ReduceFunction::mean || reduce.function == ReduceFunction::sum) {
    return {scaled_sums(reduce, call)};
  }
  if (reduce.function == ReduceFunction::max || reduce.function == ReduceFunction::min) return moved(call);
  return through_floats(call);
}

}  // namespace chipcast::kernels::quantized
