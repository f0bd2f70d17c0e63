// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/gemm_int/requantize.h"
#include "kernels/threads/pool.h"

/// Sums and products of int8 tensors in TensorFlow Lite's fixed-point arithmetic. The right operand repeats: b_elements
/// divides elements (a whole tensor, a row along the last axis, or one value). y may be a. All throw InputError for
/// elements < 1 and for b_elements that do not divide them.
namespace chipcast::kernels {

/// y = clamp(requantized(requantized((a - zero_a) << left_shift, scale_a) +- requantized((b - zero_b) << left_shift,
/// scale_b), scale_y) + zero_y). TensorFlow Lite takes left_shift = 20 and scales of a, b by twice the larger one.
struct StoredSum {
  std::int32_t zero_a = 0, zero_b = 0, zero_y = 0;
  FixedMultiplier scale_a{}, scale_b{}, scale_y{};
  int left_shift = 20;
  bool subtract = false;
  std::int32_t low = -128, high = 127;
};
void add(const StoredSum& sum, const std::int8_t* a, const std::int8_t* b, std::int8_t* y, std::int64_t elements,
         std::int64_t b_elements, ThreadPool& pool);

/// y = clamp(requantized((a - zero_a) * (b - zero_b), scale) + zero_y).
struct StoredProduct {
  std::int32_t zero_a = 0, zero_b = 0, zero_y = 0;
  FixedMultiplier scale{};
  std::int32_t low = -128, high = 127;
};
void multiply(const StoredProduct& product, const std::int8_t* a, const std::int8_t* b, std::int8_t* y,
              std::int64_t elements, std::int64_t b_elements, ThreadPool& pool);

}  // namespace chipcast::kernels
