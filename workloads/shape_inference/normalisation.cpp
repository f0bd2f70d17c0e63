// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "workloads/shape_inference/rules.h"
#include "workloads/window.h"

namespace chipcast::shapes {
namespace {

/// Scale and bias of instance and group normalisation hold one value per channel (or per group, ONNX opset 18).
void expect_per_channel(const Context& context, std::size_t index, std::string_view role, std::int64_t channels,
                        std::int64_t groups) {
  const auto* type = context.maybe(index);
  if (type == nullptr || type->shape == Shape{channels} || type->shape == Shape{groups}) return;
  context.fail("input " + std::string(role) + " is " + to_text(type->shape) + "; " + std::to_string(channels) +
               " values, one per channel, are needed");
}

void expect_broadcast(const Context& context, std::size_t index, std::string_view role) {
  const auto* type = context.maybe(index);
  const auto& x = context.in(0).shape;
  if (type == nullptr || broadcasts_to(type->shape, x)) return;
  if (x.size() > 1 && type->shape == Shape{x[1]}) return;  // per channel, as SSD heads scale their l2 norm
  context.fail("input " + std::string(role) + " is " + to_text(type->shape) + ", which does not broadcast to " +
               to_text(x));
}

}  // namespace

Types infer(const BatchNorm& op, const Context& context) {
  context.expect("x, scale, bias, mean, variance", 5, 5);
  const auto& x = context.in(0);
  expect_rank(context, x, op.layout == Layout::nchw ? 2 : 1, kMaxRank, "x");
  const Shape wanted{x.shape[channel_axis(op.layout, x.shape.size())]};
  constexpr std::array roles{"x", "scale", "bias", "mean", "variance"};
  for (std::size_t i = 1; i < roles.size(); ++i) expect_shape(context, context.in(i), wanted, roles[i]);
  return {x};
}

Types infer(const Norm& op, const Context& context) {
  context.expect("x, scale?, bias?", 1, 3);
  const auto& x = context.in(0);
  if (op.function == NormFunction::instance || op.function == NormFunction::group) {
    expect_rank(context, x, 2, kMaxRank, "x");
    const std::int64_t channels = x.shape[1];
    const std::int64_t groups = op.function == NormFunction::group ? op.groups : channels;
    if (groups < 1 || channels % groups != 0) {
      context.fail("groups " + std::to_string(groups) + " does not divide the " + std::to_string(channels) +
                   " channels");
    }
    expect_per_channel(context, 1, "scale", channels, groups);
    expect_per_channel(context, 2, "bias", channels, groups);
    return {x};
  }
  axis_index(context, op.axis, x.shape.size());
  expect_broadcast(context, 1, "scale");
  expect_broadcast(context, 2, "bias");
  return {x};
}

Types infer(const Lrn& op, const Context& context) {
  context.expect("x", 1, 1);
  expect_rank(context, context.in(0), op.within_channel ? 3 : 2, kMaxRank, "x");
  if (op.size < 1 || op.size > kMaxExtent) context.fail("size " + std::to_string(op.size) + " is not at least 1");
  return {context.in(0)};
}

Types infer(const Softmax& op, const Context& context) {
  context.expect("x", 1, 1);
  axis_index(context, op.axis, context.in(0).shape.size());
  return {context.in(0)};
}

}  // namespace chipcast::shapes
