// SPDX-License-Identifier: Apache-2.0
// Ethos-U: blocks of outputs, each with the inputs under it, in bricks of 16 channels.
#include "accelerators/ethos_u/blocks.h"

#include <algorithm>
#include <cmath>

#include "crosscheck/work/executors.h"
#include "crosscheck/work/levels.h"
#include "crosscheck/work/tile_run.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"

namespace chipcast::crosscheck {
namespace {

using ethos_u::Extents;
using ethos_u::Operation;

constexpr std::int64_t kBrick = 16, kKernelPart = 8;

double real(std::int64_t n) { return static_cast<double>(n); }

/// Channels as they stand in memory: bricks; images with few channels as they are.
std::int64_t stored(std::int64_t channels) { return channels < kBrick ? channels : round_up(channels, kBrick); }

struct BlockCounts {
  std::int64_t features = 0, results = 0;  ///< elements in stored form, over the first port
  std::int64_t weights = 0, scales = 0;    ///< from the second port
  std::int64_t weight_passes = 0;          ///< blocks of the plane: staged weights are read once for each
  std::int64_t outputs = 0, sums = 0;      ///< written accumulators: once for each block of input channels
};

class Blocks {
 public:
  Blocks(const ethos_u::Config& config, const Operation& operation, const ethos_u::BlockConfig& block)
      : config_(config), op_(operation), block_(block) {}

  BlockCounts run() {
    for (std::int64_t repeat = 0; repeat < op_.repeats; ++repeat) {
      weights();
      std::int64_t planes = 0;
      for (std::int64_t y = 0; y < op_.ofm.height; y += block_.ofm.height) {
        for (std::int64_t x = 0; x < op_.ofm.width; x += block_.ofm.width, ++planes) plane(y, x);
      }
      counts_.weight_passes = planes;
    }
    return counts_;
  }

 private:
  void weights() {
    for (std::int64_t k = 0; k < op_.ofm.depth; ++k) {
      counts_.weights += op_.taps() * (op_.equal_depth() ? 1 : op_.ifm.depth);
      ++counts_.scales;
    }
  }

  void plane(std::int64_t y, std::int64_t x) {
    const std::int64_t rows = std::min(block_.ofm.height, op_.ofm.height - y);
    const std::int64_t columns = std::min(block_.ofm.width, op_.ofm.width - x);
    if (op_.equal_depth()) fetch();
    for (std::int64_t d = 0; d < op_.ofm.depth; d += block_.ofm.depth) {
      const std::int64_t depth = std::min(block_.ofm.depth, op_.ofm.depth - d);
      if (!op_.equal_depth()) fetch();
      const std::int64_t elements = rows * columns * depth;
      counts_.outputs += elements;
      const std::int64_t reduced = op_.equal_depth() ? 1 : op_.ifm.depth;
      const std::int64_t step = op_.equal_depth() ? 1 : block_.ifm.depth;
      for (std::int64_t c = 0; c < reduced; c += step) counts_.sums += elements;
      counts_.results += rows * columns * (op_.ofm.depth < kBrick ? depth : round_up(depth, kBrick));
    }
  }

  /// Inputs under a block, all channels: again for each part of the kernel.
  void fetch() {
    const std::int64_t height = covered(block_.ofm.height, op_.stride_h, op_.kernel_height, op_.dilation_h,
                                        config_.micro_block.height, op_.ifm.height);
    const std::int64_t width = covered(block_.ofm.width, op_.stride_w, op_.kernel_width, op_.dilation_w,
                                       config_.micro_block.width, op_.ifm.width);
    for (std::int64_t r = 0; r < op_.kernel_height; r += kKernelPart) {
      for (std::int64_t s = 0; s < op_.kernel_width; s += kKernelPart) {
        counts_.features += height * width * stored(op_.ifm.depth);
      }
    }
  }

  /// Rows that a block's outputs touch with one part of the kernel, in whole micro-blocks.
  static std::int64_t covered(std::int64_t outputs, std::int64_t stride, std::int64_t kernel, std::int64_t dilation,
                              std::int64_t micro, std::int64_t available) {
    Touched touched;
    for (std::int64_t o = 0; o < outputs; ++o) {
      for (std::int64_t t = 0; t < kernel; ++t) {
        if (t * dilation < kKernelPart) touched.mark(o * stride + t * dilation);
      }
      // A window with holes reaches over its part whole.
      if ((kernel - 1) * dilation >= kKernelPart) touched.mark(o * stride + kKernelPart - 1);
    }
    return std::min(round_up(touched.extent(), micro), available);
  }

  const ethos_u::Config& config_;
  const Operation& op_;
  const ethos_u::BlockConfig& block_;
  BlockCounts counts_;
};

bool even(const Operation& op, const Extents& block) {
  const auto fits = [](std::int64_t extent, std::int64_t part) { return part >= extent || extent % part == 0; };
  return fits(op.ofm.height, block.height) && fits(op.ofm.width, block.width);
}

std::int64_t bytes_of(std::int64_t elements, int bits) {
  return std::max<std::int64_t>(1, ceil_div(elements * bits, std::int64_t{8}));
}

OpTile tile_of(const OpDescription& op, const Operation& operation, const ethos_u::BlockConfig& block) {
  const LoopNest& nest = op.nests.front();
  OpTile tile{.out_channels = block.ofm.depth,
              .in_channels = block.ifm.depth,
              .out_height = block.ofm.height,
              .out_width = block.ofm.width};
  if (operation.unit == ethos_u::Unit::depthwise) {
    tile.groups = std::max<std::int64_t>(1, block.ofm.depth / nest.out_channels);
    tile.out_channels = nest.out_channels;
  }
  if (operation.unit == ethos_u::Unit::vector_product) {  // rows of a product stand in a plane
    tile.out_height = block.ofm.plane();
    tile.out_width = 1;
  }
  return tile;
}

}  // namespace

void run_blocks(const Subject& subject, Tally& tally, WorkCheck& check) {
  const OpDescription& op = subject.op;
  const auto config = read_value<ethos_u::Config>(subject.on.device->to_json(), "device");
  const Operation operation = ethos_u::operation_of(config, op);
  const auto block = ethos_u::find_block(config, operation);
  CHIPCAST_ASSERT(block.has_value());  // the device would refuse it
  const Charged charged = charged_by(*subject.plan.schedule);
  const TileWork& work = charged.work;
  std::int64_t macs = 0;
  run_blocked(subject, tile_of(op, operation, *block), check, [&](const TileCounts& tile) { macs += tile.macs; });
  tally.add("array", "macs", -1, real(macs), real(work.macs.count()));

  const BlockCounts c = Blocks(config, operation, *block).run();
  const auto count = [&](const char* component, const char* action) {
    return action_count(*subject.on.device, work, component, action);
  };
  tally.add("buffer", "ofmap_writes", -1, real(c.sums), real(work.sram.ofmap_writes));
  tally.add("buffer", "ofmap_reads", -1, real(c.sums - c.outputs), real(work.sram.ofmap_reads));
  tally.add("buffer", "accumulator_bytes", -1, real(8 * c.sums), count("shram", "accumulator_byte"));
  tally.add("array", "finished_elements", -1, real(c.outputs), count("output", "element"));
  tally.leave_out("buffer", "ifmap_reads", real(work.sram.ifmap_reads),
                  "follows from cycles, which contain the pipeline's delays");

  std::string why;
  if (config.weights.encoded != 1.0) why = "weights are encoded at a declared ratio";
  const std::int64_t weights = c.weights + config.weights.scale.count() * c.scales;
  if (why.empty()) tally.add("memory", "second_port_bytes", -1, real(weights), count("weights", "read_byte"));
  if (!why.empty()) tally.leave_out("memory", "second_port_bytes", count("weights", "read_byte"), why);
  if (operation.upscale > 1 || op.nests.front().transposed) why = "the stride of a transposed convolution is guessed";
  if (why.empty() && !even(operation, block->ofm)) why = "blocks at the border count as parts of a block";

  const bool staged = operation.ofm.plane() > 1, cached = config.feature_cache.size > Bytes(0);
  const std::int64_t reads = staged && !cached ? weights * c.weight_passes : 0,
                     writes = staged && !cached ? weights : 0;
  const auto compare = [&](const char* name, std::int64_t counted, Bytes from, const std::string& reason) {
    if (!reason.empty()) return tally.leave_out("memory", name, real(from.count()), reason);
    tally.add("memory", name, -1, real(counted), real(from.count()));
  };
  const std::int64_t results =
      std::max(bytes_of(c.results, std::min(operation.bits, 16)), op.output_bytes.count()) + writes;
  compare("input_bytes", subject.traffic.first_operand ? bytes_of(c.features, operation.bits) + reads : 0,
          charged.input, why);
  compare("output_bytes", subject.traffic.result ? results : 0, charged.output, why);
  if (subject.traffic.other_operands) compare("weight_bytes", weights, charged.weights, why);
}

}  // namespace chipcast::crosscheck
