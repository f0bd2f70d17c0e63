// SPDX-License-Identifier: Apache-2.0
// The search follows Arm's compiler (ethos-u-vela, architecture_allocator.py): same candidates, same cost, same ties.
#include "accelerators/ethos_u/blocks.h"

#include <algorithm>
#include <limits>

namespace chipcast::ethos_u {
namespace {

constexpr Extents kLargestBlock{.height = 32, .width = 64, .depth = 128};
constexpr std::int64_t kDepthStep = 16;     ///< channels of a stored brick: blocks split a tensor's depth at these
constexpr std::int64_t kLargestKernel = 8;  ///< larger kernels are computed in parts of 8 x 8

std::int64_t dilated(std::int64_t taps, std::int64_t dilation) { return (taps - 1) * dilation + 1; }

/// Rows (or columns) of input under `out` rows of output, for one part of the kernel.
std::int64_t covered(std::int64_t out, std::int64_t stride, std::int64_t taps, std::int64_t dilation, int upscale) {
  const std::int64_t span = (out - 1) * stride + std::min(dilated(taps, dilation), kLargestKernel);
  return ceil_div(span, std::int64_t{upscale});
}

std::int64_t input_block_depth(const Operation& operation, Traversal traversal) {
  if (operation.bits == 16) return round_up(std::min<std::int64_t>(operation.ifm.depth, 16), std::int64_t{4});
  const std::int64_t most = traversal == Traversal::part_kernel_first ? 16 : 32;
  return round_up(std::min(operation.ifm.depth, most), kDotProduct);
}

/// The 2 x 2 micro-block becomes 1 x 4 on single rows, so that a block takes one row of accumulators.
Extents accumulated(const Config& config, const Operation& operation, Extents block) {
  const bool one_row = operation.ofm.height == 1 && operation.kernel_height == 1 && config.micro_block.height == 2;
  if (one_row) block.height = 1;
  return block;
}

/// What a candidate would fetch per output element.
class Cost {
 public:
  explicit Cost(const Operation& operation) : op_(operation) {
    const std::int64_t rows = dilated(op_.kernel_height, op_.dilation_h);
    const std::int64_t columns = dilated(op_.kernel_width, op_.dilation_w);
    input_repeats_ = static_cast<double>(ceil_div(rows, kLargestKernel) * ceil_div(columns, kLargestKernel));
    const bool convolution = op_.unit == Unit::conv || op_.unit == Unit::depthwise;
    weights_ = convolution ? static_cast<double>(rows * columns) * static_cast<double>(op_.ifm.depth) : 0.0;
  }

  double operator()(const Extents& ofm_block, const Extents& ifm_block) const {
    double cost = op_.unit == Unit::elementwise ? elementwise(ofm_block) : fetches(ofm_block, ifm_block);
    if (op_.ifm.elements() < 2 * ifm_block.elements()) cost /= 2;  // all inputs are in the two buffers at once
    return cost;
  }

 private:
  double elementwise(const Extents& block) const {
    return std::max(static_cast<double>(op_.ofm.elements()) / static_cast<double>(block.elements()), 1.0);
  }

  double fetches(const Extents& ofm_block, const Extents& ifm_block) const {
    const auto share = [](std::int64_t all, std::int64_t part) {
      return static_cast<double>(all) / static_cast<double>(part);
    };
    const double planes = share(op_.ofm.height, ofm_block.height) * share(op_.ofm.width, ofm_block.width);
    const auto whole_planes =
        static_cast<double>(ceil_div(op_.ofm.height, ofm_block.height) * ceil_div(op_.ofm.width, ofm_block.width));
    double weights = weights_ * whole_planes;
    if (op_.unit != Unit::depthwise) {
      weights *= static_cast<double>(ofm_block.depth) * share(op_.ofm.depth, ofm_block.depth);
    }
    double inputs = static_cast<double>(ifm_block.plane() * op_.ifm.depth) * input_repeats_ * planes;
    if (!op_.equal_depth()) inputs *= static_cast<double>(ceil_div(op_.ofm.depth, ofm_block.depth));
    return (inputs + weights) / static_cast<double>(op_.ofm.elements());
  }

  const Operation& op_;
  double input_repeats_ = 1.0, weights_ = 0.0;
};

/// Walks the candidates and keeps the best.
class Search {
 public:
  Search(const Config& config, const Operation& operation)
      : config_(config), op_(operation), traversal_(traversal_of(operation)), cost_(operation) {}

  std::optional<BlockConfig> run() {
    const auto& step = config_.micro_block;
    const std::int64_t most_depth = round_up(std::min(op_.ofm.depth, kLargestBlock.depth), std::int64_t{step.depth});
    const std::int64_t most_height =
        round_up(std::min(op_.ofm.height, kLargestBlock.height), std::int64_t{step.height});
    const std::int64_t most_width = round_up(std::min(op_.ofm.width, kLargestBlock.width), std::int64_t{step.width});
    for (std::int64_t depth = next_depth(std::max<std::int64_t>(step.depth, std::min(most_depth, kDepthStep)));
         depth <= most_depth; depth = next_depth(depth + step.depth)) {
      for (std::int64_t height = step.height; height <= most_height; height += step.height) {
        for (std::int64_t width = step.width; width <= most_width; width += step.width) {
          if (!consider({height, width, depth})) break;  // wider ones do not fit either
        }
      }
    }
    return best_;
  }

 private:
  /// Short of the whole depth, whole bricks.
  std::int64_t next_depth(std::int64_t depth) const {
    return depth < op_.ofm.depth ? round_up(depth, kDepthStep) : depth;
  }

  bool consider(const Extents& ofm_block) {
    const Extents ifm_block = input_block(config_, op_, traversal_, ofm_block);
    const Extents kept = accumulated(config_, op_, ofm_block);
    if (!fits(config_, op_, kept, ifm_block)) return false;
    const double cost = cost_(kept, ifm_block);
    if (cost < best_cost_) {
      best_coverage_ = std::numeric_limits<double>::infinity();
      take(cost, ofm_block, ifm_block);
    } else if (cost == best_cost_ && ofm_block.height <= 4 && ofm_block.width <= 4) {
      // Of equal small ones the block that sees most of the inputs.
      const Extents seen{std::min(op_.ifm.height, ifm_block.height), std::min(op_.ifm.width, ifm_block.width), 1};
      const double coverage = static_cast<double>(op_.ifm.plane()) / static_cast<double>(seen.plane());
      if (coverage <= best_coverage_) {
        best_coverage_ = coverage;
        take(cost, ofm_block, ifm_block);
      }
    }
    return true;
  }

  void take(double cost, const Extents& ofm_block, const Extents& ifm_block) {
    best_cost_ = cost;
    best_ = BlockConfig{.ofm = ofm_block, .ifm = ifm_block, .traversal = traversal_};
  }

  const Config& config_;
  const Operation& op_;
  Traversal traversal_;
  Cost cost_;
  std::optional<BlockConfig> best_;
  double best_cost_ = std::numeric_limits<double>::infinity();
  double best_coverage_ = std::numeric_limits<double>::infinity();
};

}  // namespace

Traversal traversal_of(const Operation& operation) {
  if (operation.unit != Unit::conv) return Traversal::depth_first;
  const std::int64_t channels = operation.ifm.depth, taps = operation.taps();
  if (channels <= 8) return Traversal::part_kernel_first;
  const bool narrow = operation.bits == 8;
  const double depth_first =
      static_cast<double>(channels) / static_cast<double>(round_up(channels, std::int64_t{narrow ? 32 : 16}));
  const double part_kernel =
      static_cast<double>(channels * taps) /
      static_cast<double>(round_up(channels, std::int64_t{8}) * round_up(taps, std::int64_t{narrow ? 4 : 2}));
  return part_kernel > depth_first ? Traversal::part_kernel_first : Traversal::depth_first;
}

Extents input_block(const Config& config, const Operation& operation, Traversal traversal, const Extents& ofm_block) {
  const std::int64_t rows =
      covered(ofm_block.height, operation.stride_h, operation.kernel_height, operation.dilation_h, operation.upscale);
  const std::int64_t columns =
      covered(ofm_block.width, operation.stride_w, operation.kernel_width, operation.dilation_w, operation.upscale);
  return {.height = round_up(rows, std::int64_t{config.micro_block.height}),
          .width = round_up(columns, std::int64_t{config.micro_block.width}),
          .depth = operation.equal_depth() ? ofm_block.depth : input_block_depth(operation, traversal)};
}

bool fits(const Config& config, const Operation& operation, const Extents& ofm_block, const Extents& ifm_block) {
  const Shram& shram = config.shram;
  const std::int64_t tables = operation.lookup ? shram.table_banks() : 0;
  const std::int64_t free = shram.banks - shram.output_banks - std::max<std::int64_t>(shram.end_banks, tables);
  const std::int64_t row = round_up(ceil_div(ifm_block.depth * operation.bits, std::int64_t{8}), std::int64_t{8});
  const std::int64_t inputs =
      shram.needed(ifm_block.plane() * row, operation.bits == 32 ? shram.input32_granule : shram.input_granule);
  if (operation.unit == Unit::elementwise) return inputs * (operation.two_tensors ? 2 : 1) <= free;
  const bool wide = operation.wide_accumulators();
  const std::int64_t sums = ofm_block.plane() * round_up(ofm_block.depth, std::int64_t{8}) * (wide ? 5 : 4);
  return inputs + shram.needed(sums, wide ? shram.accumulator40_granule : shram.accumulator_granule) <= free;
}

std::optional<BlockConfig> find_block(const Config& config, const Operation& operation) {
  return Search(config, operation).run();
}

}  // namespace chipcast::ethos_u
