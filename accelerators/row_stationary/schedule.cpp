// SPDX-License-Identifier: Apache-2.0
#include "accelerators/row_stationary/schedule.h"

#include <algorithm>

#include "accelerators/shares.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::row_stationary {
namespace {

/// More blocks are merged with their neighbours.
constexpr std::int64_t kMostBlocks = 1024;

/// Stretches that end in results, and blocks in each.
struct Blocks {
  std::int64_t units, per_unit;
  std::int64_t all() const { return units * per_unit; }
};

Blocks blocks_of(const Counts& counts) {
  const std::int64_t units = std::min(counts.units, kMostBlocks);
  const std::int64_t sums = counts.psum_writes / counts.ofmap_words;  // groups of channels, one after the other
  return {units, std::clamp<std::int64_t>(kMostBlocks / units, 1, sums)};
}

std::string text_of(const Config& config, const Mapping& mapping, const Counts& counts) {
  return to_text(mapping) + ": " + std::to_string(counts.passes) + " passes, " + std::to_string(counts.active_pes) +
         " of " + std::to_string(config.rows * config.columns) + " elements";
}

}  // namespace

std::vector<Activity> activity_of(const Config& config, const Actions& actions, const Counts& c, Ops macs,
                                  double ifmap_zeros) {
  const auto all = static_cast<double>(macs.count());
  const double done = all * (config.zero_gating ? 1.0 - ifmap_zeros : 1.0);
  const auto array = static_cast<double>(c.ifmap_reads + c.psum_reads + c.psum_writes);
  const auto filters = static_cast<double>(c.filter_words);
  return {{actions.mac, done},
          {actions.filter_spad, done + static_cast<double>(c.spad_fills)},
          {actions.registers, all * 3.0},  // input; partial sum read and written
          {actions.noc, array + filters},
          {actions.buffer, array + static_cast<double>(c.ifmap_words) + 2.0 * filters},
          {actions.clock, static_cast<double>(c.cycles.count())}};
}

LinkBytes link_bytes(const Config& config, const OpDescription& op, const Counts& c, const LayerZeros& zeros) {
  // Biases and the like are fetched once, as they are.
  const LoopNest& nest = op.nests.front();
  const std::int64_t weights = nest.groups * nest.out_channels * nest.in_channels * nest.kernel_height *
                               nest.kernel_width * bits_of(op.weight_dtype) / 8;
  const std::int64_t biases = std::max<std::int64_t>(0, other_operand_bytes(op).count() - weights);
  return {.ifmap = map_bytes(config, c.ifmap_stored, c.ifmap_words, zeros.ifmap),
          .others = Bytes(c.filter_words * kWordBytes + biases),
          .ofmap = map_bytes(config, c.ofmap_words, c.ofmap_words, zeros.ofmap)};
}

Cycles link_cycles(const Config& config, Bytes bytes) {
  const double cycles = static_cast<double>(ceil_div(bytes, config.link_width).count());
  return Cycles(static_cast<std::int64_t>(std::ceil(cycles * (config.clock / config.link_clock))));
}

TileWork work_of(const Config& config, const Actions& actions, const OpDescription& op, const Counts& c) {
  const LayerZeros zeros = zeros_of(config, op);
  TileWork work{.cycles = c.cycles,
                .macs = op.macs,
                .activity = activity_of(config, actions, c, op.macs, zeros.ifmap),
                .sram = {.ifmap_reads = c.ifmap_reads, .ofmap_reads = c.psum_reads, .ofmap_writes = c.psum_writes}};
  // The clock runs on while the array waits for inputs.
  const Cycles waits = link_cycles(config, link_bytes(config, op, c, zeros).ifmap);
  work.activity.push_back({actions.clock, static_cast<double>(waits.count())});
  return work;
}

Schedule schedule_of(const Config& config, const TileWork& work, const OpDescription& op, const Traffic& traffic,
                     const Mapping& mapping, const Counts& c) {
  const LinkBytes bytes = link_bytes(config, op, c, zeros_of(config, op));
  const Blocks blocks = blocks_of(c);
  const std::int64_t all = blocks.all();
  const auto share = [](bool crosses, Bytes whole, std::int64_t index, std::int64_t parts) {
    return Bytes(crosses ? part_of(whole.count(), index, parts) : 0);
  };
  Schedule schedule{.steps = {}, .text = text_of(config, mapping, c)};
  for (std::int64_t i = 0; i < all; ++i) {
    const bool ends_unit = (i + 1) % blocks.per_unit == 0;
    schedule.steps.push_back(
        {.input = share(traffic.first_operand, bytes.ifmap, i, all),
         .weights = share(traffic.other_operands && i == 0, bytes.others, 0, all),
         .output = share(traffic.result && ends_unit, bytes.ofmap, i / blocks.per_unit, blocks.units),
         .work = part_of(work, i, all)});
    if (i + 1 == all) break;
    schedule.steps.push_back({.weights = share(traffic.other_operands, bytes.others, i + 1, all)});
  }
  return schedule;
}

}  // namespace chipcast::row_stationary
