// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/cost.h"

#include <algorithm>

#include "accelerators/tile_geometry.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::npu {
namespace {

/// uint8 runs as int8, uint4 as int4: the array does not care about the zero point.
DType array_format(DType dtype) {
  if (dtype == DType::uint8) return DType::int8;
  if (dtype == DType::uint4) return DType::int4;
  return dtype;
}

/// Factor of a format's rate over the first one's.
double speed(const Config& config, DType dtype) { return rate_of(config, dtype).value() / config.rates.front().macs; }

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

  TilingSpace tilings(const OpDescription& op) const override {
    const Bytes half(config_.buffer.count() / 2);
    const std::int64_t lanes = config_.output_lanes;
    return {.input_capacity = half,
            .weight_capacity = half,
            .output_capacity = half,
            .shared_capacity = half,
            .partial_capacity = Bytes(config_.accumulator.count() / 2 * bits_of(op.compute_dtype) / 32),
            .channel_step = op.op_class == OpClass::depthwise_conv ? config_.depthwise_channels : lanes,
            .in_channel_step = config_.input_lanes,
            .split_in_channels = true,
            .min_pieces = 1};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return piece_input(op, tile);
    const LoopNest nest = tiling_nest(op);
    return stored(input_elements(nest, tile), tile.groups * tile.in_channels, op.compute_dtype);
  }

  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override { return weight_share(op, tile); }

  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return output_share(op, tile);
    const std::int64_t elements = output_elements(tiling_nest(op), tile);
    return std::max(output_share(op, tile), stored(elements, tile.groups * tile.out_channels, op.compute_dtype));
  }

  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    return op.single_nest() ? array_cost(op, tile) : post_cost(op, tile);
  }

  TileWork launch(const OpDescription&) const override {
    return {.cycles = whole_cycles(config_.launch * config_.clock), .macs = {}, .activity = {}};
  }

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

  /// Bytes of a feature-map slice with its channels padded; images with few channels are stored as they are.
  Bytes stored(std::int64_t elements, std::int64_t channels, DType dtype) const {
    const std::int64_t alignment = config_.channel_alignment;
    const std::int64_t padded = channels < alignment ? channels : round_up(channels, alignment);
    return Bytes(ceil_div(elements / channels * padded * bits_of(dtype), std::int64_t{8}));
  }

  std::uint32_t mac_action(DType dtype) const {
    const auto match = std::find_if(config_.rates.begin(), config_.rates.end(),
                                    [&](const Rate& rate) { return rate.dtype == array_format(dtype); });
    CHIPCAST_ASSERT(match != config_.rates.end());
    return static_cast<std::uint32_t>(match - config_.rates.begin());
  }

  TileWork array_cost(const OpDescription& op, const OpTile& tile) const {
    const LoopNest nest = tiling_nest(op);
    const Cycles array = array_cycles(config_, op.compute_dtype, nest, tile);
    const std::int64_t outputs = result_elements(op, nest, tile);
    // Post-processing (bias, activation, requantisation) streams behind the array.
    const Cycles post = tile.last_in_channels ? post_cycles(config_, outputs) : Cycles(0);
    const double macs = static_cast<double>(tile_macs(nest, tile));
    return {.cycles = std::max(array, post) + config_.tile_overhead,
            .macs = Ops(tile_macs(nest, tile)),
            .activity = {{mac_action(op.compute_dtype), macs},
                         {buffer_read_, static_cast<double>(array.count()) * buffer_bytes_per_cycle(op)},
                         {accumulate_, static_cast<double>(outputs) * 8.0},
                         {post_, tile.last_in_channels ? static_cast<double>(outputs) : 0.0}}};
  }

  /// The array reads features every cycle and new weights every `weight_reuse` cycles. Dense: rate / Lo features
  /// and rate weights at the format's rate; depthwise: one of each per channel.
  double buffer_bytes_per_cycle(const OpDescription& op) const {
    const double bytes = bits_of(op.compute_dtype) / 8.0;
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
        .cycles = post_cycles(config_, elements) + config_.tile_overhead,
        .macs = {},
        .activity = {{post_, static_cast<double>(elements)},
                     {buffer_read_, static_cast<double>(op.input_bytes.count()) / static_cast<double>(tile.pieces)}}};
  }

  Config config_;
  std::vector<ActionSpec> actions_;
  std::uint32_t buffer_read_ = 0, buffer_write_ = 0, accumulate_ = 0, post_ = 0;
};

}  // namespace

std::optional<OpsPerCycle> rate_of(const Config& config, DType dtype) {
  for (const auto& rate : config.rates) {
    if (rate.dtype == array_format(dtype)) return rate.macs;
  }
  return std::nullopt;
}

Cycles array_cycles(const Config& config, DType dtype, const LoopNest& nest, const OpTile& tile) {
  const double factor = speed(config, dtype);
  const std::int64_t positions = tile.out_height * tile.out_width;
  const std::int64_t taps = nest.kernel_height * nest.kernel_width;
  if (nest.in_channels == 1 && nest.groups > 1) {
    const auto channels = std::max<std::int64_t>(1, static_cast<std::int64_t>(config.depthwise_channels * factor));
    return Cycles(ceil_div(tile.groups * tile.out_channels, channels) * positions * taps);
  }
  const auto lanes = std::max<std::int64_t>(1, static_cast<std::int64_t>(config.input_lanes * factor));
  const std::int64_t kernels = tile.groups * ceil_div(tile.out_channels, std::int64_t{config.output_lanes});
  if (config.channel_packing && tile.in_channels * 2 <= lanes) {
    return Cycles(kernels * ceil_div(tile.in_channels * nest.kernel_width, lanes) * positions * nest.kernel_height);
  }
  return Cycles(kernels * ceil_div(tile.in_channels, lanes) * positions * taps);
}

Cycles post_cycles(const Config& config, std::int64_t elements) {
  return Cycles(ceil_div(elements, std::int64_t{config.post_elements}));
}

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<MacCell>(config, instance, technology);
}

}  // namespace chipcast::npu
