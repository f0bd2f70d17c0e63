// SPDX-License-Identifier: Apache-2.0
// Which axes an operator can be cut along, and which of its operands are cut along with it.
#include <algorithm>

#include "workloads/op_description.h"

namespace chipcast {
namespace {

const Shape& shape_of(const Graph& graph, TensorId id) { return graph.tensor(id).type.shape; }

/// Rows and columns of a map stand where its layout says; of other tensors they are the last two axes.
struct MapAxes {
  std::optional<std::size_t> rows, channels;
};

MapAxes map_axes(const Shape& shape, Layout layout) {
  const std::size_t rank = shape.size();
  if (rank == 0) return {};
  if (rank == 1) return {.rows = {}, .channels = 0};
  if (rank >= 4 && layout == Layout::nchw) return {.rows = rank - 2, .channels = 1};
  if (rank >= 4) return {.rows = rank - 3, .channels = rank - 1};
  return {.rows = rank - 2, .channels = rank - 1};
}

/// Extent of a broadcast operand along an axis of the result; 1 where it has none.
std::int64_t extent_along(const Shape& operand, const Shape& result, std::size_t axis) {
  const std::size_t missing = result.size() - std::min(result.size(), operand.size());
  return axis < missing ? 1 : operand[axis - missing];
}

WindowAxis one_to_one(std::int64_t rows) { return {.in = rows, .out = rows}; }

void set_elementwise(const Graph& graph, Layout layout, OpDescription& op) {
  const Shape& result = shape_of(graph, op.outputs.front().tensor);
  const MapAxes axes = map_axes(result, layout);
  if (axes.rows) op.cuts.rows = result[*axes.rows];
  if (axes.channels) op.cuts.channels = result[*axes.channels];
  op.cuts.row_window = one_to_one(op.cuts.rows);
  const bool normalises = graph.op(op.id).as<BatchNorm>() != nullptr;
  for (auto& input : op.inputs) {
    const Shape& shape = shape_of(graph, input.tensor);
    if (normalises && input.parameter) {  // one value for each channel, whatever axis these are
      input.by_channels = shape.size() == 1 && shape[0] == op.cuts.channels;
      continue;
    }
    if (shape.size() > result.size()) continue;
    input.by_rows = axes.rows && op.cuts.rows > 1 && extent_along(shape, result, *axes.rows) == op.cuts.rows;
    input.by_channels =
        axes.channels && op.cuts.channels > 1 && extent_along(shape, result, *axes.channels) == op.cuts.channels;
  }
}

void set_pool(const Graph& graph, OpDescription& op) {
  const auto windows = op_windows(graph, op.id);
  const Shape& result = shape_of(graph, op.outputs.front().tensor);
  const auto* pool = graph.op(op.id).as<Pool>();
  if (pool == nullptr) return;
  op.cuts.channels = result[channel_axis(pool->layout, result.size())];
  op.inputs.front().by_channels = op.inputs.front().by_rows = true;
  if (windows.size() < 2) return;
  op.cuts.row_window = windows[windows.size() - 2];
  op.cuts.rows = op.cuts.row_window.out;
}

/// One value, row or column for each position of the result along an axis: bias, scales, second matrix.
void set_others(const Graph& graph, OpDescription& op) {
  const LoopNest& nest = op.nests.front();
  for (std::size_t i = 1; i < op.inputs.size(); ++i) {
    const std::int64_t elements = graph.tensor(op.inputs[i].tensor).type.elements();
    op.inputs[i].by_channels = i == 1 || elements % op.cuts.channels == 0;
    op.inputs[i].by_rows = i > 1 && nest.out_height > 1 && elements == nest.out_height * nest.out_channels &&
                           op.op_class == OpClass::matrix;
  }
}

void set_convolution(const Graph& graph, OpDescription& op) {
  const LoopNest& nest = op.nests.front();
  op.cuts.channels = nest.groups * nest.out_channels;
  op.cuts.groups_in_channels = nest.groups > 1;
  op.cuts.channel_step = nest.groups > 1 ? nest.out_channels : 1;
  op.inputs.front().by_channels = nest.groups > 1;
  set_others(graph, op);
  const auto windows = op_windows(graph, op.id);
  if (nest.transposed || windows.size() < 2) return;  // rows of a transposed one overlap
  op.cuts.row_window = windows[windows.size() - 2];
  op.cuts.rows = nest.out_height;
  op.inputs.front().by_rows = true;
}

void set_product(const Graph& graph, OpDescription& op) {
  const LoopNest& nest = op.nests.front();
  op.cuts.channels = nest.out_channels;
  op.cuts.rows = nest.out_height;
  op.cuts.row_window = one_to_one(nest.out_height);
  op.inputs.front().by_rows = true;
  set_others(graph, op);
}

/// Joined along any axis but that of the rows, every operand gives its own of them.
void set_concat(const Graph& graph, Layout layout, OpDescription& op) {
  const auto* concat = graph.op(op.id).as<Concat>();
  if (concat == nullptr) return;
  const Shape& result = shape_of(graph, op.outputs.front().tensor);
  const std::optional<std::size_t> rows = map_axes(result, layout).rows;
  const auto rank = static_cast<std::int64_t>(result.size());
  const std::int64_t axis = concat->axis < 0 ? concat->axis + rank : concat->axis;
  if (!rows || static_cast<std::int64_t>(*rows) == axis) return;
  op.cuts.rows = result[*rows];
  op.cuts.row_window = one_to_one(op.cuts.rows);
  for (auto& input : op.inputs) input.by_rows = op.cuts.rows > 1;
}

}  // namespace

void find_cuts(const Graph& graph, Layout layout, OpDescription& op) {
  if (op.outputs.size() != 1 || op.inputs.empty()) return;
  switch (op.op_class) {
    case OpClass::conv:
    case OpClass::depthwise_conv:
      return set_convolution(graph, op);
    case OpClass::matrix:
    case OpClass::vector_matrix:
      return set_product(graph, op);
    case OpClass::pool:
      return set_pool(graph, op);
    case OpClass::elementwise:
      return set_elementwise(graph, layout, op);
    case OpClass::data_movement:
      return set_concat(graph, layout, op);
    default:
      return;  // views, reductions, and what remembers or counts need all of their operands
  }
}

Layout layout_of(const Graph& graph) {
  for (const Op& op : graph.ops) {
    if (const auto* conv = op.as<Conv>()) return conv->layout;
    if (const auto* conv = op.as<ConvTranspose>()) return conv->layout;
    if (const auto* pool = op.as<Pool>()) return pool->layout;
  }
  return Layout::nchw;
}

}  // namespace chipcast
