// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/gemm.h"

#include "kernels/gemm/blocked.h"
#include "kernels/gemm/few_rows.h"
#include "kernels/gemm/workspace.h"
#include "kernels/memory.h"

namespace chipcast::kernels {

namespace {

using gemm_detail::Panels;

Panels panels_of(const PackedMatrix& b) { return {b.values(), b.dtype(), b.rows(), b.columns(), &b.kernels()}; }

Panels form_of(const MatrixView& b) { return {nullptr, b.dtype, b.rows, b.columns, &gemm_detail::kernels()}; }

std::size_t size_in_bytes(const Panels& b) { return static_cast<std::size_t>(b.size()) * b.value_bytes(); }

void pack_all(const MatrixView& b, const Panels& form, std::byte* to, ThreadPool* pool) {
  Panels packed = form;
  packed.values = to;
  const auto pack_one = [&](std::int64_t panel, int) {
    const std::byte* place = packed.at(panel, 0);
    gemm_detail::pack_panel(b, form, panel, 0, form.k, to + (place - packed.values));
  };
  if (pool != nullptr) return pool->for_each(form.count(), pack_one);
  for (std::int64_t panel = 0; panel < form.count(); ++panel) pack_one(panel, 0);
}

void check_extents(const MatrixView& a, std::int64_t k, std::int64_t n, const MatrixTarget& c) {
  check(a, "gemm.a");
  check(c, "gemm.c");
  if (a.columns == k && c.rows == a.rows && c.columns == n) return;
  const auto by = [](std::int64_t rows, std::int64_t columns) {
    return std::to_string(rows) + " x " + std::to_string(columns);
  };
  throw InputError("gemm", "A " + by(a.rows, a.columns) + " times B " + by(k, n) + " does not give C " +
                               by(c.rows, c.columns) + "; A's columns are B's rows, C has A's rows and B's columns");
}

gemm_detail::Product product_of(const MatrixView& a, const gemm_detail::MatrixRows& rows, const Panels& b,
                                const MatrixTarget& c, const GemmEpilogue& epilogue) {
  gemm_detail::Product product;
  product.m = a.rows;
  product.rows = &rows;
  if (reads_in_place(a, b)) {
    product.in_place = static_cast<const float*>(a.values);
    product.in_place_stride = a.row_stride;
  }
  product.b = b;
  product.c = c;
  product.epilogue = epilogue;
  return product;
}

/// Columns are shared out in whole panels.
void few_rows(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
              ThreadPool& pool) {
  const Panels form = form_of(b);
  const std::int64_t parts = std::min<std::int64_t>(form.count(), pool.threads() == 1 ? 1 : 3 * pool.threads());
  pool.for_each(parts, [&](std::int64_t i, int) {
    const std::int64_t width = form.blocking().tile_columns;
    const std::int64_t first = part_begin(form.count(), parts, i) * width;
    const std::int64_t end = std::min(b.columns, part_begin(form.count(), parts, i + 1) * width);
    gemm_detail::multiply_few_rows(a, b, c, epilogue, *form.kernels, first, end - first);
  });
}

/// Extents are checked. Without a pool: on the calling thread.
void multiply_unpacked(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
                       ThreadPool* pool) {
  Panels form = form_of(b);
  if (streams_in_place(a, b, *form.kernels)) {
    if (pool != nullptr) return few_rows(a, b, c, epilogue, *pool);
    return gemm_detail::multiply_few_rows(a, b, c, epilogue, *form.kernels, 0, b.columns);
  }
  std::byte* packed = workspace(Workspace::packed_b, size_in_bytes(form));
  pack_all(b, form, packed, pool);
  form.values = packed;
  const gemm_detail::MatrixRows rows(a);
  const gemm_detail::Product product = product_of(a, rows, form, c, epilogue);
  if (pool != nullptr) return multiply(product, *pool);
  multiply_part(product, {}, 0);
}

MatrixView moved(MatrixView matrix, std::int64_t elements) {
  matrix.values = static_cast<const std::byte*>(matrix.values) + elements * (matrix.dtype == DType::fp32 ? 4 : 2);
  return matrix;
}

/// Results of different threads lie apart.
void check_batch(const MatrixTarget& c, std::int64_t count, const BatchStrides& strides) {
  if (count == 1) return;
  if (strides.a < 0 || strides.b < 0) {
    throw InputError("gemm.strides", "a " + std::to_string(strides.a) + " and b " + std::to_string(strides.b) +
                                         " must be 0 (repeated) or more");
  }
  const std::int64_t all = (c.rows - 1) * c.row_stride + c.columns;
  const bool one_after_another = strides.c >= all;
  const bool side_by_side = strides.c >= c.columns && strides.c <= (c.row_stride - c.columns) / (count - 1);
  if (!one_after_another && !side_by_side) {
    throw InputError("gemm.strides.c", std::to_string(strides.c) + " lets results overlap: one product takes " +
                                           std::to_string(all) + " elements, a row of it " + std::to_string(c.columns));
  }
}

MatrixTarget moved(MatrixTarget matrix, std::int64_t elements) {
  matrix.values = static_cast<std::byte*>(matrix.values) + elements * (matrix.dtype == DType::fp32 ? 4 : 2);
  return matrix;
}

}  // namespace

PackedMatrix::PackedMatrix(const MatrixView& b) : rows_(b.rows), columns_(b.columns), dtype_(b.dtype) {
  check(b, "gemm.b");
  const Panels form = form_of(b);
  kernels_ = form.kernels;
  values_ = aligned_memory(size_in_bytes(form));
  pack_all(b, form, values_.get(), nullptr);
}

std::size_t PackedMatrix::bytes() const { return empty() ? 0 : size_in_bytes(panels_of(*this)); }

void gemm(const MatrixView& a, const PackedMatrix& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
          ThreadPool& pool) {
  if (b.empty()) throw InputError("gemm.b", "is not packed; make it from a matrix first");
  check_extents(a, b.rows(), b.columns(), c);
  const gemm_detail::MatrixRows rows(a);
  multiply(product_of(a, rows, panels_of(b), c, epilogue), pool);
}

void matmul(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
            ThreadPool& pool) {
  check(b, "gemm.b");
  check_extents(a, b.rows, b.columns, c);
  multiply_unpacked(a, b, c, epilogue, &pool);
}

void batched_matmul(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, std::int64_t count,
                    const BatchStrides& strides, const GemmEpilogue& epilogue, ThreadPool& pool) {
  if (count < 1) throw InputError("gemm.count", std::to_string(count) + " is below 1");
  check(b, "gemm.b");
  check_extents(a, b.rows, b.columns, c);
  check_batch(c, count, strides);
  const auto one = [&](std::int64_t i, ThreadPool* inner) {
    multiply_unpacked(moved(a, i * strides.a), moved(b, i * strides.b), moved(c, i * strides.c), epilogue, inner);
  };
  if (count < pool.threads()) {
    for (std::int64_t i = 0; i < count; ++i) one(i, &pool);
  } else {
    pool.for_each(count, [&](std::int64_t i, int) { one(i, nullptr); });
  }
}

}  // namespace chipcast::kernels
