// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/operation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "accelerators/ethos_u/supported.h"
#include "accelerators/ethos_u/windows.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::ethos_u {
namespace {

constexpr std::int64_t kBrick = 16;  ///< channels that stand together in memory

/// Softmax of n values: maximum, exponentials from a table, two sums and shifts, product; what is done once per row is
/// small beside them.
constexpr std::int64_t kSoftmaxPasses = 6;

std::int64_t elements(Bytes bytes, const OpDescription& op) { return bytes.count() * 8 / bits_of(op.compute_dtype); }

/// Rows of a fully connected layer: spread over a plane, so that a micro-block has work.
Extents plane_of_rows(std::int64_t rows, std::int64_t depth) {
  switch (rows) {
    case 4:
      return {2, 2, depth};
    case 8:
      return {2, 4, depth};
    case 16:
      return {4, 4, depth};
    default:
      return {1, rows, depth};
  }
}

/// Extents of operators of which only the number of elements is known: bricks in a plane as square as can be.
Extents plane_of_bricks(std::int64_t count) {
  const std::int64_t bricks = std::max<std::int64_t>(1, ceil_div(count, kBrick));
  const auto width = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(bricks))));
  return {ceil_div(bricks, width), width, std::min(count, kBrick)};
}

Operation convolution(const OpDescription& op, const LoopNest& nest, const OpTile& tile) {
  Operation out;
  out.kernel_height = nest.kernel_height;
  out.kernel_width = nest.kernel_width;
  out.stride_h = nest.stride_h;
  out.stride_w = nest.stride_w;
  out.dilation_h = nest.dilation_h;
  out.dilation_w = nest.dilation_w;
  out.upscale = static_cast<int>(spread_of(op));
  out.has_weights = true;
  const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
  out.unit = per_channel ? Unit::depthwise : Unit::conv;
  const std::int64_t one = tile.in_channels;
  out.ofm = {tile.out_height * out.upscale, tile.out_width * out.upscale,
             per_channel ? tile.groups * tile.out_channels : tile.out_channels};
  const OpTile plane{.out_height = tile.out_height, .out_width = tile.out_width};
  out.ifm = {1, input_elements(nest, plane), per_channel ? out.ofm.depth : one};
  const std::int64_t rows = nest.transposed
                                ? tile.out_height
                                : std::min(nest.in_height, (tile.out_height - 1) * nest.stride_h +
                                                               (nest.kernel_height - 1) * nest.dilation_h + 1);
  out.ifm.height = rows;
  out.ifm.width /= rows;
  out.repeats = nest.batch * (per_channel ? 1 : tile.groups);
  return out;
}

Operation product(const LoopNest& nest, const OpTile& tile) {
  Operation out;
  out.unit = Unit::vector_product;
  out.has_weights = true;
  const std::int64_t rows = tile.out_height * tile.out_width;
  out.ifm = plane_of_rows(rows, tile.in_channels);
  out.ofm = plane_of_rows(rows, tile.out_channels);
  out.repeats = nest.batch * tile.groups;
  return out;
}

/// The factor pair of a window's taps that is closest to a square.
std::pair<std::int64_t, std::int64_t> window_of(std::int64_t taps) {
  auto side = static_cast<std::int64_t>(std::sqrt(static_cast<double>(taps)));
  while (side > 1 && taps % side != 0) --side;
  return {taps / side, side};
}

Operation pooling(const OpDescription& op, std::int64_t in, std::int64_t out_elements) {
  Operation out;
  out.unit = Unit::pool;
  const bool whole_plane = one_window(op);
  const std::int64_t work =
      whole_plane
          ? in
          : std::max(op.element_ops.count() * out_elements / std::max<std::int64_t>(1, elements(op.output_bytes, op)),
                     out_elements);
  const auto [height, width] = window_of(std::max<std::int64_t>(1, work / out_elements));
  out.kernel_height = height;
  out.kernel_width = width;
  out.ofm = whole_plane ? Extents{1, 1, out_elements} : plane_of_bricks(out_elements);
  const std::int64_t stride = std::min(window_stride(in, out_elements), kLargestStride);
  out.stride_h = out.stride_w = whole_plane ? 1 : stride;
  out.ifm = {whole_plane ? height : out.ofm.height * stride, whole_plane ? width : out.ofm.width * stride,
             out.ofm.depth};
  return out;
}

Operation elementwise(const OpDescription& op, std::int64_t out_elements) {
  Operation out;
  out.unit = Unit::elementwise;
  out.ofm = out.ifm = plane_of_bricks(out_elements);
  out.two_tensors = op.inputs.size() > 1 && op.op_class == OpClass::elementwise;
  if (op.label == "softmax") {
    out.bits = 32;
    out.lookup = true;
    out.repeats = kSoftmaxPasses;
  }
  return out;
}

/// What the output unit does to each element.
double output_cycles(const OutputUnit& unit, const OpDescription& op, const Operation& operation) {
  if (operation.bits == 32) return std::max(unit.wide, unit.lookup);
  if (operation.lookup) return std::max(unit.other, unit.lookup);
  if (op.label == "mul" || operation.wide_accumulators()) return std::max(unit.multiply, unit.relu);
  if (op.label == "add" || op.label == "sub" || op.label == "squared_difference") return unit.add;
  if (op.label.ends_with("max_pool")) return unit.pool;
  // Activations that are fused into others are clamps as a rule.
  return std::max(unit.other, unit.relu);
}

Operation shape_of(const OpDescription& op, const OpTile& tile, std::int64_t batch) {
  if (op.single_nest()) {
    LoopNest nest = tiling_nest(op);
    nest.batch = batch;
    const bool rows = op.op_class == OpClass::matrix || op.op_class == OpClass::vector_matrix;
    return rows ? product(nest, tile) : convolution(op, nest, tile);
  }
  const std::int64_t out = std::max<std::int64_t>(1, ceil_div(elements(op.output_bytes, op), tile.pieces));
  const std::int64_t in = std::max(out, ceil_div(elements(op.input_bytes, op), tile.pieces));
  const bool windows = op.op_class == OpClass::pool || op.label == "reduce_mean";
  return windows ? pooling(op, in, out) : elementwise(op, out);
}

Operation build(const Config& config, const OpDescription& op, const OpTile& tile, std::int64_t batch) {
  Operation out = shape_of(op, tile, batch);
  if (out.bits != 32) out.bits = bits_of(op.compute_dtype);
  out.lookup = out.lookup || is_lookup(op.label);
  out.output_cycles = output_cycles(config.output, op, out);
  return out;
}

}  // namespace

Operation operation_of(const Config& config, const OpDescription& op) {
  return build(config, op, op.single_nest() ? whole_tile(tiling_nest(op)) : OpTile{},
               op.single_nest() ? tiling_nest(op).batch : 1);
}

Operation operation_of(const Config& config, const OpDescription& op, const OpTile& tile) {
  return build(config, op, tile, 1);
}

}  // namespace chipcast::ethos_u
