// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/elementwise/sharing.h"
#include "workloads/tensor.h"

/// NumPy's broadcasting of two operands as loops over strides. Internal to kernels/elementwise.
namespace chipcast::kernels::elementwise_detail {

/// One axis of the result; an operand that is broadcast along it has stride 0.
struct Axis {
  std::int64_t extent = 1, a = 0, b = 0;
};

/// Axes of the result, outermost first; neighbours that both operands walk as one are joined. At least one axis.
std::vector<Axis> axes_of(const Shape& a, const Shape& b, const Shape& y);

/// Calls run(a, b, y, a_step, b_step, elements) with first elements for pieces of the innermost axis.
template <class Body>
void for_runs(const std::vector<Axis>& axes, ThreadPool& pool, const Body& run) {
  const Axis inner = axes.back();
  std::int64_t outer = 1;
  for (std::size_t i = 0; i + 1 < axes.size(); ++i) outer *= axes[i].extent;
  if (outer == 1) {
    return share(inner.extent, kElementsWorthSharing, pool, [&](std::int64_t first, std::int64_t end) {
      run(first * inner.a, first * inner.b, first, inner.a, inner.b, end - first);
    });
  }
  share(outer, kElementsWorthSharing / inner.extent, pool, [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t i = first; i < end; ++i) {
      std::int64_t a = 0, b = 0, left = i;
      for (std::size_t axis = axes.size() - 1; axis-- > 0;) {
        const std::int64_t at = left % axes[axis].extent;
        left /= axes[axis].extent;
        a += at * axes[axis].a;
        b += at * axes[axis].b;
      }
      run(a, b, i * inner.extent, inner.a, inner.b, inner.extent);
    }
  });
}

}  // namespace chipcast::kernels::elementwise_detail
