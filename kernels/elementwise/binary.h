// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/epilogue.h"
#include "kernels/threads/pool.h"
#include "workloads/operators/elementwise.h"
#include "workloads/tensor.h"

/// Functions of two operands with NumPy's broadcasting: y has the shape that `a_shape` and `b_shape` broadcast to.
/// Vectorised for equal shapes and for an operand that is constant or whole along the last axis; other axes are walked
/// by strides. Throws InputError for shapes that do not broadcast or have an extent < 1.
namespace chipcast::kernels {

/// The shape of a function of both. Throws InputError where they do not broadcast.
Shape broadcast(const Shape& a, const Shape& b);

/// Functions that give numbers: add, sub, mul, div, max, min, pow, mod, squared_difference; bounded by `clamp`.
/// y may be a or b where that has y's shape. max and min give NaN where either is NaN.
void binary(const Binary& op, const float* a, const Shape& a_shape, const float* b, const Shape& b_shape, float* y,
            Clamp clamp, ThreadPool& pool);

/// equal, less, less_equal, greater, greater_equal: 1 or 0 in a byte each.
void compare(BinaryFunction function, const float* a, const Shape& a_shape, const float* b, const Shape& b_shape,
             std::uint8_t* y, ThreadPool& pool);

/// logical_and, logical_or, logical_xor of booleans, a byte each (any value but 0 is true).
void logical(BinaryFunction function, const std::uint8_t* a, const Shape& a_shape, const std::uint8_t* b,
             const Shape& b_shape, std::uint8_t* y, ThreadPool& pool);

/// x where it is positive or NaN, slope * x where it is not; `slope_shape` broadcasts to `x_shape` from the right.
void prelu(const float* x, const Shape& x_shape, const float* slope, const Shape& slope_shape, float* y,
           ThreadPool& pool);

}  // namespace chipcast::kernels
