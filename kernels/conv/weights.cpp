// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv/plan.h"
#include "kernels/formats/half.h"

namespace chipcast::kernels {

ConvWeights onnx_weights(const ConvShape& shape, const void* values, DType dtype) {
  check(shape);
  ConvWeights weights;
  weights.values = values;
  weights.dtype = dtype;
  const std::int64_t taps = shape.taps();
  weights.taps = {shape.kernel[1] * shape.kernel[2], shape.kernel[2], 1};
  weights.out = shape.transposed ? taps : shape.in_per_group() * taps;
  weights.in = shape.transposed ? shape.out_per_group() * taps : taps;
  if (shape.transposed) weights.group = shape.in_per_group() * weights.in;
  return weights;
}

ConvWeights channels_last_weights(const ConvShape& shape, const void* values, DType dtype) {
  check(shape);
  ConvWeights weights;
  weights.values = values;
  weights.dtype = dtype;
  weights.in = 1;
  const std::int64_t pixel = shape.in_per_group();
  weights.taps = {pixel * shape.kernel[1] * shape.kernel[2], pixel * shape.kernel[2], pixel};
  weights.out = pixel * shape.taps();
  return weights;
}

namespace conv_detail {

float weight_at(const ConvWeights& weights, const ConvShape& shape, std::int64_t group, std::int64_t o,
                const Extents3& tap, std::int64_t i) {
  std::int64_t at = i * weights.in;
  for (std::size_t axis = 0; axis < 3; ++axis) at += tap[axis] * weights.taps[axis];
  at += weights.group ? group * *weights.group + o * weights.out : (group * shape.out_per_group() + o) * weights.out;
  if (weights.dtype == DType::fp16) return to_float(static_cast<const Half*>(weights.values)[at]);
  if (weights.dtype == DType::bf16) return to_float(static_cast<const Bfloat*>(weights.values)[at]);
  return static_cast<const float*>(weights.values)[at];
}

std::vector<float> weight_matrix(const Problem& problem, const Part& part, std::int64_t group) {
  const ConvShape& shape = problem.shape;
  std::vector<float> matrix;
  matrix.reserve(static_cast<std::size_t>(part.taps() * shape.in_per_group() * shape.out_per_group()));
  for (const AxisPart::Tap& z : part.axes[0].taps) {
    for (const AxisPart::Tap& y : part.axes[1].taps) {
      for (const AxisPart::Tap& x : part.axes[2].taps) {
        for (std::int64_t i = 0; i < shape.in_per_group(); ++i) {
          for (std::int64_t o = 0; o < shape.out_per_group(); ++o) {
            matrix.push_back(weight_at(problem.weights, shape, group, o, {z.kernel, y.kernel, x.kernel}, i));
          }
        }
      }
    }
  }
  return matrix;
}

PackedMatrix pack_weights(const Problem& problem, const Part& part, std::int64_t group, DType dtype) {
  const std::vector<float> wide = weight_matrix(problem, part, group);
  const std::int64_t k = part.taps() * problem.shape.in_per_group(), n = problem.shape.out_per_group();
  if (dtype == DType::fp32) return PackedMatrix(dense(wide.data(), k, n));
  std::vector<std::uint16_t> narrow(wide.size());  // the weights come from this format: nothing is rounded
  if (dtype == DType::fp16) convert(wide.data(), reinterpret_cast<Half*>(narrow.data()), wide.size());
  if (dtype == DType::bf16) convert(wide.data(), reinterpret_cast<Bfloat*>(narrow.data()), wide.size());
  return PackedMatrix({narrow.data(), dtype, k, n, n, 1});
}

}  // namespace conv_detail
}  // namespace chipcast::kernels
