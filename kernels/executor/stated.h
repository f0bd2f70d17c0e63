// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>

#include "kernels/gemm/half_arithmetic.h"
#include "kernels/quantized/quantized.h"

namespace chipcast::kernels {

/// How a chip computes an operator where it does so in another way than the kernels here. Slow: emulates.
struct StatedArithmetic {
  /// Of operators in fp16: their products, and with a seed the rounding of every result.
  std::optional<HalfArithmetic> half{};
  /// Of operators on integers.
  quantized::Storing storing = quantized::Storing::tflite;
};

/// By the operator's name.
using StatedArithmetics = std::map<std::string, StatedArithmetic>;

}  // namespace chipcast::kernels
