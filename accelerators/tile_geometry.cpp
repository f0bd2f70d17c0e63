// SPDX-License-Identifier: Apache-2.0
#include "accelerators/tile_geometry.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast {
namespace {

std::int64_t covered(std::int64_t out, std::int64_t stride, std::int64_t kernel, std::int64_t dilation,
                     std::int64_t available) {
  return std::min(available, (out - 1) * stride + (kernel - 1) * dilation + 1);
}

}  // namespace

LoopNest tiling_nest(const OpDescription& op) {
  CHIPCAST_ASSERT(op.single_nest());
  LoopNest nest = op.nests.front();
  const bool pointwise = nest.kernel_height == 1 && nest.kernel_width == 1 && nest.stride_h == 1 && nest.stride_w == 1;
  const bool shared_weights = op.inputs.size() > 1 && op.inputs[1].parameter;
  if (nest.batch > 1 && pointwise && shared_weights && nest.groups == 1) {
    nest.out_height *= nest.batch;
    nest.in_height *= nest.batch;
    nest.batch = 1;
  }
  return nest;
}

OpTile whole_tile(const LoopNest& nest) {
  return {.groups = nest.groups,
          .out_channels = nest.out_channels,
          .in_channels = nest.in_channels,
          .out_height = nest.out_height,
          .out_width = nest.out_width};
}

std::int64_t input_elements(const LoopNest& nest, const OpTile& tile) {
  // A transposed nest scatters its kernel: a position reads itself alone.
  if (nest.transposed) return tile.groups * tile.in_channels * tile.out_height * tile.out_width;
  const std::int64_t rows =
      covered(tile.out_height, nest.stride_h, nest.kernel_height, nest.dilation_h, nest.in_height);
  const std::int64_t columns =
      covered(tile.out_width, nest.stride_w, nest.kernel_width, nest.dilation_w, nest.in_width);
  return tile.groups * tile.in_channels * rows * columns;
}

std::int64_t weight_elements(const LoopNest& nest, const OpTile& tile) {
  return tile.groups * tile.out_channels * tile.in_channels * nest.kernel_height * nest.kernel_width;
}

std::int64_t output_elements(const LoopNest& /*nest*/, const OpTile& tile) {
  return tile.groups * tile.out_channels * tile.out_height * tile.out_width;
}

std::int64_t result_elements(const OpDescription& op, const LoopNest& nest, const OpTile& tile) {
  const std::int64_t positions = output_elements(nest, tile);
  if (!nest.transposed) return positions;
  const std::int64_t all_positions = nest.batch * nest.groups * nest.out_channels * nest.out_height * nest.out_width;
  const std::int64_t results = op.output_bytes.count() * 8 / bits_of(op.compute_dtype);
  return share_of(Bytes(results), positions, all_positions).count();
}

std::int64_t tile_macs(const LoopNest& nest, const OpTile& tile) {
  return output_elements(nest, tile) * tile.in_channels * nest.kernel_height * nest.kernel_width;
}

std::int64_t piece_macs(const OpDescription& op, const OpTile& piece) {
  return op.macs.count() / piece.pieces + (piece.larger_piece ? 1 : 0);
}

Bytes share_of(Bytes bytes, std::int64_t part, std::int64_t whole) {
  CHIPCAST_ASSERT(whole > 0 && part >= 0);
  const double exact = static_cast<double>(bytes.count()) * static_cast<double>(part) / static_cast<double>(whole);
  return Bytes(std::min(bytes.count(), static_cast<std::int64_t>(std::ceil(exact - 1e-9))));
}

Bytes first_operand_bytes(const OpDescription& op) { return op.inputs.empty() ? Bytes(0) : op.inputs.front().bytes; }

Bytes other_operand_bytes(const OpDescription& op) {
  Bytes sum;
  for (std::size_t i = 1; i < op.inputs.size(); ++i) sum += op.inputs[i].bytes;
  return sum;
}

Bytes input_share(const OpDescription& op, const OpTile& tile) {
  if (!op.single_nest()) return piece_input(op, tile);
  return Bytes(ceil_div(input_elements(tiling_nest(op), tile) * bits_of(op.compute_dtype), std::int64_t{8}));
}

Bytes weight_share(const OpDescription& op, const OpTile& tile) {
  if (!op.single_nest()) return Bytes(0);
  const LoopNest nest = tiling_nest(op);
  const std::int64_t whole =
      nest.groups * nest.out_channels * nest.in_channels * nest.kernel_height * nest.kernel_width;
  return share_of(other_operand_bytes(op), weight_elements(nest, tile), whole);
}

Bytes output_share(const OpDescription& op, const OpTile& tile) {
  if (!op.single_nest()) return Bytes(ceil_div(op.output_bytes.count(), tile.pieces));
  const LoopNest nest = tiling_nest(op);
  const std::int64_t whole = nest.batch * nest.groups * nest.out_channels * nest.out_height * nest.out_width;
  return share_of(op.output_bytes, output_elements(nest, tile), whole);
}

Bytes piece_input(const OpDescription& op, const OpTile& tile) {
  return Bytes(ceil_div(op.input_bytes.count() + op.weight_bytes.count(), tile.pieces));
}

}  // namespace chipcast
