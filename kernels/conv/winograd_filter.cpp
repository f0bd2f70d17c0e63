// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/conv/winograd.h"
#include "sim/base/check.h"

namespace chipcast::kernels::winograd {

namespace {

/// Finite points; the last one is infinity. F(4): the points of the classic choice, +-1 and +-2, give four times the
/// error of these, whose powers stay near 1 (B. Barabasz et al., "Error analysis and improving the accuracy of Winograd
/// convolution for deep neural networks", TOMS 2020, show how the error follows from the points).
std::vector<double> points_of(int outputs) {
  if (outputs == 2) return {0, 1, -1};
  return {0, std::sqrt(0.5), -std::sqrt(0.5), std::sqrt(2.0), -std::sqrt(2.0)};
}

/// Rows of G: (1, x, x^2) / product of (x - other points); infinity: (0, 0, 1).
std::vector<double> filter_matrix(int outputs) {
  const std::vector<double> points = points_of(outputs);
  std::vector<double> rows;
  for (const double x : points) {
    double divisor = 1;
    for (const double other : points) divisor *= other == x ? 1 : x - other;
    for (const double power : {1.0, x, x * x}) rows.push_back(power / divisor);
  }
  rows.insert(rows.end(), {0, 0, 1});
  return rows;
}

}  // namespace

std::int64_t tiles_at_work(const GemmBlocking& blocking, std::int64_t places, std::int64_t in_channels,
                           std::int64_t out_channels) {
  constexpr std::int64_t kBytesAtWork = 1 << 20;
  const std::int64_t tile_bytes = places * (in_channels + out_channels) * 4;
  return std::max(kBytesAtWork / tile_bytes, 2 * blocking.tile_rows);
}

std::vector<double> transform_filter(int outputs, const double* filter) {
  CHIPCAST_ASSERT(outputs == 2 || outputs == 4);
  const std::vector<double> g = filter_matrix(outputs);
  const std::size_t size = static_cast<std::size_t>(outputs) + 2;
  std::vector<double> result(size * size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      for (std::size_t y = 0; y < 3; ++y) {
        for (std::size_t x = 0; x < 3; ++x) result[i * size + j] += g[i * 3 + y] * filter[y * 3 + x] * g[j * 3 + x];
      }
    }
  }
  return result;
}

}  // namespace chipcast::kernels::winograd
