// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "workloads/shape_inference/rules.h"

namespace chipcast::shapes {
namespace {

bool compares(BinaryFunction function) {
  using enum BinaryFunction;
  switch (function) {
    case equal:
    case less:
    case less_equal:
    case greater:
    case greater_equal:
    case logical_and:
    case logical_or:
    case logical_xor:
      return true;
    default:
      return false;
  }
}

void expect_finite(const Context& context, const std::optional<double>& value, const char* name) {
  if (value && !std::isfinite(*value)) context.fail(std::string(name) + " is not a finite number");
}

}  // namespace

Types infer(const Unary& op, const Context& context) {
  context.expect("x", 1, 1);
  expect_finite(context, op.alpha, "alpha");
  expect_finite(context, op.beta, "beta");
  expect_finite(context, op.min, "min");
  expect_finite(context, op.max, "max");
  if (op.min && op.max && *op.min > *op.max) {
    context.fail("min " + std::to_string(*op.min) + " is above max " + std::to_string(*op.max));
  }
  const bool boolean = op.function == UnaryFunction::logical_not || op.function == UnaryFunction::is_nan;
  return {{context.in(0).shape, boolean ? DType::boolean : context.in(0).dtype}};
}

Types infer(const Binary& op, const Context& context) {
  context.expect("a, b", 2, 2);
  const auto& a = context.in(0);
  const auto& b = context.in(1);
  return {{broadcast(context, a.shape, b.shape), compares(op.function) ? DType::boolean : wider(a.dtype, b.dtype)}};
}

Types infer(const Prelu&, const Context& context) {
  context.expect("x, slope", 2, 2);
  const auto& x = context.in(0).shape;
  const auto& slope = context.in(1).shape;
  bool fits = broadcasts_to(slope, x);
  if (!fits && slope.size() < x.size()) {  // aligned at the channel axis, as ncnn and Caffe store it
    fits = true;
    for (std::size_t i = 0; i < slope.size(); ++i) fits = fits && (slope[i] == 1 || slope[i] == x[i + 1]);
  }
  if (!fits) context.fail("slope " + to_text(slope) + " does not broadcast to " + to_text(x));
  return {context.in(0)};
}

Types infer(const Where&, const Context& context) {
  context.expect("condition, a, b", 3, 3);
  const auto& a = context.in(1);
  const auto& b = context.in(2);
  const Shape values = broadcast(context, a.shape, b.shape);
  return {{broadcast(context, context.in(0).shape, values), wider(a.dtype, b.dtype)}};
}

Types infer(const Cast& op, const Context& context) {
  context.expect("x", 1, 1);
  return {{context.in(0).shape, op.to}};
}

Types infer(const CumSum& op, const Context& context) {
  context.expect("x", 1, 1);
  axis_index(context, op.axis, context.in(0).shape.size());
  return {context.in(0)};
}

Types infer(const Scatter&, const Context& context) {
  context.expect("data, indices, updates", 3, 3);
  return {context.in(0)};
}

}  // namespace chipcast::shapes
