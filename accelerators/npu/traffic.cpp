// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/traffic.h"

#include <algorithm>
#include <cmath>

#include "accelerators/tile_geometry.h"

namespace chipcast::npu {
namespace {

Bytes scaled(Bytes bytes, double factor) {
  return Bytes(static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes.count()) * factor - 1e-6)));
}

double ratio(std::int64_t a, std::int64_t b) { return static_cast<double>(a) / static_cast<double>(b); }

/// Growth of a feature map whose strided windows are rearranged: phases of the stride become channels.
double folded_input(const Config& config, const LoopNest& nest) {
  const std::int64_t channels = nest.groups * nest.in_channels;
  return ratio(round_up(channels * nest.stride_h * nest.stride_w, std::int64_t{config.channel_alignment}), channels) *
         ratio(ceil_div(nest.in_height, nest.stride_h), nest.in_height) *
         ratio(ceil_div(nest.in_width, nest.stride_w), nest.in_width);
}

double folded_weights(const Config& config, const LoopNest& nest) {
  if (nest.groups > 1) return 1.0;
  const std::int64_t phases = nest.stride_h * nest.stride_w;
  return ratio(round_up(nest.in_channels * phases, std::int64_t{config.channel_alignment}), nest.in_channels) *
         ratio(ceil_div(nest.kernel_height, nest.stride_h), nest.kernel_height) *
         ratio(ceil_div(nest.kernel_width, nest.stride_w), nest.kernel_width);
}

}  // namespace

Bytes feature_bytes(const Config& config, std::int64_t elements, std::int64_t channels, DType dtype) {
  const std::int64_t alignment = config.channel_alignment;
  const std::int64_t padded = channels < alignment ? channels : round_up(channels, alignment);
  return Bytes(ceil_div(elements / channels * padded * bits_of(dtype), std::int64_t{8}));
}

double kept_weights(const Config& config, DType dtype) {
  if (!config.weights.compressed) return 1.0;
  return std::min(1.0, 1.0 - config.weights.zero_share + config.weights.mask_bits / bits_of(dtype));
}

Bytes tile_input(const Config& config, const OpDescription& op, const OpTile& tile) {
  const std::int64_t elements = input_elements(tiling_nest(op), tile);
  return feature_bytes(config, elements, tile.groups * tile.in_channels, op.compute_dtype);
}

Bytes stored_weights(const Config& config, const OpDescription& op, const OpTile& tile) {
  const Bytes plain = weight_share(op, tile);
  if (op.inputs.size() < 2 || !op.inputs[1].parameter) return plain;
  return scaled(plain, kept_weights(config, op.weight_dtype));
}

Operands whole_operands(const Config& config, const OpDescription& op) {
  const LoopNest nest = tiling_nest(op);
  const OpTile whole = whole_tile(nest);
  const std::int64_t outputs = output_elements(nest, whole), channels = nest.groups * nest.out_channels;
  const Bytes output =
      std::max(op.output_bytes, feature_bytes(config, outputs, channels, op.compute_dtype) * nest.batch);
  const Bytes input = first_operand_bytes(op), weights = stored_weights(config, op, whole);
  if (config.packing == Packing::ideal) {
    return {scaled(input, folded_input(config, nest)), scaled(weights, folded_weights(config, nest)), output};
  }
  const std::int64_t in_channels = nest.groups * nest.in_channels;
  const std::int64_t elements = in_channels * nest.in_height * nest.in_width;
  return {std::max(input, feature_bytes(config, elements, in_channels, op.compute_dtype) * nest.batch), weights,
          output};
}

}  // namespace chipcast::npu
