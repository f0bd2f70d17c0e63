// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/epilogue.h"
#include "workloads/operators/elementwise.h"

/// Functions of two operands over runs of elements. Internal to kernels/elementwise.
namespace chipcast::kernels::elementwise_detail {

/// y[i] = f(a[i * a_step], b[i * b_step]); steps are 0 or 1.
struct Run {
  const float* a = nullptr;
  const float* b = nullptr;
  float* y = nullptr;
  std::int64_t a_step = 1, b_step = 1, elements = 0;
};

enum class RunFunction { add, sub, mul, div, max, min, squared_difference, prelu };

void compute(RunFunction function, const Run& run, Clamp clamp);

}  // namespace chipcast::kernels::elementwise_detail
