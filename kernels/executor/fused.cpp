// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/fused.h"

#include <algorithm>
#include <cmath>

#include "kernels/elementwise/unary.h"
#include "kernels/reference/reference.h"

namespace chipcast::kernels {
namespace {

bool only_bounds(const Unary& unary) {
  return unary.function == UnaryFunction::relu || unary.function == UnaryFunction::clip;
}

Clamp bounds_of(const Unary& unary) {
  Clamp clamp;
  if (unary.function == UnaryFunction::relu) return {.low = 0.0F};
  if (unary.min) clamp.low = static_cast<float>(*unary.min);
  if (unary.max) clamp.high = static_cast<float>(*unary.max);
  return clamp;
}

}  // namespace

Fused split_fused(const Op& op) {
  Fused fused;
  for (const auto& activation : op.fused) {
    if (!fused.rest.empty() || !only_bounds(activation.unary)) {
      fused.rest.push_back(activation.unary);
      continue;
    }
    const Clamp next = bounds_of(activation.unary);
    fused.clamp.low = std::clamp(fused.clamp.low, next.low, next.high);
    fused.clamp.high = std::clamp(fused.clamp.high, next.low, next.high);
  }
  return fused;
}

void apply_rest(const Fused& fused, Array& values, ThreadPool& pool) {
  for (const auto& function : fused.rest) {
    if (values.dtype() == DType::fp32) {
      unary(function, values.data<float>(), values.data<float>(), values.elements(), pool);
    } else {
      values = reference::apply(function, values);
    }
  }
}

}  // namespace chipcast::kernels
