// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/word_kernels.h"

#include <algorithm>
#include <cmath>

#include "accelerators/cpu/formats.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::cpu {
namespace {

constexpr double kWord = 4.0;          ///< bytes for which the profile's cycles are given
constexpr std::int64_t kChannels = 4;  ///< int8 channels of a word

/// How much faster than the profile's core this one does scalar work, and work on whole words.
struct Speed {
  double scalar, words;
};
Speed speed_of(const Core& core) {
  return {core.scalar, core.scalar * static_cast<double>(core.vector.count()) / kWord};
}

/// How often the weights come from where they lie: once for each group of columns.
std::int64_t weight_passes(const Config& config, const OpTile& tile) {
  const std::int64_t columns = config.profile.tile_columns;
  return columns > 0 ? ceil_div(tile.out_height * tile.out_width, columns) : 1;
}

/// Elements of a product that are spread out to bytes: inputs once, weights whenever they come.
std::int64_t unpacked_elements(const Config& config, const OpDescription& op, const OpTile& tile) {
  const LoopNest nest = tiling_nest(op);
  std::int64_t elements = 0;
  if (unpacked(config.core, op.compute_dtype)) elements += input_elements(nest, tile);
  if (unpacked(config.core, op.weight_dtype)) elements += weight_elements(nest, tile) * weight_passes(config, tile);
  return elements;
}

double product_cycles(const Config& config, const OpDescription& op, const OpTile& tile) {
  const WordKernels& kernels = *config.profile.words;
  const Speed speed = speed_of(config.core);
  const LoopNest nest = tiling_nest(op);
  const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
  const double odd = nest.in_channels % kChannels != 0 ? kernels.odd_channels : 1.0;
  const double beside = per_channel ? kernels.depthwise : kernels.product * odd;
  const double each = 1.0 / macs_per_cycle(config.core, op.compute_dtype) + beside / speed.words;
  const double results = tile.last_in_channels ? static_cast<double>(result_elements(op, nest, tile)) : 0.0;
  return static_cast<double>(tile_macs(nest, tile)) * each + results * kernels.result / speed.scalar +
         static_cast<double>(patch_elements(op, tile) + unpacked_elements(config, op, tile)) * kernels.copy /
             speed.words;
}

double kernel_cycles(const Config& config, const OpDescription& op, const OpTile& tile) {
  const WordKernels& kernels = *config.profile.words;
  const Speed speed = speed_of(config.core);
  const auto pieces = static_cast<double>(tile.pieces);
  const double operations = static_cast<double>(op.element_ops.count()) / pieces;
  const double moved =
      static_cast<double>((op.input_bytes + op.output_bytes).count()) / 2.0 * 8.0 / bits_of(op.compute_dtype) / pieces;
  switch (op.op_class) {
    case OpClass::elementwise:
      return std::max(operations, moved) * kernels.element / speed.words;
    case OpClass::pool:
      return operations * kernels.pool / speed.words;
    case OpClass::data_movement:
    case OpClass::view:
      return moved * kernels.copy / speed.words + operations * kernels.element / speed.words;
    default:
      break;
  }
  const double each = 1.0 / macs_per_cycle(config.core, op.compute_dtype) + kernels.product / speed.words;
  return operations * kernels.function / speed.scalar + static_cast<double>(piece_macs(op, tile)) * each;
}

double piece_cycles(const Config& config, const OpDescription& op, const OpTile& tile) {
  double cycles = kernel_cycles(config, op, tile);
  if (unpacked(config.core, op.compute_dtype) && op.op_class != OpClass::view) {
    const double elements = static_cast<double>(op.input_bytes.count()) * 8.0 / bits_of(op.compute_dtype);
    cycles += elements / static_cast<double>(tile.pieces) * config.profile.words->copy / speed_of(config.core).words;
  }
  return cycles;
}

}  // namespace

bool runs_word_kernels(const Config& config, DType dtype) { return config.profile.words && !is_float(dtype); }

std::int64_t patch_elements(const OpDescription& op, const OpTile& tile) {
  if (!op.single_nest() || op.op_class != OpClass::conv) return 0;
  const LoopNest nest = tiling_nest(op);
  const std::int64_t taps = nest.kernel_height * nest.kernel_width;
  return taps == 1 ? 0 : tile.out_height * tile.out_width * taps * tile.in_channels * tile.groups;
}

Cycles flash_waits(const Config& config, const OpDescription& op, const OpTile& tile) {
  if (!config.flash) return Cycles(0);
  const Bytes weights = op.single_nest() ? weight_share(op, tile) : Bytes(0);
  const bool again = op.single_nest() && op.op_class != OpClass::depthwise_conv && weights > config.flash->cache;
  const std::int64_t passes = again ? weight_passes(config, tile) : 1;
  return Cycles(ceil_div(weights.count() * passes, config.flash->line.count()) * config.flash->wait_states);
}

Cycles word_kernel_cycles(const Config& config, const OpDescription& op, const OpTile& tile) {
  const double work = op.single_nest() ? product_cycles(config, op, tile) : piece_cycles(config, op, tile);
  return whole_cycles(Quantity<kCycle, double>(work / config.cores)) + flash_waits(config, op, tile);
}

}  // namespace chipcast::cpu
