// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/gemm_int/requantize.h"
#include "workloads/tensor.h"

namespace chipcast::kernels {

/// How the fixed-point product is rounded: requantized() or requantized_once().
enum class Rounding { twice, once };

/// What becomes of a product's 32-bit sums (bias included). Lists have one entry, or one per output channel.
struct IntOutput {
  /// int32: the sums, wrapped at 32 bits. fp32: sum * scale. int8, int7, uint8, int16: clamp(round(sum * multiplier or
  /// scale) + zero_point, low, high).
  DType type{DType::int32};
  std::vector<FixedMultiplier> multipliers{};  ///< integer types: TensorFlow Lite's fixed-point rounding
  Rounding rounding{Rounding::twice};          ///< of the fixed-point product
  /// fp32, or integer types without multipliers: one float product, rounded half to even, as ONNX's QLinearConv and
  /// QLinearMatMul define it. NaN is not allowed.
  std::vector<float> scales{};
  std::int32_t zero_point = 0;
  /// Range of the stored value; the type's own range where it is narrower.
  std::int32_t low = std::numeric_limits<std::int32_t>::min();
  std::int32_t high = std::numeric_limits<std::int32_t>::max();
};

}  // namespace chipcast::kernels
