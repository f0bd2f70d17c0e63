// SPDX-License-Identifier: Apache-2.0
#include "kernels/sparse/blocks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "kernels/extents.h"
#include "kernels/sparse/passes.h"
#include "kernels/sparse/products.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

void check(int block, std::int64_t rows, std::int64_t columns) {
  expect_at_least_1("sparse", rows, "rows");
  expect_at_least_1("sparse", columns, "columns");
  check_type({{rows, columns}, DType::fp32}, "sparse: weights");
  if (block != 1 && block != 2 && block != 4) {
    throw InputError("sparse.block", std::to_string(block) + " is not allowed (known: 1, 2, 4)");
  }
}

/// Rows [b * block, ...) of the block that there are.
std::int64_t rows_of(std::int64_t b, int block, std::int64_t rows) {
  return std::min<std::int64_t>(block, rows - b * block);
}

}  // namespace

void prune_blocks(int block, double sparsity, std::int64_t rows, std::int64_t columns, float* weights) {
  check(block, rows, columns);
  if (!(sparsity >= 0.0 && sparsity <= 1.0)) {
    throw InputError("sparse.sparsity", std::to_string(sparsity) + " is outside [0, 1]");
  }
  const std::int64_t blocks = (rows + block - 1) / block * columns;
  std::vector<double> norm(static_cast<std::size_t>(blocks), 0.0);
  const auto for_values = [&](std::int64_t i, const auto& body) {
    const std::int64_t b = i / columns, column = i % columns;
    for (std::int64_t r = 0; r < rows_of(b, block, rows); ++r) body(weights[(b * block + r) * columns + column]);
  };
  for (std::int64_t i = 0; i < blocks; ++i) {
    for_values(i, [&](float w) { norm[static_cast<std::size_t>(i)] += std::abs(static_cast<double>(w)); });
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(blocks));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
    return norm[static_cast<std::size_t>(i)] < norm[static_cast<std::size_t>(j)];
  });
  const auto zeroed = static_cast<std::size_t>(std::llround(sparsity * static_cast<double>(blocks)));
  for (std::size_t i = 0; i < zeroed; ++i) for_values(order[i], [](float& w) { w = 0.0F; });
}

BlockSparseF32::BlockSparseF32(int block, std::int64_t rows, std::int64_t columns, const float* weights)
    : block_(block), rows_(rows), columns_(columns) {
  check(block, rows, columns);
  std::vector<float> values;
  first_block_.push_back(0);
  for (std::int64_t b = 0; b * block < rows; ++b) {
    const std::int64_t stored = rows_of(b, block, rows);
    const auto at = [&](std::int64_t r, std::int64_t column) {
      return r < stored ? weights[(b * block + r) * columns + column] : 0.0F;
    };
    for (std::int64_t column = 0; column < columns; ++column) {
      bool kept = false;
      for (std::int64_t r = 0; r < block; ++r) kept = kept || at(r, column) != 0.0F;
      if (!kept) continue;
      column_.push_back(static_cast<std::int32_t>(column));
      for (std::int64_t r = 0; r < block; ++r) values.push_back(at(r, column));
    }
    first_block_.push_back(static_cast<std::int64_t>(column_.size()));
  }
  values_ = Array({{std::max<std::int64_t>(1, static_cast<std::int64_t>(values.size()))}, DType::fp32});
  std::copy(values.begin(), values.end(), values_.data<float>());
}

void BlockSparseF32::multiply(std::int64_t width, const float* x, const float* bias, float* y, Clamp clamp,
                              ThreadPool& pool) const {
  expect_at_least_1("sparse", width, "width");
  const auto block_rows = static_cast<std::int64_t>(first_block_.size()) - 1;
  sparse_detail::for_strips(block_rows, width, pool, [&](std::int64_t b, std::int64_t first, std::int64_t end) {
    const std::int64_t from = first_block_[static_cast<std::size_t>(b)], row = b * block_;
    sparse_detail::multiply(sparse_detail::BlockRow{.block = block_,
                                                    .rows = rows_of(b, block_, rows_),
                                                    .count = first_block_[static_cast<std::size_t>(b) + 1] - from,
                                                    .values = values_.data<float>() + from * block_,
                                                    .column = column_.data() + from,
                                                    .x = x,
                                                    .bias = bias == nullptr ? nullptr : bias + row,
                                                    .y = y + row * width,
                                                    .width = width,
                                                    .clamp = clamp},
                            first, end);
  });
}

double BlockSparseF32::sparsity() const {
  const std::int64_t all = static_cast<std::int64_t>(first_block_.size() - 1) * columns_;
  return 1.0 - static_cast<double>(blocks()) / static_cast<double>(all);
}

}  // namespace chipcast::kernels
