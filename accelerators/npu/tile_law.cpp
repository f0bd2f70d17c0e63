// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/tile_law.h"

#include <array>
#include <cstdio>

#include "accelerators/npu/array.h"
#include "sim/config/writer.h"

namespace chipcast::npu {
namespace {

/// Fields that no byte of a tile and no cycle of it depend on.
Config without_surroundings(Config config) {
  const Config any;
  config.clock = any.clock;
  config.buffer = any.buffer;
  config.buffer_banks = any.buffer_banks;
  config.accumulator = any.accumulator;
  config.resident = any.resident;
  config.depth_first = any.depth_first;
  config.launch = any.launch;
  config.launch_cycles = any.launch_cycles;
  config.volts = any.volts;
  config.leakage = any.leakage;
  config.clock_power = any.clock_power;
  config.dma = any.dma;
  return config;
}

Config without_lanes(Config config) {
  const Config any;
  config.input_lanes = any.input_lanes;
  config.output_lanes = any.output_lanes;
  config.rates = any.rates;
  return config;
}

}  // namespace

TileLaw::TileLaw(const Config& config)
    : config_(config),
      dense_(write_value(without_surroundings(config)).dump()),
      depthwise_(write_value(without_lanes(without_surroundings(config))).dump()) {}

std::string TileLaw::of(const OpDescription& op) const {
  const bool depthwise = op.single_nest() && op.nests.front().in_channels == 1 && op.nests.front().groups > 1;
  // Several cores share work by all their lanes, and the sheet's array by its rate.
  if (!depthwise || !config_.cores.empty() || config_.packing != Packing::lanes) return dense_;
  if (!rate_of(config_, op.compute_dtype)) return dense_;
  std::array<char, 32> factor{};
  std::snprintf(factor.data(), factor.size(), "%a", speed(config_, op.compute_dtype));
  return depthwise_ + factor.data();
}

}  // namespace chipcast::npu
