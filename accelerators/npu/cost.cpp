// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/cost.h"

#include <algorithm>
#include <cmath>

#include "accelerators/npu/array.h"
#include "accelerators/npu/buffer_split.h"
#include "accelerators/npu/post.h"
#include "accelerators/npu/traffic.h"
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
    buffer_read_ = add_action(instance + ".buffer", "read_byte", sram);
    buffer_write_ = add_action(instance + ".buffer", "write_byte", sram);
    accumulate_ = add_action(instance + ".accumulator", "byte",
                             technology::sram_energy(technology, config.accumulator) * Bytes(1) * scale);
    post_ = add_action(instance + ".post", "element", technology.element_op * Ops(1) * scale);
  }

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    if (std::find(config_.classes.begin(), config_.classes.end(), op.op_class) == config_.classes.end()) {
      return "does not run " + op.label;
    }
    if (std::find(config_.refused.begin(), config_.refused.end(), op.label) != config_.refused.end()) {
      return "does not run " + op.label;
    }
    if (!rate_of(config_, op.compute_dtype)) return "does not compute in " + std::string(name_of(op.compute_dtype));
    if (op.macs > Ops(0) && !op.single_nest()) return "does not run " + op.label;
    return {};
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (config_.sequencing != Sequencing::buffer_split || !op.single_nest() || op.macs == Ops(0)) return std::nullopt;
    const auto split = buffer_split(config_, op);
    if (!split) return std::nullopt;  // not even in parts of rows: tiles may split channels and columns
    return split_schedule(config_, op, traffic, *split, whole_work(op));
  }

  TilingSpace tilings(const OpDescription& op) const override {
    const Bytes half(config_.buffer.count() / 2);
    // A bank that both operands share in part belongs to one of them: at worst one bank of a half is lost.
    const Bytes shared = config_.buffer_banks > 2 ? half - Bytes(config_.buffer.count() / config_.buffer_banks) : half;
    const std::int64_t lanes = config_.output_lanes;
    return {.input_capacity = half,
            .weight_capacity = half,
            .output_capacity = half,
            .shared_capacity = shared,
            .partial_capacity = Bytes(config_.accumulator.count() / 2 * bits_of(op.compute_dtype) / 32),
            .channel_step = op.op_class == OpClass::depthwise_conv ? config_.depthwise_channels : lanes,
            .in_channel_step = config_.input_lanes,
            .split_in_channels = true,
            .min_pieces = 1};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return piece_input(op, tile);
    const LoopNest nest = tiling_nest(op);
    return feature_bytes(config_, input_elements(nest, tile), tile.groups * tile.in_channels, op.compute_dtype);
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
  const std::vector<ActionSpec>& actions() const override { return actions_; }
  std::optional<std::uint32_t> load_action() const override { return buffer_write_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return config_.clock_power; }
  dma::Config dma(EngineKind /*engine*/) const override { return config_.dma; }
  Json to_json() const override { return write_value(config_); }

 private:
  std::uint32_t add_action(const std::string& component, const std::string& action, Joules each) {
    actions_.push_back({component, action, each});
    return static_cast<std::uint32_t>(actions_.size() - 1);
  }

  std::uint32_t mac_action(DType dtype) const {
    for (const DType format : {dtype, array_format(dtype)}) {
      for (std::uint32_t i = 0; i < config_.rates.size(); ++i) {
        if (config_.rates[i].dtype == format) return i;
      }
    }
    CHIPCAST_ASSERT(false);
    return 0;
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
    const double busy = array_time(config_, op, tile) * static_cast<double>(times);
    return {.cycles = std::max(array, post) + config_.tile_overhead,
            .macs = Ops(macs),
            .activity = {{mac_action(op.compute_dtype), static_cast<double>(macs)},
                         {buffer_read_, busy * buffer_bytes_per_cycle(op)},
                         {accumulate_, static_cast<double>(outputs) * 8.0},
                         {post_, tile.last_in_channels ? static_cast<double>(outputs) : 0.0}}};
  }

  TileWork whole_work(const OpDescription& op) const {
    const LoopNest nest = tiling_nest(op);
    return array_cost(op, whole_tile(nest), nest.batch);
  }

  /// The array reads features every cycle and new weights every `weight_reuse` cycles. Dense: rate / Lo features
  /// and rate weights at the format's rate; depthwise: one of each per channel.
  double buffer_bytes_per_cycle(const OpDescription& op) const {
    const double bytes = bits_of(op.compute_dtype) / 8.0 * core_ratio(config_);
    const double reuse = config_.weight_reuse;
    if (op.op_class == OpClass::depthwise_conv) {
      return config_.depthwise_channels * speed(config_, op.compute_dtype) * bytes * (1.0 + 1.0 / reuse);
    }
    const auto rate = static_cast<double>(rate_of(config_, op.compute_dtype)->count());
    return rate * bytes * (1.0 / config_.output_lanes + 1.0 / reuse);
  }

  TileWork post_cost(const OpDescription& op, const OpTile& tile) const {
    // Data movement passes every element through once.
    const double bytes = static_cast<double>((op.output_bytes + op.input_bytes).count());
    const std::int64_t moved = static_cast<std::int64_t>(bytes / 2.0 * 8.0 / bits_of(op.compute_dtype));
    const std::int64_t elements = ceil_div(std::max(op.element_ops.count(), moved), tile.pieces);
    return {
        .cycles = post_cycles(config_, op, elements) + config_.tile_overhead,
        .macs = {},
        .activity = {{post_, static_cast<double>(elements)},
                     {buffer_read_, static_cast<double>(op.input_bytes.count()) / static_cast<double>(tile.pieces)}}};
  }

  Config config_;
  std::vector<ActionSpec> actions_;
  std::uint32_t buffer_read_ = 0, buffer_write_ = 0, accumulate_ = 0, post_ = 0;
};

}  // namespace

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<MacCell>(config, instance, technology);
}

}  // namespace chipcast::npu
