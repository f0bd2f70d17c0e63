// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// A tensor seen along one axis: [outer, extent, inner], inner fastest.
struct AxisShape {
  std::int64_t outer = 1, extent = 1, inner = 1;
};

/// exp(x - m) / sum(exp(x - m)) along the axis, m its largest element; with `log` x - m - log(sum(exp(x - m))).
/// x == y is allowed. A NaN, or nothing but -infinity, gives NaN along its line. Throws InputError for extents < 1.
void softmax(const AxisShape& shape, bool log, const float* x, float* y, ThreadPool& pool);

}  // namespace chipcast::kernels
