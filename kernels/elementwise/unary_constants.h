// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "workloads/operators/elementwise.h"

namespace chipcast::kernels::elementwise_detail {

/// A Unary with its defaults filled in.
struct UnaryConstants {
  UnaryFunction function{UnaryFunction::relu};
  bool approximate = false;
  float alpha = 1.0F, beta = 1.0F;
  float min = -std::numeric_limits<float>::infinity(), max = std::numeric_limits<float>::infinity();
};

}  // namespace chipcast::kernels::elementwise_detail
