// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/threads/pool.h"
#include "workloads/operators/elementwise.h"

namespace chipcast::kernels {

/// y[i] = f(x[i]) for the functions of UnaryFunction that give numbers; defaults of alpha and beta as Unary documents
/// them. x == y is allowed. Errors against a double computation: README.md.
/// Throws InputError for elements < 1, for an elu whose beta is 0, and for logical_not and is_nan (below).
void unary(const Unary& op, const float* x, float* y, std::int64_t elements, ThreadPool& pool);

/// 1 where x is NaN, else 0.
void is_nan(const float* x, std::uint8_t* y, std::int64_t elements, ThreadPool& pool);
/// Booleans, a byte each: 1 where x is 0, else 0.
void logical_not(const std::uint8_t* x, std::uint8_t* y, std::int64_t elements, ThreadPool& pool);

/// y[i] = table[x[i] + 128]: any function of an int8 tensor, as TensorFlow Lite computes most of them.
void look_up(const std::int8_t* table, const std::int8_t* x, std::int8_t* y, std::int64_t elements, ThreadPool& pool);

}  // namespace chipcast::kernels
