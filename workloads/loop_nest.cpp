// SPDX-License-Identifier: Apache-2.0
#include "workloads/loop_nest.h"

#include <algorithm>
#include <stdexcept>

#include "sim/base/check.h"
#include "sim/base/checked.h"

namespace chipcast {
namespace {

const Shape& input_shape(const Graph& graph, const Op& op, std::size_t index) {
  return graph.tensor(*op.inputs.at(index)).type.shape;
}

/// Windows as height and width: a missing height is 1; depth is left to the caller.
void set_plane(LoopNest& nest, const std::vector<WindowAxis>& axes) {
  const auto& w = axes.back();
  nest.out_width = w.out;
  nest.in_width = w.in;
  nest.kernel_width = w.kernel;
  nest.stride_w = w.stride;
  nest.dilation_w = w.dilation;
  nest.pad_left = w.pad_begin;
  if (axes.size() < 2) return;
  const auto& h = axes[axes.size() - 2];
  nest.out_height = h.out;
  nest.in_height = h.in;
  nest.kernel_height = h.kernel;
  nest.stride_h = h.stride;
  nest.dilation_h = h.dilation;
  nest.pad_top = h.pad_begin;
}

std::int64_t product(std::int64_t a, std::int64_t b) {
  const auto result = checked_mul(a, b);
  if (!result) throw std::overflow_error("needs more than 2^63 multiply-accumulates");
  return *result;
}

void fold_depth(LoopNest& nest, const std::vector<WindowAxis>& axes) {
  if (axes.size() < 3) return;
  nest.batch = product(nest.batch, axes[0].out);
  nest.in_channels = product(nest.in_channels, axes[0].kernel);
}

std::vector<LoopNest> nests_of(const Conv& conv, const Graph& graph, OpId id) {
  const Op& op = graph.op(id);
  const Shape& x = input_shape(graph, op, 0);
  const Shape& weight = input_shape(graph, op, 1);
  LoopNest nest;
  nest.batch = x[0];
  nest.groups = conv.groups;
  nest.out_channels = weight[0] / conv.groups;
  nest.in_channels = x[channel_axis(conv.layout, x.size())] / conv.groups;
  const auto axes = op_windows(graph, id);
  set_plane(nest, axes);
  fold_depth(nest, axes);
  return {nest};
}

std::vector<LoopNest> nests_of(const ConvTranspose& conv, const Graph& graph, OpId id) {
  const Op& op = graph.op(id);
  const Shape& x = input_shape(graph, op, 0);
  const Shape& weight = input_shape(graph, op, 1);
  LoopNest nest;
  nest.transposed = true;
  nest.batch = x[0];
  nest.groups = conv.groups;
  nest.out_channels = conv.layout == Layout::nchw ? weight[1] : weight[0];
  nest.in_channels = x[channel_axis(conv.layout, x.size())] / conv.groups;
  auto axes = op_windows(graph, id);
  for (auto& axis : axes) axis = {.in = axis.in, .out = axis.in, .kernel = axis.kernel};
  set_plane(nest, axes);
  fold_depth(nest, axes);
  return {nest};
}

std::vector<LoopNest> nests_of(const Gemm& gemm, const Graph& graph, OpId id) {
  const Shape& a = input_shape(graph, graph.op(id), 0);
  const Shape& b = input_shape(graph, graph.op(id), 1);
  LoopNest nest;
  nest.out_height = nest.in_height = a[gemm.transpose_a ? 1 : 0];
  nest.in_channels = a[gemm.transpose_a ? 0 : 1];
  nest.out_channels = b[gemm.transpose_b ? 0 : 1];
  return {nest};
}

std::vector<LoopNest> nests_of(const Matmul& matmul, const Graph& graph, OpId id) {
  Shape a = input_shape(graph, graph.op(id), 0);
  Shape b = input_shape(graph, graph.op(id), 1);
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  LoopNest nest;
  nest.out_height = nest.in_height = a[a.size() - (matmul.transpose_a ? 1 : 2)];
  nest.in_channels = a[a.size() - (matmul.transpose_a ? 2 : 1)];
  nest.out_channels = b[b.size() - (matmul.transpose_b ? 2 : 1)];
  const std::size_t rank = std::max(a.size(), b.size());
  for (std::size_t i = 3; i <= rank; ++i) {  // leading axes, counted from the right
    const std::int64_t from_a = i <= a.size() ? a[a.size() - i] : 1, from_b = i <= b.size() ? b[b.size() - i] : 1;
    auto& loop = from_b > 1 ? nest.groups : nest.batch;
    loop = product(loop, std::max(from_a, from_b));
  }
  return {nest};
}

std::vector<LoopNest> nests_of(const Recurrent& cell, const Graph& graph, OpId id) {
  const Shape& x = input_shape(graph, graph.op(id), 0);
  const Shape& weight = input_shape(graph, graph.op(id), 1);
  LoopNest input;
  input.batch = x[cell.batch_first ? 0 : 1];
  input.out_height = input.in_height = x[cell.batch_first ? 1 : 0];
  input.groups = weight[0];
  input.out_channels = weight[1];
  input.in_channels = x[2];
  LoopNest state = input;
  state.in_channels = cell.hidden;
  state.sequential_rows = true;
  return {input, state};
}

template <class A>
std::vector<LoopNest> nests_of(const A&, const Graph&, OpId) {
  return {};
}

}  // namespace

std::int64_t LoopNest::macs() const {
  std::int64_t count = 1;
  for (const auto extent :
       {batch, groups, out_channels, in_channels, out_height, out_width, kernel_height, kernel_width}) {
    count = product(count, extent);
  }
  return count;
}

std::vector<LoopNest> loop_nests(const Graph& graph, OpId id) {
  try {
    auto nests =
        std::visit([&](const auto& attributes) { return nests_of(attributes, graph, id); }, graph.op(id).attributes);
    for (const auto& nest : nests) nest.macs();
    return nests;
  } catch (const std::overflow_error& e) {
    throw InputError("operator " + in_quotes(graph.op(id).name), std::string(e.what()) + "; use smaller shapes");
  }
}

std::vector<WindowAxis> op_windows(const Graph& graph, OpId id) {
  const Op& op = graph.op(id);
  const std::string place = "operator " + in_quotes(op.name);
  if (const auto* conv = op.as<Conv>()) {
    const auto in = spatial_extents(input_shape(graph, op, 0), conv->layout, place);
    return window_axes(*conv, in, kernel_extents(input_shape(graph, op, 1), conv->layout), false, place);
  }
  if (const auto* conv = op.as<ConvTranspose>()) {
    const auto in = spatial_extents(input_shape(graph, op, 0), conv->layout, place);
    return transposed_window_axes(*conv, in, kernel_extents(input_shape(graph, op, 1), conv->layout), place);
  }
  if (const auto* pool = op.as<Pool>()) {
    const auto in = spatial_extents(input_shape(graph, op, 0), pool->layout, place);
    if (pool->global) return window_axes(Window{}, in, in, false, place);
    return window_axes(*pool, in, pool->kernel, pool->ceil_mode, place);
  }
  return {};
}

}  // namespace chipcast
