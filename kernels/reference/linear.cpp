// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/reference/call.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels::reference {
namespace {

/// The last two axes swapped.
template <class C>
Values<C> transposed(const Values<C>& values, std::int64_t rows, std::int64_t columns) {
  Values<C> out(values.size());
  const std::int64_t matrices = static_cast<std::int64_t>(values.size()) / (rows * columns);
  for (std::int64_t m = 0; m < matrices; ++m) {
    const std::int64_t base = m * rows * columns;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < columns; ++c) {
        out[static_cast<std::size_t>(base + c * rows + r)] = values[static_cast<std::size_t>(base + r * columns + c)];
      }
    }
  }
  return out;
}

/// y [m,n] += a [m,k] b [k,n]
template <class C>
void multiply(const C* a, const C* b, C* y, std::int64_t m, std::int64_t n, std::int64_t k) {
  for (std::int64_t row = 0; row < m; ++row) {
    for (std::int64_t inner = 0; inner < k; ++inner) {
      const C factor = a[row * k + inner];
      for (std::int64_t column = 0; column < n; ++column) y[row * n + column] += factor * b[inner * n + column];
    }
  }
}

struct Operand {
  Shape batch{};
  std::int64_t rows{1}, columns{1};
};

/// Batch axes and the matrix, transposed as asked. A vector is a row on the left, a column on the right.
Operand operand(Shape shape, bool transpose, bool left) {
  if (shape.size() == 1) shape.insert(left ? shape.begin() : shape.end(), 1);
  Operand out{{shape.begin(), shape.end() - 2}, shape[shape.size() - 2], shape.back()};
  if (transpose) std::swap(out.rows, out.columns);
  return out;
}

template <class C>
Values<C> matrix_values(const Array& array, const Operand& matrix, bool transpose) {
  Values<C> values = unpack<C>(array);
  return transpose ? transposed(values, matrix.columns, matrix.rows) : values;
}

Shape batch_shape(const Shape& a, const Shape& b) {
  Shape out = a.size() < b.size() ? b : a;
  const Shape& shorter = a.size() < b.size() ? a : b;
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    auto& extent = out[out.size() - shorter.size() + i];
    extent = std::max(extent, shorter[i]);
  }
  return out;
}

}  // namespace

Arrays evaluate(const Gemm& op, const Call& call) {
  const auto a = operand(call.in(0).shape(), op.transpose_a, true);
  const auto b = operand(call.in(1).shape(), op.transpose_b, false);
  return dispatch(compute_of({call.in(0).dtype(), call.in(1).dtype()}), [&]<class C>() -> Arrays {
    Values<C> y(static_cast<std::size_t>(a.rows * b.columns));
    multiply(matrix_values<C>(call.in(0), a, op.transpose_a).data(),
             matrix_values<C>(call.in(1), b, op.transpose_b).data(), y.data(), a.rows, b.columns, a.columns);
    const auto alpha = static_cast<C>(op.alpha.value_or(1.0)), beta = static_cast<C>(op.beta.value_or(1.0));
    for (auto& value : y) value *= alpha;
    if (const Array* c = call.maybe(2)) {
      const Values<C> added = unpack<C>(*c);
      const auto places = offsets(call.out().shape, broadcast_strides(c->shape(), call.out().shape));
      for (std::size_t i = 0; i < y.size(); ++i) y[i] += beta * added[static_cast<std::size_t>(places[i])];
    }
    return {pack(y, call.out())};
  });
}

Arrays evaluate(const Matmul& op, const Call& call) {
  const auto a = operand(call.in(0).shape(), op.transpose_a, true);
  const auto b = operand(call.in(1).shape(), op.transpose_b, false);
  const Shape batch = batch_shape(a.batch, b.batch);
  const auto at_a = offsets(batch, broadcast_strides(a.batch, batch));
  const auto at_b = offsets(batch, broadcast_strides(b.batch, batch));
  return dispatch(compute_of({call.in(0).dtype(), call.in(1).dtype()}), [&]<class C>() -> Arrays {
    const auto left = matrix_values<C>(call.in(0), a, op.transpose_a);
    const auto right = matrix_values<C>(call.in(1), b, op.transpose_b);
    const std::int64_t size = a.rows * b.columns;
    Values<C> y(at_a.size() * static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < at_a.size(); ++i) {
      multiply(left.data() + at_a[i] * a.rows * a.columns, right.data() + at_b[i] * b.rows * b.columns,
               y.data() + static_cast<std::int64_t>(i) * size, a.rows, b.columns, a.columns);
    }
    return {pack(y, call.out())};
  });
}

}  // namespace chipcast::kernels::reference
