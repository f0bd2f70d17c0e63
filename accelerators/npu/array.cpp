// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/array.h"

#include <algorithm>
#include <cmath>

#include "accelerators/npu/sheet.h"
#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"

namespace chipcast::npu {
namespace {

bool depthwise(const LoopNest& nest) { return nest.in_channels == 1 && nest.groups > 1; }

/// The first core and those beside it.
using Cores = boost::container::small_vector<Core, 2>;
Cores all_cores(const Config& config) {
  Cores cores{{.count = 1,
               .input_lanes = config.input_lanes,
               .output_lanes = config.output_lanes,
               .depthwise_channels = config.depthwise_channels,
               .post_elements = config.post_elements}};
  cores.insert(cores.end(), config.cores.begin(), config.cores.end());
  return cores;
}

std::int64_t scaled(int lanes, double factor) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(lanes * factor));
}

/// Cycles in which a core goes once over all input channels and taps of `positions`, with its lanes' worth of
/// output channels (or depthwise channels).
std::int64_t pass_cycles(const Config& config, const Core& core, double factor, const LoopNest& nest,
                         const OpTile& tile, std::int64_t positions) {
  const std::int64_t taps = nest.kernel_height * nest.kernel_width;
  if (depthwise(nest)) return positions * taps;
  const std::int64_t lanes = scaled(core.input_lanes, factor);
  if (config.channel_packing && tile.in_channels * 2 <= lanes) {
    return tile.groups * ceil_div(tile.in_channels * nest.kernel_width, lanes) * positions * nest.kernel_height;
  }
  return tile.groups * ceil_div(tile.in_channels, lanes) * positions * taps;
}

/// Output channels that a core finishes in a pass, and how many there are.
std::int64_t grain(const Core& core, double factor, const LoopNest& nest) {
  return depthwise(nest) ? scaled(core.depthwise_channels, factor) : core.output_lanes;
}
std::int64_t channels(const LoopNest& nest, const OpTile& tile) {
  return depthwise(nest) ? tile.groups * tile.out_channels : tile.out_channels;
}

/// What the cores share out, in which units.
struct Split {
  Workers workers;
  std::int64_t units = 1;
};

Split split_channels(const Config& config, double factor, const LoopNest& nest, const OpTile& tile) {
  Split out{.workers = {}, .units = channels(nest, tile)};
  for (const Core& core : all_cores(config)) {
    out.workers.push_back({core.count, grain(core, factor, nest),
                           pass_cycles(config, core, factor, nest, tile, tile.out_height * tile.out_width)});
  }
  return out;
}

Split split_rows(const Config& config, double factor, const LoopNest& nest, const OpTile& tile) {
  Split out{.workers = {}, .units = tile.out_height};
  for (const Core& core : all_cores(config)) {
    const std::int64_t passes = ceil_div(channels(nest, tile), grain(core, factor, nest));
    out.workers.push_back({core.count, 1, passes * pass_cycles(config, core, factor, nest, tile, tile.out_width)});
  }
  return out;
}

Split split_of(const Config& config, double factor, const LoopNest& nest, const OpTile& tile) {
  const Split by_channels = split_channels(config, factor, nest, tile);
  if (config.cores.empty() || config.core_split == CoreSplit::channels) return by_channels;
  const Split by_rows = split_rows(config, factor, nest, tile);
  if (config.core_split == CoreSplit::rows) return by_rows;
  const bool rows = least_time(by_rows.workers, by_rows.units) < least_time(by_channels.workers, by_channels.units);
  return rows ? by_rows : by_channels;
}

/// Operands that a core reads in a busy cycle.
struct Reads {
  double features = 0.0, weights = 0.0;
};
Reads reads_of(const Config& config, const Core& core, double factor, const LoopNest& nest) {
  const double reuse = config.weight_reuse;
  if (depthwise(nest)) {
    const auto lanes = static_cast<double>(scaled(core.depthwise_channels, factor));
    return {lanes, lanes / reuse};
  }
  const auto lanes = static_cast<double>(scaled(core.input_lanes, factor));
  return {lanes, lanes * core.output_lanes / reuse};
}

double winograd_gain(const Config& config, const OpDescription& op, const LoopNest& nest) {
  return runs_winograd(config, op, nest) ? sheet::kWinogradGain : 1.0;
}

double ideal_time(const Config& config, double factor, const OpDescription& op, const LoopNest& nest,
                  const OpTile& tile, double gain) {
  const double rate = static_cast<double>(config.rates.front().macs.count()) * factor * core_ratio(config);
  const sheet::Machine machine{.macs = rate, .channels = config.channel_alignment};
  const std::int64_t taps = nest.kernel_height * nest.kernel_width;
  if (depthwise(nest)) {
    std::int64_t width = 0;
    for (const Core& core : all_cores(config)) width += core.count * scaled(core.depthwise_channels, factor);
    const std::int64_t padded = round_up(channels(nest, tile), machine.channels);
    return static_cast<double>(padded * tile.out_height * tile.out_width * taps) / static_cast<double>(width);
  }
  // A batch of vectors counts as further kernels of one position.
  const bool product = op.op_class == OpClass::matrix || op.op_class == OpClass::vector_matrix;
  const std::int64_t rows = product ? 1 : tile.out_height, columns = product ? 1 : tile.out_width;
  const std::int64_t kernels = product ? tile.out_channels * tile.out_height * tile.out_width : tile.out_channels;
  return static_cast<double>(tile.groups) * sheet::array_cycles(machine, tile.in_channels, nest.stride_h, nest.stride_w,
                                                                rows, columns, kernels, taps, gain);
}

}  // namespace

std::optional<OpsPerCycle> rate_of(const Config& config, DType dtype) {
  for (const DType format : {dtype, multiplied_as(dtype)}) {
    for (const auto& rate : config.rates) {
      if (rate.dtype == format) return rate.macs;
    }
  }
  return std::nullopt;
}

double speed(const Config& config, DType dtype) {
  const auto rate = rate_of(config, dtype);
  CHIPCAST_ASSERT(rate.has_value());
  return *rate / config.rates.front().macs;
}

bool runs_winograd(const Config& config, const OpDescription& op, const LoopNest& nest) {
  const auto& formats = config.winograd;
  return std::find(formats.begin(), formats.end(), multiplied_as(op.compute_dtype)) != formats.end() &&
         op.op_class == OpClass::conv && !nest.transposed && nest.groups == 1 && nest.kernel_height == 3 &&
         nest.kernel_width == 3 && nest.stride_h == 1 && nest.stride_w == 1 && nest.dilation_h == 1 &&
         nest.dilation_w == 1;
}

double array_time(const Config& config, const OpDescription& op, const OpTile& tile) {
  const LoopNest nest = tiling_nest(op);
  const double factor = speed(config, op.compute_dtype), gain = winograd_gain(config, op, nest);
  if (config.packing == Packing::ideal) return ideal_time(config, factor, op, nest, tile, gain);
  const Split split = split_of(config, factor, nest, tile);
  return static_cast<double>(least_time(split.workers, split.units)) / gain;
}

BufferReads buffer_reads(const Config& config, const OpDescription& op, const OpTile& tile) {
  const LoopNest nest = tiling_nest(op);
  const double factor = speed(config, op.compute_dtype);
  const Cores cores = all_cores(config);
  BufferReads out;
  const auto add = [&](const Core& core, double busy) {
    const Reads reads = reads_of(config, core, factor, nest);
    out.features += busy * reads.features;
    out.weights += busy * reads.weights;
  };
  if (config.packing == Packing::ideal) {  // every core all the time
    for (const Core& core : cores) add(core, core.count * array_time(config, op, tile));
    return out;
  }
  const Split split = split_of(config, factor, nest, tile);
  const std::vector<std::int64_t> busy = busy_cycles(split.workers, split.units);
  const double gain = winograd_gain(config, op, nest);
  for (std::size_t i = 0; i < cores.size(); ++i) add(cores[i], static_cast<double>(busy[i]) / gain);
  return out;
}

Cycles array_cycles(const Config& config, const OpDescription& op, const OpTile& tile, std::int64_t times) {
  const double array = array_time(config, op, tile) * static_cast<double>(times) / config.efficiency;
  const Cycles cycles(static_cast<std::int64_t>(std::ceil(array - 1e-9)));
  if (config.weights.decoder == BytesPerCycle(0)) return cycles;
  const std::int64_t weights = weight_elements(tiling_nest(op), tile) * bits_of(op.weight_dtype);
  return std::max(cycles, ceil_div(Bytes(ceil_div(weights, std::int64_t{8})), config.weights.decoder));
}

double core_ratio(const Config& config) {
  std::int64_t lanes = 0;
  for (const Core& core : all_cores(config)) lanes += std::int64_t{core.count} * core.input_lanes * core.output_lanes;
  return static_cast<double>(lanes) / static_cast<double>(std::int64_t{config.input_lanes} * config.output_lanes);
}

std::int64_t least_time(const Workers& workers, std::int64_t units) {
  CHIPCAST_ASSERT(!workers.empty());
  const std::int64_t alone = ceil_div(units, workers.front().grain) * workers.front().cycles;
  if (workers.size() == 1 && workers.front().count == 1) return alone;
  const auto done_in = [&](std::int64_t time) {
    std::int64_t done = 0;
    for (const Worker& worker : workers) {
      // Capped: more than enough is enough, and the product stays within 63 bits.
      done += worker.count * std::min(ceil_div(units, worker.grain), time / worker.cycles) * worker.grain;
    }
    return done;
  };
  std::int64_t low = 0, high = alone;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (done_in(middle) >= units) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

std::vector<std::int64_t> busy_cycles(const Workers& workers, std::int64_t units) {
  const std::int64_t time = least_time(workers, units);
  std::vector<std::int64_t> out;
  for (const Worker& worker : workers) {
    const std::int64_t wanted = ceil_div(std::max<std::int64_t>(units, 0), worker.grain);
    const std::int64_t taken = std::min(wanted, time / worker.cycles * worker.count);
    out.push_back(taken * worker.cycles);
    units -= taken * worker.grain;
  }
  return out;
}

}  // namespace chipcast::npu
