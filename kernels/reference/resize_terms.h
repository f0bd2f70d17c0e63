// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "workloads/operators.h"

namespace chipcast::kernels::reference {

/// Element `at` of the input with a weight.
struct Term {
  std::int64_t at;
  double weight;
};
/// What one place of the output takes of the input along one axis.
using Terms = std::vector<Term>;

/// The terms of every place along one axis: one for nearest, two for linear, four for cubic (Keys).
std::vector<Terms> axis_terms(const Resize& op, std::size_t axis, std::int64_t in, std::int64_t out);

}  // namespace chipcast::kernels::reference
