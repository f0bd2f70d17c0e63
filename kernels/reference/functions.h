// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "workloads/operators.h"

namespace chipcast::kernels::reference {

/// The unary function of one element, by its definition. C: float or double.
template <class C>
C apply_function(const Unary& unary, C x);

/// Those that are defined on integers too: relu, clip, neg, abs, square, sign, not and the roundings.
bool defined_on_integers(UnaryFunction function);
std::int64_t apply_integer(const Unary& unary, std::int64_t x);

/// The result of a pair; comparisons and logic give 0 or 1.
template <class C>
C apply_function(const Binary& binary, C a, C b);

}  // namespace chipcast::kernels::reference
