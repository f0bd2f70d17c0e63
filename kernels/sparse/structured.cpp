// SPDX-License-Identifier: Apache-2.0
#include "kernels/sparse/structured.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>

#include "kernels/extents.h"
#include "kernels/sparse/passes.h"
#include "kernels/sparse/products.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

std::string text_of(SparsePattern pattern) { return std::to_string(pattern.n) + ":" + std::to_string(pattern.m); }

void check(SparsePattern pattern, std::int64_t rows, std::int64_t columns) {
  expect_at_least_1("sparse", rows, "rows");
  expect_at_least_1("sparse", columns, "columns");
  check_type({{rows, columns}, DType::fp32}, "sparse: weights");
  if (pattern.n < 1 || pattern.n > pattern.m || pattern.m > 16) {
    throw InputError("sparse.pattern", text_of(pattern) + " is not allowed; 1 <= n <= m <= 16");
  }
}

}  // namespace

void prune(SparsePattern pattern, std::int64_t rows, std::int64_t columns, float* weights) {
  check(pattern, rows, columns);
  std::vector<std::int64_t> order;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t first = 0; first < columns; first += pattern.m) {
      float* group = weights + row * columns + first;
      order.resize(static_cast<std::size_t>(std::min<std::int64_t>(pattern.m, columns - first)));
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(),
                       [&](std::int64_t i, std::int64_t j) { return std::abs(group[i]) > std::abs(group[j]); });
      for (std::size_t i = static_cast<std::size_t>(pattern.n); i < order.size(); ++i) group[order[i]] = 0.0F;
    }
  }
}

StructuredF32::StructuredF32(SparsePattern pattern, std::int64_t rows, std::int64_t columns, const float* weights)
    : pattern_(pattern), rows_(rows), columns_(columns) {
  check(pattern, rows, columns);
  const std::int64_t groups = (columns + pattern.m - 1) / pattern.m;
  kept_ = groups * pattern.n;
  values_ = Array({{rows, kept_}, DType::fp32});
  places_ = Array({{rows, kept_}, DType::uint8});
  for (std::int64_t i = 0; i < rows * groups; ++i) {
    const std::int64_t row = i / groups, first = i % groups * pattern.m;
    int kept = 0;
    for (std::int64_t place = 0; place < std::min<std::int64_t>(pattern.m, columns - first); ++place) {
      const float w = weights[row * columns + first + place];
      if (w == 0.0F) continue;
      if (kept == pattern.n) {
        throw InputError("sparse", "row " + std::to_string(row) + ", columns from " + std::to_string(first) +
                                       ": more values than " + text_of(pattern) + " allows; call prune() first");
      }
      values_.data<float>()[i * pattern.n + kept] = w;
      places_.data<std::uint8_t>()[i * pattern.n + kept] = static_cast<std::uint8_t>(place);
      ++kept;
    }
  }
}

void StructuredF32::multiply(std::int64_t width, const float* x, const float* bias, float* y, Clamp clamp,
                             ThreadPool& pool) const {
  expect_at_least_1("sparse", width, "width");
  sparse_detail::for_strips(rows_, width, pool, [&](std::int64_t row, std::int64_t first, std::int64_t end) {
    sparse_detail::multiply(sparse_detail::StructuredRow{.n = pattern_.n,
                                                         .m = pattern_.m,
                                                         .groups = kept_ / pattern_.n,
                                                         .values = values_.data<float>() + row * kept_,
                                                         .places = places_.data<std::uint8_t>() + row * kept_,
                                                         .x = x,
                                                         .bias = bias == nullptr ? 0.0F : bias[row],
                                                         .y = y + row * width,
                                                         .width = width,
                                                         .clamp = clamp},
                            first, end);
  });
}

std::int64_t StructuredF32::packed_bits() const {
  const auto place = static_cast<std::int64_t>(std::bit_width(static_cast<unsigned>(pattern_.m - 1)));
  return rows_ * kept_ * (32 + place);
}

}  // namespace chipcast::kernels
