// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <stdexcept>
#include <string>

#include "accelerators/ethos_u/config_parts.h"
#include "models/dma/config.h"

namespace chipcast::ethos_u {

/// Input channels that every member of the family sums up in a cycle; its cycle law is written for it.
inline constexpr std::int64_t kDotProduct = 8;

/// Arm Ethos-U55 and U65. Defaults are the U55 with 128 multiply-accumulates a cycle in Arm's "high end embedded"
/// system. Sources: accelerators/ethos_u/README.md.
struct Config {
  Hertz clock{500e6};
  int cores{1};
  MicroBlock micro_block{2, 1, 8};
  Shram shram{};
  OutputUnit output{};
  Delays delays{};
  WeightPort weights{};
  FeatureCache feature_cache{};
  Seconds read_latency{64e-9}, write_latency{64e-9};
  Seconds call{0.0}, launch{0.0};
  double volts{0.8};
  Watts leakage{0.001};
  Watts clock_power{0.002};
  dma::Config dma{
      .outstanding = 8, .burst = Bytes(32), .chunk = Bytes(1024), .port = BytesPerSecond(4e9), .latency = Seconds(0.0)};

  template <class V>
  void visit(V& v) {
    v.field("clock", clock, {.doc = "Core clock.", .min = Hertz(1e6), .max = Hertz(5e9)});
    v.field("cores", cores, {.doc = "MAC engines that share a block's work.", .min = 1, .max = 16});
    v.field("micro_block", micro_block, {.doc = "Outputs that the MAC engine works on at a time."});
    v.field("shram", shram, {.doc = "Shared buffer: inputs and accumulators of two blocks."});
    v.field("output", output, {.doc = "Output unit: scaling, elementwise functions, activation."});
    v.field("delays", delays, {.doc = "Pipeline gaps of short blocks."});
    v.field("weights", weights, {.doc = "Second port, behind which all weights lie."});
    v.field("feature_cache", feature_cache, {.doc = "On-chip memory beside the first one (Dedicated_Sram)."});
    v.field("read_latency", read_latency,
            {.doc = "Of the memory with the features: part of a block's way through the pipeline.",
             .min = Seconds(0.0),
             .max = Seconds(1e-3)});
    v.field("write_latency", write_latency,
            {.doc = "Likewise, of its results.", .min = Seconds(0.0), .max = Seconds(1e-3)});
    v.field("call", call,
            {.doc = "Handing a network over, once per inference: the driver and its interrupt.",
             .min = Seconds(0.0),
             .max = Seconds(1.0)});
    v.field("launch", launch,
            {.doc = "Per operator, beside the command stream's blocks.", .min = Seconds(0.0), .max = Seconds(1.0)});
    v.field("volts", volts, {.doc = "Supply.", .min = 0.3, .max = 5.0});
    v.field("leakage", leakage, {.doc = "Static power.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("clock_power", clock_power,
            {.doc = "Clock tree and control while it is busy.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("dma", dma, {.doc = "First port, to the memory with the features."});
  }

  std::int64_t macs_per_cycle() const { return micro_block.elements() * kDotProduct * cores; }

  /// The smallest block of the widest operation has to fit, or it could not run.
  void validate() const {
    const std::int64_t free =
        shram.banks - shram.output_banks - std::max<std::int64_t>(shram.end_banks, shram.table_banks());
    const std::int64_t depth = round_up(std::max<std::int64_t>(micro_block.depth, 16), std::int64_t{16});
    const auto covered = [](std::int64_t outputs) { return round_up((outputs - 1) * 3 + 8, outputs); };
    const std::int64_t inputs = covered(micro_block.height) * covered(micro_block.width) * depth * 2;
    const std::int64_t sums =
        std::int64_t{micro_block.height} * micro_block.width * round_up(depth, std::int64_t{8}) * 5;
    const std::int64_t pairs = std::int64_t{micro_block.height} * micro_block.width * depth * 4;
    const std::int64_t least =
        std::max(shram.needed(inputs, shram.input_granule) + shram.needed(sums, shram.accumulator40_granule),
                 2 * shram.needed(pairs, shram.input32_granule));
    if (free >= least) return;
    throw std::invalid_argument("shram.banks is " + std::to_string(shram.banks) + ", which leaves " +
                                std::to_string(std::max<std::int64_t>(free, 0)) +
                                " for inputs and accumulators; the smallest blocks take " + std::to_string(least));
  }
};

}  // namespace chipcast::ethos_u
