// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "workloads/shape_inference/rules.h"
#include "workloads/window.h"

namespace chipcast::shapes {
namespace {

/// Batch, channels and the windows' outputs in the operator's layout.
Shape spatial_shape(Layout layout, std::int64_t batch, std::int64_t channels, const std::vector<WindowAxis>& axes) {
  Shape out{batch};
  if (layout == Layout::nchw) out.push_back(channels);
  for (const auto& axis : axes) out.push_back(axis.out);
  if (layout == Layout::nhwc) out.push_back(channels);
  return out;
}

void expect_divisible(const Context& context, std::int64_t channels, std::int64_t groups, std::string_view what) {
  if (groups < 1 || channels % groups != 0) {
    context.fail(std::string(what) + " " + std::to_string(channels) + " do not split into " + std::to_string(groups) +
                 " groups; groups must divide them");
  }
}

void expect_bias(const Context& context, std::int64_t channels) {
  if (const auto* bias = context.maybe(2)) expect_shape(context, *bias, {channels}, "bias");
}

void expect_weight_channels(const Context& context, std::int64_t given, std::int64_t wanted, std::int64_t groups) {
  if (given == wanted) return;
  context.fail("weight " + to_text(context.in(1).shape) + " has " + std::to_string(given) + " input channels; input " +
               to_text(context.in(0).shape) + " in " + std::to_string(groups) + " groups needs " +
               std::to_string(wanted));
}

}  // namespace

Types infer(const Conv& op, const Context& context) {
  context.expect("x, weight, bias?", 2, 3);
  const auto& x = context.in(0);
  const auto& weight = context.in(1);
  const auto extents = spatial_extents(x.shape, op.layout, context.place());
  expect_rank(context, weight, x.shape.size(), x.shape.size(), "weight");
  const std::size_t axis = channel_axis(op.layout, x.shape.size());
  const std::int64_t out_channels = weight.shape[0];
  expect_divisible(context, x.shape[axis], op.groups, "input channels");
  expect_divisible(context, out_channels, op.groups, "output channels");
  expect_weight_channels(context, weight.shape[axis], x.shape[axis] / op.groups, op.groups);
  expect_bias(context, out_channels);
  const auto axes = window_axes(op, extents, kernel_extents(weight.shape, op.layout), false, context.place());
  return {{spatial_shape(op.layout, x.shape[0], out_channels, axes), x.dtype}};
}

Types infer(const ConvTranspose& op, const Context& context) {
  context.expect("x, weight, bias?", 2, 3);
  const auto& x = context.in(0);
  const auto& weight = context.in(1);
  const auto extents = spatial_extents(x.shape, op.layout, context.place());
  expect_rank(context, weight, x.shape.size(), x.shape.size(), "weight");
  const std::size_t rank = x.shape.size();
  const std::int64_t in_channels = x.shape[channel_axis(op.layout, rank)];
  const bool nchw = op.layout == Layout::nchw;
  expect_divisible(context, in_channels, op.groups, "input channels");
  const std::int64_t weight_in = nchw ? weight.shape[0] : weight.shape[rank - 1];
  expect_weight_channels(context, weight_in, in_channels, 1);
  const std::int64_t out_channels = mul(context, nchw ? weight.shape[1] : weight.shape[0], op.groups);
  expect_bias(context, out_channels);
  const auto axes = transposed_window_axes(op, extents, kernel_extents(weight.shape, op.layout), context.place());
  return {{spatial_shape(op.layout, x.shape[0], out_channels, axes), x.dtype}};
}

Types infer(const Pool& op, const Context& context) {
  context.expect("x", 1, 1, op.function == PoolFunction::max ? 2 : 1);
  const auto& x = context.in(0);
  const auto extents = spatial_extents(x.shape, op.layout, context.place());
  std::vector<WindowAxis> axes(extents.size());
  if (!op.global) {
    if (op.kernel.empty()) context.fail("kernel is missing; give one extent per spatial axis or set global");
    axes = window_axes(op, extents, op.kernel, op.ceil_mode, context.place());
  }
  const std::int64_t channels = x.shape[channel_axis(op.layout, x.shape.size())];
  const Shape shape = spatial_shape(op.layout, x.shape[0], channels, axes);
  return {{shape, x.dtype}, {shape, DType::int64}};
}

Types infer(const SpaceDepth& op, const Context& context) {
  context.expect("x", 1, 1);
  const auto& x = context.in(0);
  expect_rank(context, x, 4, 4, "x");
  if (op.block < 1 || op.block > kMaxExtent) context.fail("block " + std::to_string(op.block) + " is not at least 1");
  const std::size_t channels = channel_axis(op.layout, 4), height = op.layout == Layout::nchw ? 2 : 1;
  const std::int64_t square = mul(context, op.block, op.block);
  Shape out = x.shape;
  const auto scale = [&](std::size_t axis, std::int64_t factor, bool up) {
    if (!up && out[axis] % factor != 0) {
      context.fail("extent " + std::to_string(out[axis]) + " of axis " + std::to_string(axis) +
                   " is not a multiple of " + std::to_string(factor));
    }
    out[axis] = up ? mul(context, out[axis], factor) : out[axis] / factor;
  };
  scale(channels, square, op.to_depth);
  scale(height, op.block, !op.to_depth);
  scale(height + 1, op.block, !op.to_depth);
  return {{out, x.dtype}};
}

Types infer(const ChannelShuffle& op, const Context& context) {
  context.expect("x", 1, 1);
  const auto& x = context.in(0);
  expect_rank(context, x, 2, kMaxRank, "x");
  expect_divisible(context, x.shape[channel_axis(op.layout, x.shape.size())], op.groups, "channels");
  return {x};
}

Types infer(const Resize& op, const Context& context) {
  context.expect("x", 1, 1);
  const auto& x = context.in(0);
  if (op.sizes.empty() == op.scales.empty()) context.fail("needs either sizes or scales, one entry per axis");
  const std::vector<std::string> modes{"nearest", "linear", "cubic"};
  if (std::find(modes.begin(), modes.end(), op.mode) == modes.end()) {
    context.fail("mode " + in_quotes(op.mode) + " is not known" + suggestion(op.mode, modes));
  }
  const std::size_t given = op.sizes.size() + op.scales.size();
  if (given != x.shape.size()) {
    context.fail((op.sizes.empty() ? "scales has " : "sizes has ") + std::to_string(given) + " entries; input " +
                 to_text(x.shape) + " needs " + std::to_string(x.shape.size()));
  }
  if (!op.sizes.empty()) return {{op.sizes, x.dtype}};
  Shape out;
  for (std::size_t i = 0; i < given; ++i) {
    const double extent = std::floor(static_cast<double>(x.shape[i]) * op.scales[i]);
    // Written so that a NaN fails.
    if (!(extent >= 1.0 && extent <= static_cast<double>(kMaxExtent))) {
      context.fail("scale " + std::to_string(op.scales[i]) + " of axis " + std::to_string(i) + " with extent " +
                   std::to_string(x.shape[i]) + " gives no extent within [1, " + std::to_string(kMaxExtent) + "]");
    }
    out.push_back(static_cast<std::int64_t>(extent));
  }
  return {{out, x.dtype}};
}

}  // namespace chipcast::shapes
