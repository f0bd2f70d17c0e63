// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/quantized/call.h"
#include "kernels/reference/call.h"

namespace chipcast::kernels::quantized {
namespace {

/// One image in int8 with a scale of its own.
struct Scaled {
  float scale = 1.0F, steps_per_unit = 1.0F;
  std::int32_t zero = 0, least = -128;

  std::int64_t centred(float value) const {
    return std::clamp(rounded_to_int(static_cast<float>(zero) + value * steps_per_unit), least, 127) - zero;
  }
};

/// Where weights have one scale (SymmetricQuantizeFloats of tensor_utils).
Scaled symmetric(std::span<const float> values) {
  float range = 0.0F;
  for (const float value : values) range = std::max(range, std::fabs(value));
  if (range == 0.0F) return {};
  return {.scale = range / 127.0F, .steps_per_unit = 127.0F / range, .least = -127};
}

/// Where weights have a scale per channel (AsymmetricQuantizeFloats).
Scaled asymmetric(std::span<const float> values) {
  const double low = std::min(0.0F, *std::ranges::min_element(values));
  const double high = std::max(0.0F, *std::ranges::max_element(values));
  if (low == high) return {};
  const double step = (high - low) / 255.0;
  const bool low_is_closer = 128.0 + std::fabs(low / step) < 127.0 + std::fabs(high / step);
  const double zero = std::clamp(low_is_closer ? -128.0 - low / step : 127.0 - high / step, -128.0, 127.0);
  const auto scale = static_cast<float>(step);
  return {.scale = scale, .steps_per_unit = 1.0F / scale, .zero = static_cast<std::int32_t>(std::round(zero))};
}

}  // namespace

bool is_hybrid(const Graph& graph, const Op& op) {
  const auto* conv = op.as<Conv>();
  if (conv == nullptr || conv->layout != Layout::nhwc) return false;
  const Tensor &x = graph.tensor(*op.inputs[0]), &w = graph.tensor(*op.inputs[1]);
  const auto affine = affine_of(graph, *op.inputs[1]);
  return x.type.dtype == DType::fp32 && w.type.dtype == DType::int8 && affine &&
         graph.tensor(op.outputs[0]).type.dtype == DType::fp32 &&
         std::ranges::all_of(affine->zeros, [](auto zero) { return zero == 0; });
}

Arrays hybrid(const Conv& conv, const Call& call) {
  const Affine w = call.in_affine(1);
  const std::int64_t batch = call.in(0).shape().front();
  const auto size = static_cast<std::size_t>(call.in(0).elements() / batch);
  const auto values = call.in(0).span<float>();
  std::vector<float> scales;
  Ints centre;
  for (std::size_t n = 0; n < static_cast<std::size_t>(batch); ++n) {
    const auto image = values.subspan(n * size, size);
    const Scaled scaled = w.per_tensor() ? symmetric(image) : asymmetric(image);
    scales.push_back(scaled.scale);
    for (const float value : image) centre.push_back(scaled.centred(value));
  }
  const std::vector<Array> operands{array_of(centre, {call.in(0).shape(), DType::int64}), centred(call.in(1), w)};
  const TensorType type{call.out().shape, DType::int64};
  const Array sums = reference::evaluate(conv, reference::Call{operands, {type}, call.place}).front();
  Array y(call.out());
  const auto from = sums.span<std::int64_t>();
  const auto to = y.span<float>();
  const auto channels = static_cast<std::size_t>(call.out().shape.back()), per_image = to.size() / scales.size();
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::size_t c = i % channels;
    const float bias = call.maybe(2) != nullptr ? call.in(2).span<float>()[c] : 0.0F;
    const auto sum = static_cast<float>(from[i]);
    const float image = scales[i / per_image];
    to[i] = (w.per_tensor() ? sum * (image * w.scale()) : sum * w.scales[c] * image) + bias;
  }
  return {y};
}

}  // namespace chipcast::kernels::quantized
