// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/quantized/call.h"

/// Functions that TensorFlow Lite computes in 16-bit fixed point.
namespace chipcast::kernels::quantized {

/// x * min(max(x + 3, 0), 6) / 6 of 8-bit values (hard_swish.h).
Array hard_swish(const Array& x, const Affine& from, const TensorType& type, const Affine& to);

/// Of int16 values with zero point 0, in steps of 2^-15 (integer_ops/logistic.h, integer_ops/tanh.h).
Array sigmoid16(const Array& x, const Affine& from, const TensorType& type);
Array tanh16(const Array& x, const Affine& from, const TensorType& type);

}  // namespace chipcast::kernels::quantized
