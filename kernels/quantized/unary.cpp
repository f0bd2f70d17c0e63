// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/quantized/call.h"
#include "kernels/quantized/lookup.h"
#include "kernels/quantized/unary16.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels::quantized {
namespace {

struct Ends {
  const Affine& from;
  const Affine& to;
};

/// A real bound in stored values.
std::int64_t bound(double real, const Ends& e) {
  return std::int64_t{rounded_to_int(static_cast<float>(real) / e.to.scale())} + e.to.zero();
}

/// RELU, RELU6 and their kin: requantised, then clamped (activations.cc). The ratio of scales is taken in fp32.
Array clipped(const Unary& unary, const Array& x, const Ends& e, const TensorType& type) {
  const bool relu = unary.function == UnaryFunction::relu;
  const auto m = to_fixed_multiplier(static_cast<double>(e.from.scale() / e.to.scale()));
  const Range range = range_of(type.dtype);
  std::int64_t low = range.low, high = range.high;
  if (relu || unary.min) low = std::max(low, bound(relu ? 0.0 : *unary.min, e));
  if (!relu && unary.max) high = std::min(high, bound(*unary.max, e));
  return mapped(x, type, [&](std::int64_t value) {
    const auto centre = static_cast<std::int32_t>(value - e.from.zero());
    return std::min(high, std::max(low, std::int64_t{kernels::requantized(centre, m)} + e.to.zero()));
  });
}

Array leaky(float slope, const Array& x, const Ends& e, const TensorType& type) {
  const auto positive = to_fixed_multiplier(static_cast<double>(e.from.scale() / e.to.scale()));
  const double ratio = static_cast<double>(e.from.scale() * slope / e.to.scale());
  auto negative = to_fixed_multiplier(std::fabs(ratio));
  if (ratio < 0.0) negative.multiplier = -negative.multiplier;
  return mapped(x, type, [&](std::int64_t value) {
    const auto centre = static_cast<std::int32_t>(value - e.from.zero());
    return std::int64_t{kernels::requantized(centre, centre >= 0 ? positive : negative)} + e.to.zero();
  });
}

using Function = float (*)(float);

/// The functions that TensorFlow Lite tabulates for 8 bits, in fp32.
Function tabulated(const Unary& unary) {
  switch (unary.function) {
    case UnaryFunction::sigmoid:
      return [](float x) { return 1.0F / (1.0F + std::exp(-x)); };
    case UnaryFunction::tanh:
      return [](float x) { return std::tanh(x); };
    case UnaryFunction::exp:
      return [](float x) { return std::exp(x); };
    case UnaryFunction::elu:
      if (unary.alpha.value_or(1.0) != 1.0 || unary.beta.value_or(1.0) != 1.0) return nullptr;
      return [](float x) { return x < 0.0F ? std::expm1(x) : x; };
    case UnaryFunction::gelu:
      if (unary.approximate.value_or(false)) {
        return [](float x) {
          constexpr float kRoot = 0.797884560802865F;  // sqrt(2 / pi)
          return 0.5F * x * (1.0F + std::tanh(kRoot * (x + 0.044715F * x * x * x)));
        };
      }
      return [](float x) { return 0.5F * x * std::erfc(x * -0.7071067811865476F); };
    default:
      return nullptr;
  }
}

Array looked_up(Function function, const Array& x, const Ends& e, const TensorType& type) {
  const float per_unit = 1.0F / e.to.scale();
  const Range from = range_of(x.dtype());
  std::array<std::int64_t, 256> table{};
  for (std::int32_t value = from.low; value <= from.high; ++value) {
    const float real = function(e.from.scale() * static_cast<float>(value - e.from.zero()));
    table[static_cast<std::size_t>(value - from.low)] =
        rounded_to_int(std::round(real * per_unit) + static_cast<float>(e.to.zero()));
  }
  return mapped(x, type, [&](std::int64_t value) { return table[static_cast<std::size_t>(value - from.low)]; });
}

bool default_hard_swish(const Unary& unary) {
  return std::fabs(unary.alpha.value_or(1.0 / 6.0) - 1.0 / 6.0) < 1e-6 && unary.beta.value_or(0.5) == 0.5;
}

}  // namespace

bool has_integer_form(const Unary& unary, DType dtype) {
  const bool eight = bits_of(dtype) == 8;
  switch (unary.function) {
    case UnaryFunction::relu:
    case UnaryFunction::clip:
    case UnaryFunction::leaky_relu:
      return true;
    case UnaryFunction::hard_swish:
      return eight && default_hard_swish(unary);
    case UnaryFunction::sigmoid:
    case UnaryFunction::tanh:
      return eight || dtype == DType::int16;
    default:
      return eight && tabulated(unary) != nullptr;
  }
}

Array apply(const Unary& unary, const Array& x, const Affine& from, const TensorType& type, const Affine& to) {
  const Ends ends{from, to};
  switch (unary.function) {
    case UnaryFunction::relu:
    case UnaryFunction::clip:
      return clipped(unary, x, ends, type);
    case UnaryFunction::leaky_relu:
      return leaky(static_cast<float>(unary.alpha.value_or(0.01)), x, ends, type);
    case UnaryFunction::hard_swish:
      return hard_swish(x, from, type, to);
    case UnaryFunction::sigmoid:
      if (x.dtype() == DType::int16) return sigmoid16(x, from, type);
      break;
    case UnaryFunction::tanh:
      if (x.dtype() == DType::int16) return tanh16(x, from, type);
      break;
    default:
      break;
  }
  return looked_up(tabulated(unary), x, ends, type);
}

Arrays evaluate(const Unary& unary, const Call& call) {
  const bool both = is_quantized(call.graph, call.op.outputs[0]);
  if (!both || !has_integer_form(unary, call.in(0).dtype())) return through_floats(call);
  return {apply(unary, call.in(0), call.in_affine(0), call.out(), call.out_affine())};
}

Arrays evaluate(const Prelu&, const Call& call) {
  if (!is_quantized(call.graph, *call.op.inputs[1]) || !is_quantized(call.graph, call.op.outputs[0])) {
    return through_floats(call);
  }
  const Affine x = call.in_affine(0), slope = call.in_affine(1), y = call.out_affine();
  const auto positive = to_fixed_multiplier(static_cast<double>(x.scale() / y.scale()));
  const auto negative = to_fixed_multiplier(static_cast<double>(x.scale() * slope.scale() / y.scale()));
  const Shape& shape = call.out().shape;
  if (call.in(1).shape().size() > shape.size()) return through_floats(call);
  const auto at = reference::offsets(shape, reference::broadcast_strides(call.in(1).shape(), shape));
  const Ints values = stored(call.in(0)), slopes = stored(call.in(1));
  const Range range = range_of(call.out().dtype);
  Ints results(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto centre = static_cast<std::int32_t>(values[i] - x.zero());
    const auto factor = static_cast<std::int32_t>(slopes[static_cast<std::size_t>(at[i])] - slope.zero());
    const auto scaled =
        centre >= 0 ? kernels::requantized(centre, positive) : kernels::requantized(centre * factor, negative);
    results[i] = std::clamp(std::int64_t{scaled} + y.zero(), std::int64_t{range.low}, std::int64_t{range.high});
  }
  return {array_of(results, call.out())};
}

}  // namespace chipcast::kernels::quantized
