// SPDX-License-Identifier: Apache-2.0
// The law of Arm's compiler (ethos-u-vela, npu_performance.py), which calls it an estimate of the pipeline.
#include "accelerators/ethos_u/cycles.h"

#include <algorithm>
#include <array>

namespace chipcast::ethos_u {
namespace {

constexpr std::int64_t kKernelPart = 8;
constexpr std::int64_t kBlocksUnderWay = 4;
constexpr std::int64_t kWeightBits = 32;  ///< of a set of weights, per output channel and cycle group of 8

/// Blocks at the tensor's size where they are larger, counted in micro-blocks.
struct Grid {
  std::int64_t columns = 1, rows = 1, depths = 1;
  std::int64_t weight_depth = 8;

  std::int64_t plane() const { return columns * rows; }
  bool single_plane() const { return columns == 1 && rows == 1; }
};

Extents clipped(const Extents& block, const Extents& tensor) {
  return {std::min(block.height, tensor.height), std::min(block.width, tensor.width),
          std::min(block.depth, tensor.depth)};
}

Grid grid_of(const Config& config, const Operation& op, const Extents& ofm) {
  std::int64_t width = config.micro_block.width, height = config.micro_block.height;
  const bool multiplies = op.unit == Unit::conv || op.unit == Unit::depthwise || op.unit == Unit::vector_product;
  if (height == 2 && multiplies && op.ofm.height == 1 && op.ofm.width % 2 == 0 && op.kernel_height == 1) {
    width = 4;  // four columns of a single row instead of 2 x 2
    height = 1;
  }
  const std::int64_t depth = config.micro_block.depth;
  return {.columns = ceil_div(ofm.width, width),
          .rows = ceil_div(ofm.height, height),
          .depths = ceil_div(ofm.depth, depth),
          .weight_depth = depth};
}

/// Taps of each part of at most 8 x 8 that a kernel is computed in.
template <class Visit>
void for_each_part(const Operation& op, const Visit& visit) {
  for (std::int64_t y = 0; y < op.kernel_height; y += kKernelPart) {
    for (std::int64_t x = 0; x < op.kernel_width; x += kKernelPart) {
      visit(std::min(kKernelPart, op.kernel_height - y) * std::min(kKernelPart, op.kernel_width - x));
    }
  }
}

/// Waiting for the engine's own results.
std::int64_t delay(const Config& config, const Operation& op, const Grid& grid, std::int64_t steps) {
  const bool wide = op.wide_accumulators();
  const std::int64_t each = (wide ? config.delays.accumulator40 : config.delays.accumulator).count();
  std::int64_t cycles = 0;
  if (grid.single_plane()) cycles = each * (grid.depths == 1 ? steps : (steps - 1) * grid.depths);
  if (wide && grid.depths > 1 && (grid.columns == 1 || grid.rows == 1)) {
    cycles += config.delays.accumulator40_line.count() * grid.depths;
  }
  return cycles;
}

std::int64_t part_cycles(const Config& config, const Operation& op, const BlockConfig& block, const Grid& grid,
                         std::int64_t taps) {
  const std::int64_t weights = kWeightBits * grid.weight_depth / 8;
  const std::int64_t plane = 4 * grid.plane();
  switch (op.unit) {
    case Unit::pool: {
      const std::int64_t passes = op.bits == 16 ? config.delays.pool16_passes : 1;
      return std::max<std::int64_t>(4, taps) * grid.plane() * grid.depths * passes + delay(config, op, grid, 1);
    }
    case Unit::depthwise: {
      const std::int64_t steps = ceil_div(taps, std::int64_t{4});
      return std::max(weights, plane * (op.bits == 16 ? 2 : 1)) * steps * grid.depths + delay(config, op, grid, steps);
    }
    default: {
      if (block.traversal == Traversal::depth_first) {
        return std::max(weights, plane) * taps * grid.depths + delay(config, op, grid, taps);
      }
      const std::int64_t steps = ceil_div(taps, std::int64_t{op.bits == 16 ? 2 : 4});
      const std::int64_t slices = ceil_div(clipped(block.ifm, op.ifm).depth, kDotProduct);
      return (std::max(weights, plane) * steps * grid.depths + delay(config, op, grid, steps)) * slices;
    }
  }
}

/// Fetch of a block's inputs and write of its results, latency included, with nothing else on the port.
double memory_cycles(const Config& config, const Operation& op, const BlockConfig& block, const Extents& outputs) {
  const double clock = config.clock.count();
  const double bytes_per_cycle = config.dma.port.count() / clock;
  const auto bytes = [&](const Extents& extents, int bits) {
    return static_cast<double>(extents.elements()) * bits / 8.0;
  };
  const int result_bits = std::min(op.bits, 16);
  return (config.read_latency.count() + config.write_latency.count()) * clock +
         (bytes(clipped(block.ifm, op.ifm), op.bits) + bytes(outputs, result_bits)) / bytes_per_cycle;
}

/// Ten bytes of scale per channel, fetched in bursts that the read latency separates.
double scale_cycles(const Config& config, const Operation& op, const Extents& outputs) {
  if (!op.has_weights) return 0.0;
  constexpr double kBytesUnderWay = 256.0;
  const double latency = config.read_latency.count() * config.clock.count();
  return static_cast<double>(config.weights.scale.count() * outputs.depth) * latency / kBytesUnderWay;
}

/// Blocks of one size along an axis: the full ones, and what is left.
struct Part {
  std::int64_t extent = 0, count = 0;
};
std::array<Part, 2> parts(std::int64_t extent, std::int64_t step) {
  return {Part{std::min(step, extent), extent / step}, Part{extent % step, extent % step > 0 ? 1 : 0}};
}

/// Calls visit(outputs, count) for the blocks in the middle of a tensor and those at its borders.
template <class Visit>
void for_each_size(const Extents& tensor, const Extents& block, const Visit& visit) {
  for (const Part& h : parts(tensor.height, block.height)) {
    for (const Part& w : parts(tensor.width, block.width)) {
      for (const Part& d : parts(tensor.depth, block.depth)) {
        const std::int64_t count = h.count * w.count * d.count;
        if (count > 0) visit(Extents{h.extent, w.extent, d.extent}, count);
      }
    }
  }
}

}  // namespace

double mac_cycles(const Config& config, const Operation& operation, const BlockConfig& block, const Extents& outputs) {
  if (operation.unit == Unit::elementwise) return 0.0;
  const Grid grid = grid_of(config, operation, outputs);
  std::int64_t cycles = 0;
  for_each_part(operation, [&](std::int64_t taps) { cycles += part_cycles(config, operation, block, grid, taps); });
  if (!operation.equal_depth()) cycles *= ceil_div(operation.ifm.depth, block.ifm.depth);
  return static_cast<double>(cycles) / config.cores;
}

BlockCycles block_cycles(const Config& config, const Operation& operation, const BlockConfig& block,
                         const Extents& outputs) {
  BlockCycles out{.mac = mac_cycles(config, operation, block, outputs),
                  .output = static_cast<double>(outputs.elements()) * operation.output_cycles};
  out.output = std::max(out.output, scale_cycles(config, operation, outputs));
  const double way = (memory_cycles(config, operation, block, outputs) + out.mac + out.output) / kBlocksUnderWay;
  if (operation.unit != Unit::elementwise) out.mac = std::max(out.mac, way);
  out.output = std::max(out.output, way);
  return out;
}

PipelineCycles pipeline_cycles(const Config& config, const Operation& operation, const BlockConfig& block) {
  PipelineCycles sum;
  double faster = 0.0;
  for_each_size(operation.ofm, block.ofm, [&](const Extents& outputs, std::int64_t count) {
    const BlockCycles cycles = block_cycles(config, operation, block, outputs);
    const auto blocks = static_cast<double>(count);
    sum.blocks += count;
    sum.all += std::max(cycles.mac, cycles.output) * blocks;
    sum.mac += mac_cycles(config, operation, block, outputs) * blocks;
    faster = std::max(faster, std::min(cycles.mac, cycles.output));
  });
  sum.all += faster;
  return sum;
}

}  // namespace chipcast::ethos_u
