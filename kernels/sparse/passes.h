// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

#include "kernels/elementwise/sharing.h"

namespace chipcast::kernels::sparse_detail {

/// Elements of a row of x that all rows of weights pass over before the next ones: with a few hundred columns they fit
/// a second-level cache.
inline constexpr std::int64_t kStrip = 256;

/// Calls body(row, first, end) for rows [0, rows) and strips of the width, rows innermost.
template <class Body>
void for_strips(std::int64_t rows, std::int64_t width, ThreadPool& pool, const Body& body) {
  const std::int64_t strips = (width + kStrip - 1) / kStrip;
  share(strips * rows, 1 + 64 / strips, pool, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      const std::int64_t first = i / rows * kStrip;
      body(i % rows, first, std::min(width, first + kStrip));
    }
  });
}

}  // namespace chipcast::kernels::sparse_detail
