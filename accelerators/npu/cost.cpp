// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/cost.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "accelerators/action_list.h"
#include "accelerators/npu/array.h"
#include "accelerators/npu/buffer_split.h"
#include "accelerators/npu/post.h"
#include "accelerators/npu/rooms.h"
#include "accelerators/npu/tile_law.h"
#include "accelerators/npu/traffic.h"
#include "accelerators/operator_lists.h"
#include "accelerators/tile_geometry.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::npu {
namespace {

class MacCell final : public Device {
 public:
  MacCell(const Config& config, const std::string& instance, const technology::Config& technology) : config_(config) {
    using technology::mac_energy;
    const double scale = technology::voltage_factor(technology, config.volts);
    for (const auto& rate : config.rates) {
      actions_.push_back({instance + ".array", "mac_" + std::string(name_of(rate.dtype)),
                          mac_energy(technology, rate.dtype) * Ops(1) * scale});
    }
    const Joules sram = technology::sram_energy(technology, config.buffer) * Bytes(1) * scale;
    buffer_read_ = add_action(actions_, instance + ".buffer", "read_byte", sram);
    buffer_write_ = add_action(actions_, instance + ".buffer", "write_byte", sram);
    accumulate_ = add_action(actions_, instance + ".accumulator", "byte",
                             technology::sram_energy(technology, config.accumulator) * Bytes(1) * scale);
    post_ = add_action(actions_, instance + ".post", "element", technology.element_op * Ops(1) * scale);
    if (config.resident == Bytes(0)) return;
    resident_ = add_action(actions_, instance + ".resident", "byte",
                           technology::sram_energy(technology, config.resident) * Bytes(1) * scale);
  }

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    if (const Refusal refusal = refused_by(config_.classes, config_.refused, op); !refusal.empty()) return refusal;
    if (!rate_of(config_, op.compute_dtype)) return "does not compute in " + std::string(name_of(op.compute_dtype));
    if (op.macs > Ops(0) && !op.single_nest()) return "does not run " + op.label;
    return {};
  }

  /// Partial sums of every format have 4 bytes (`accumulator`).
  Arithmetic arithmetic(const OpDescription& op) const override {
    Arithmetic out = default_arithmetic(op);
    if (out.sums) out.sums = Sums{.floating = is_float(op.compute_dtype), .bits = 32};
    return out;
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (config_.sequencing != Sequencing::buffer_split || !op.single_nest() || op.macs == Ops(0)) return std::nullopt;
    const auto split = buffer_split(config_, op);
    if (!split) return std::nullopt;  // not even in parts of rows: tiles may split channels and columns
    return split_schedule(config_, op, traffic, *split, whole_work(op));
  }

  std::string tile_law(const OpDescription& op) const override {
    std::call_once(law_made_, [&] { law_.emplace(config_); });
    return law_->of(op);
  }

  /// Tiles are cut at stored groups of channels, whatever the lanes: a wider array has the same tiles to choose from,
  /// and none of them takes it longer.
  TilingSpace tilings(const OpDescription& op) const override {
    const Room room = room_of(config_, op);
    TilingSpace space{.input_capacity = room.input,
                      .weight_capacity = room.weights,
                      .output_capacity = Bytes(config_.buffer.count() / 2),
                      .shared_capacity = room.shared,
                      .partial_capacity = Bytes(config_.accumulator.count() / 2 * bits_of(op.compute_dtype) / 32),
                      .channel_step = config_.channel_alignment,
                      .in_channel_step = config_.channel_alignment,
                      .split_in_channels = true,
                      .min_pieces = 1};
    if (op.single_nest() && !holds_steps(room, space, op)) space.channel_step = space.in_channel_step = 1;
    // A sequencer streams pieces however much the buffer would hold.
    if (!op.single_nest() && config_.sequencing == Sequencing::buffer_split) {
      const Bytes all = op.input_bytes + op.weight_bytes;
      space.input_capacity =
          std::min(room.input, Bytes(std::max<std::int64_t>(1, ceil_div(all.count(), best_strips(config_, all)))));
    }
    return space;
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return piece_input(op, tile);
    return tile_input(config_, op, tile);
  }

  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override {
    return stored_weights(config_, op, tile);
  }

  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return output_share(op, tile);
    const std::int64_t elements = output_elements(tiling_nest(op), tile);
    return std::max(output_share(op, tile),
                    feature_bytes(config_, elements, tile.groups * tile.out_channels, op.compute_dtype));
  }

  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    return op.single_nest() ? array_cost(op, tile) : post_cost(op, tile);
  }

  TileWork launch(const OpDescription&) const override {
    return {.cycles = whole_cycles(config_.launch * config_.clock) + config_.launch_cycles, .macs = {}, .activity = {}};
  }

  Bytes resident_limit() const override { return config_.resident; }

  /// The buffer as a whole: what streams through halves of it otherwise is placed by the group's layout.
  std::optional<GroupSpace> group_space() const override {
    if (!config_.depth_first || config_.sequencing != Sequencing::search || config_.resident > Bytes(0)) {
      return std::nullopt;
    }
    return GroupSpace{.capacity = config_.buffer,
                      .bank = Bytes(config_.buffer_banks > 1 ? config_.buffer.count() / config_.buffer_banks : 1),
                      .write_action = buffer_write_};
  }

  const std::vector<ActionSpec>& actions() const override { return actions_; }
  std::optional<std::uint32_t> load_action() const override { return buffer_write_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return config_.clock_power; }
  dma::Config dma(EngineKind /*engine*/) const override { return config_.dma; }
  Json to_json() const override { return write_value(config_); }

 private:
  std::uint32_t mac_action(DType dtype) const {
    for (const DType format : {dtype, multiplied_as(dtype)}) {
      for (std::uint32_t i = 0; i < config_.rates.size(); ++i) {
        if (config_.rates[i].dtype == format) return i;
      }
    }
    CHIPCAST_ASSERT(false);
    return 0;
  }

  /// The smallest tile in those steps: a position of its row.
  bool holds_steps(const Room& room, const TilingSpace& space, const OpDescription& op) const {
    const LoopNest nest = tiling_nest(op);
    const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
    const OpTile tile{.groups = per_channel ? std::min(nest.groups, space.channel_step) : 1,
                      .out_channels = per_channel ? 1 : std::min(nest.out_channels, space.channel_step),
                      .in_channels = std::min(nest.in_channels, space.in_channel_step)};
    return room.holds(input_bytes(op, tile), weight_bytes(op, tile));
  }

  /// A tile, `times` over (batches).
  TileWork array_cost(const OpDescription& op, const OpTile& tile, std::int64_t times = 1) const {
    const LoopNest nest = tiling_nest(op);
    const Cycles array = array_cycles(config_, op, tile, times);
    const std::int64_t outputs = result_elements(op, nest, tile) * times;
    // Post-processing (bias, activation, requantisation) streams behind the array; NVDLA's sheet has no limit of it.
    const bool streams = tile.last_in_channels && config_.packing == Packing::lanes;
    const Cycles post = streams ? post_cycles(config_, op, outputs) : Cycles(0);
    const std::int64_t macs = tile_macs(nest, tile) * times;
    const BufferReads reads = buffer_reads(config_, op, tile);
    const double features = reads.features * static_cast<double>(times);
    const double weights = reads.weights * static_cast<double>(times);
    const ActivationPass activation = tile.last_in_channels ? activation_pass(config_, op, outputs) : ActivationPass{};
    const std::int64_t processed = tile.last_in_channels ? outputs + activation.elements : 0;
    TileWork work{.cycles = std::max({array, post, activation.beside}) + activation.behind + config_.tile_overhead,
                  .macs = Ops(macs),
                  .activity = {{mac_action(op.compute_dtype), static_cast<double>(macs)},
                               {buffer_read_, (features + weights) * bits_of(op.compute_dtype) / 8.0},
                               {accumulate_, static_cast<double>(outputs) * 8.0},
                               {post_, static_cast<double>(processed)}},
                  .sram = {.ifmap_reads = std::llround(features),
                           .filter_reads = std::llround(weights),
                           .ofmap_reads = outputs,
                           .ofmap_writes = outputs}};
    charge_resident(work, op, static_cast<double>(macs) / static_cast<double>(op.macs.count()));
    return work;
  }

  /// Tensors that the memory beside the buffer holds pass it once, a tile its share of them.
  void charge_resident(TileWork& work, const OpDescription& op, double share) const {
    if (config_.resident == Bytes(0)) return;
    Bytes held;
    for (const auto& operand : op.inputs) {
      if (!operand.parameter && operand.bytes <= config_.resident) held += operand.bytes;
    }
    if (op.output_bytes <= config_.resident) held += op.output_bytes;
    work.activity.push_back({resident_, static_cast<double>(held.count()) * share});
  }

  TileWork whole_work(const OpDescription& op) const {
    const LoopNest nest = tiling_nest(op);
    return array_cost(op, whole_tile(nest), nest.batch);
  }

  static std::int64_t results_of(const OpDescription& op, const OpTile& tile) {
    return ceil_div(op.output_bytes.count() * 8 / bits_of(op.compute_dtype), tile.pieces);
  }

  TileWork post_cost(const OpDescription& op, const OpTile& tile) const {
    // Data movement passes every element through once.
    const double bytes = static_cast<double>((op.output_bytes + op.input_bytes).count());
    const std::int64_t moved = static_cast<std::int64_t>(bytes / 2.0 * 8.0 / bits_of(op.compute_dtype));
    const std::int64_t elements = ceil_div(std::max(op.element_ops.count(), moved), tile.pieces);
    const double share = 1.0 / static_cast<double>(tile.pieces);
    const double read = static_cast<double>(op.input_bytes.count()) * share;
    const ActivationPass activation = activation_pass(config_, op, results_of(op, tile));
    const Cycles activated = activation.beside + activation.behind;
    TileWork work{.cycles = std::max(post_cycles(config_, op, elements), activated) + config_.tile_overhead,
                  .macs = {},
                  .activity = {{post_, static_cast<double>(elements + activation.elements)}, {buffer_read_, read}},
                  .sram = {.ifmap_reads = std::llround(read * 8.0 / bits_of(op.compute_dtype))}};
    charge_resident(work, op, share);
    return work;
  }

  Config config_;
  mutable std::once_flag law_made_;
  mutable std::optional<TileLaw> law_;  ///< made when it is asked for
  std::vector<ActionSpec> actions_;
  std::uint32_t buffer_read_ = 0, buffer_write_ = 0, accumulate_ = 0, post_ = 0, resident_ = 0;
};

}  // namespace

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<MacCell>(config, instance, technology);
}

}  // namespace chipcast::npu
