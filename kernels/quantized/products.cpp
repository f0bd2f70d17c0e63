// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/products.h"

#include <algorithm>
#include <cmath>

#include "kernels/quantized/call.h"
#include "kernels/reference/call.h"
#include "kernels/reference/indices.h"
#include "workloads/window.h"

namespace chipcast::kernels::quantized {
namespace {

/// Exact sums of an operator on centred operands.
template <class A>
Array sums_of(const A& attributes, const Call& call, std::vector<Array> operands) {
  const TensorType type{call.out().shape, DType::int64};
  return reference::evaluate(attributes, reference::Call{operands, {type}, call.place}).front();
}

std::vector<Array> centred_operands(const Call& call) {
  std::vector<Array> operands{centred(call.in(0), call.in_affine(0)), centred(call.in(1), call.in_affine(1))};
  if (const auto bias = stored_bias(call); !bias.empty()) {
    const Shape shape = call.inputs[2].shape();
    operands.push_back(array_of(bias, {shape, DType::int64}));
  }
  return operands;
}

/// requantized_once of sums up to 2^47: the product is taken in two parts.
std::int64_t requantized_once_wide(std::int64_t x, FixedMultiplier m) {
  const int right = 31 - m.shift;
  if (right < 16) return std::int64_t{requantized_once(static_cast<std::int32_t>(x), m)};
  const std::int64_t high = x >> 16, low = x & 0xFFFF, half = std::int64_t{1} << (right - 1);
  return (high * m.multiplier + ((low * m.multiplier + half) >> 16)) >> (right - 16);
}

std::int64_t requantized_sum(std::int64_t sum, const ProductOutput& output, std::size_t channel) {
  if (output.storing == Storing::half_away) {
    const float scale = output.scales[output.scales.size() == 1 ? 0 : channel];
    constexpr float kMost = 1e9F;  // beyond every format, within int32
    return std::lround(std::clamp(static_cast<float>(sum) * scale, -kMost, kMost));
  }
  const FixedMultiplier m = output.multipliers[output.multipliers.size() == 1 ? 0 : channel];
  if (output.wide) return output.rounding == Rounding::once ? requantized_once_wide(sum, m) : requantized_wide(sum, m);
  const auto low = static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::uint64_t>(sum)));
  return output.rounding == Rounding::once ? requantized_once(low, m) : kernels::requantized(low, m);
}

/// Sums in the output's scale; `axis` holds the output channels.
Array finished(const Array& sums, const Call& call, const ProductOutput& output, std::size_t axis) {
  const Range range = range_of(call.out().dtype);
  const auto line = reference::along(sums.shape(), axis);
  Ints values = stored(sums);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto channel = static_cast<std::size_t>(static_cast<std::int64_t>(i) / line.inner % line.extent);
    const std::int64_t value = requantized_sum(values[i], output, channel) + output.zero_point;
    values[i] = std::clamp(value, std::int64_t{range.low}, std::int64_t{range.high});
  }
  return array_of(values, call.out());
}

/// What a SIMD kernel left: stored values, or sums.
Array finished_fast(const Array& y, const Call& call, const ProductOutput& output, std::size_t axis) {
  return output.storing == Storing::tflite ? y : finished(y, call, output, axis);
}

void refuse_truncation(const Call& call) {
  if (call.options.storing == Storing::truncated) call.fail("only conv and gemm truncate their products here");
}

}  // namespace

Ints stored_bias(const Call& call) {
  const Array* bias = call.maybe(2);
  if (bias == nullptr) return {};
  if (!is_float(bias->dtype())) return stored(*bias);
  // A bias in real numbers is brought into the scale of the sums.
  const Affine x = call.in_affine(0), w = call.in_affine(1);
  const Array reals = *bias;
  Affine to;
  for (const float scale : w.scales) to.scales.push_back(x.scale() * scale);
  to.zeros.resize(to.scales.size(), 0);
  if (!to.per_tensor()) to.axis = reals.shape().size() - 1;
  return stored(quantized(reals, {reals.shape(), DType::int32}, to));
}

ProductOutput product_output(const Call& call, bool convolution) {
  const Affine x = call.in_affine(0), w = call.in_affine(1), y = call.out_affine();
  ProductOutput out;
  out.zero_point = y.zero();
  out.storing = call.options.storing;
  // TensorFlow Lite multiplies the operands' scales in double precision, except for the old uint8 convolutions.
  const bool in_double = !convolution || call.in(0).dtype() != DType::uint8;
  for (const float scale : w.scales) {
    const double product = in_double ? static_cast<double>(x.scale()) * static_cast<double>(scale)
                                     : static_cast<double>(x.scale() * scale);
    out.multipliers.push_back(to_fixed_multiplier(product / static_cast<double>(y.scale())));
    out.scales.push_back(static_cast<float>(product / static_cast<double>(y.scale())));
  }
  const Array* bias = call.maybe(2);
  out.wide = call.in(0).dtype() == DType::int16 && (bias == nullptr || bias->dtype() == DType::int64);
  out.rounding = convolution ? Rounding::twice : Rounding::once;
  return out;
}

Arrays evaluate(const Conv& conv, const Call& call) {
  const ProductOutput output = product_output(call, true);
  if (output.storing == Storing::truncated) return {truncated(conv, call, output)};
  const std::size_t axis = channel_axis(conv.layout, call.out().shape.size());
  if (!call.options.reference) {
    if (auto fast = fast_conv(conv, call, output)) return {finished_fast(*fast, call, output, axis)};
  }
  return {finished(sums_of(conv, call, centred_operands(call)), call, output, axis)};
}

Arrays evaluate(const ConvTranspose& conv, const Call& call) {
  refuse_truncation(call);
  const Array sums = sums_of(conv, call, centred_operands(call));
  return {finished(sums, call, product_output(call, true), channel_axis(conv.layout, sums.shape().size()))};
}

Arrays evaluate(const Gemm& gemm, const Call& call) {
  const ProductOutput output = product_output(call, false);
  if (output.storing == Storing::truncated) return {truncated(gemm, call, output)};
  if (!call.options.reference) {
    if (auto fast = fast_gemm(gemm, call, output)) return {finished_fast(*fast, call, output, 1)};
  }
  return {finished(sums_of(gemm, call, centred_operands(call)), call, output, 1)};
}

Arrays evaluate(const Matmul& matmul, const Call& call) {
  refuse_truncation(call);
  ProductOutput output = product_output(call, false);
  output.rounding = Rounding::twice;
  const Array sums = sums_of(matmul, call, centred_operands(call));
  return {finished(sums, call, output, sums.shape().size() - 1)};
}

}  // namespace chipcast::kernels::quantized
