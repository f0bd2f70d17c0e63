// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "workloads/shape_inference/rules.h"

namespace chipcast::shapes {
namespace {

/// Result of two matrices' leading axes and the check of the inner extent.
struct MatrixOperand {
  Shape batch;
  std::int64_t rows, columns;
};

MatrixOperand operand(const Shape& shape, bool transpose) {
  std::int64_t rows = shape[shape.size() - 2], columns = shape.back();
  if (transpose) std::swap(rows, columns);
  return {{shape.begin(), shape.end() - 2}, rows, columns};
}

void expect_inner(const Context& context, std::int64_t a, std::int64_t b) {
  if (a == b) return;
  context.fail("inner extents " + std::to_string(a) + " and " + std::to_string(b) + " of " +
               to_text(context.in(0).shape) + " and " + to_text(context.in(1).shape) +
               " differ; check the shapes and transpose_a, transpose_b");
}

std::int64_t gates(Cell cell) {
  switch (cell) {
    case Cell::lstm:
      return 4;
    case Cell::gru:
      return 3;
    case Cell::rnn:
      return 1;
  }
  return 1;
}

}  // namespace

Types infer(const Gemm& op, const Context& context) {
  context.expect("a, b, c?", 2, 3);
  expect_rank(context, context.in(0), 2, 2, "a");
  expect_rank(context, context.in(1), 2, 2, "b");
  const auto a = operand(context.in(0).shape, op.transpose_a);
  const auto b = operand(context.in(1).shape, op.transpose_b);
  expect_inner(context, a.columns, b.rows);
  const Shape out{a.rows, b.columns};
  if (const auto* c = context.maybe(2); c != nullptr && !broadcasts_to(c->shape, out)) {
    context.fail("input c is " + to_text(c->shape) + ", which does not broadcast to " + to_text(out));
  }
  return {{out, context.in(0).dtype}};
}

Types infer(const Matmul& op, const Context& context) {
  context.expect("a, b", 2, 2);
  expect_rank(context, context.in(0), 1, kMaxRank, "a");
  expect_rank(context, context.in(1), 1, kMaxRank, "b");
  Shape left = context.in(0).shape, right = context.in(1).shape;
  const bool row = left.size() == 1, column = right.size() == 1;
  if ((row && op.transpose_a) || (column && op.transpose_b))
    context.fail("a one-dimensional operand cannot be transposed");
  if (row) left.insert(left.begin(), 1);
  if (column) right.push_back(1);
  const auto a = operand(left, op.transpose_a);
  const auto b = operand(right, op.transpose_b);
  expect_inner(context, a.columns, b.rows);
  Shape out = broadcast(context, a.batch, b.batch);
  if (!row) out.push_back(a.rows);
  if (!column) out.push_back(b.columns);
  return {{out, context.in(0).dtype}};
}

Types infer(const Recurrent& op, const Context& context) {
  context.expect("x, W, R, B?, h0?, c0?", 3, op.cell == Cell::lstm ? 6 : 5, op.cell == Cell::lstm ? 3 : 2);
  const auto& x = context.in(0);
  expect_rank(context, x, 3, 3, "x");
  if (op.hidden < 1 || op.hidden > kMaxExtent)
    context.fail("hidden " + std::to_string(op.hidden) + " is not at least 1");
  const std::int64_t steps = x.shape[op.batch_first ? 1 : 0], batch = x.shape[op.batch_first ? 0 : 1];
  const std::int64_t directions = op.bidirectional ? 2 : 1, width = gates(op.cell) * op.hidden;
  expect_shape(context, context.in(1), {directions, width, x.shape[2]}, "W");
  expect_shape(context, context.in(2), {directions, width, op.hidden}, "R");
  if (const auto* bias = context.maybe(3)) expect_shape(context, *bias, {directions, 2 * width}, "B");
  const Shape state{directions, batch, op.hidden};
  if (const auto* hidden = context.maybe(4)) expect_shape(context, *hidden, state, "h0");
  if (const auto* carry = context.maybe(5)) expect_shape(context, *carry, state, "c0");
  const Shape y =
      op.batch_first ? Shape{batch, steps, directions * op.hidden} : Shape{steps, directions, batch, op.hidden};
  return {{y, x.dtype}, {state, x.dtype}, {state, x.dtype}};
}

}  // namespace chipcast::shapes
