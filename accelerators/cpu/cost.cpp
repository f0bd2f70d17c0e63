// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/cost.h"

#include <algorithm>
#include <cmath>

#include "accelerators/cpu/arithmetic.h"
#include "accelerators/cpu/formats.h"
#include "accelerators/cpu/kernel_families.h"
#include "accelerators/cpu/streams.h"
#include "accelerators/cpu/vector_kernels.h"
#include "accelerators/cpu/word_kernels.h"
#include "accelerators/tile_geometry.h"
#include "models/technology/cost.h"
#include "sim/config/writer.h"

namespace chipcast::cpu {
namespace {

/// Cycles of real-valued work, rounded up.
Cycles rounded_up(double cycles) { return whole_cycles(Quantity<kCycle, double>(cycles)); }

constexpr std::int64_t kChannelStep = 8;  ///< tiles are cut by so many channels

/// The smallest tile that the mapper's search comes to.
OpTile least_tile(const LoopNest& nest) {
  const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
  return {.groups = per_channel ? std::min(nest.groups, kChannelStep) : 1,
          .out_channels = per_channel ? 1 : std::min(nest.out_channels, kChannelStep),
          .in_channels = std::min(nest.in_channels, kChannelStep)};
}

class Cluster final : public Device {
 public:
  Cluster(const Config& config, const std::string& instance, const technology::Config& technology)
      : config_(config), cache_rates_(cache_rates(config)) {
    // Device-tree coefficients hold at 1 V; energy goes with V^2.
    actions_.push_back(
        {instance + ".cores", "active_cycle", config.core.energy * Cycles(1) * (config.volts * config.volts)});
    for (const auto& level : config.caches) {
      actions_.push_back({instance + "." + level.name, "byte",
                          technology::sram_energy(technology, level.size) * Bytes(1) *
                              technology::voltage_factor(technology, config.volts)});
    }
  }

  Hertz clock() const override { return config_.clock; }
  /// A CPU runs everything; formats without instructions are emulated in wider ones.
  Refusal refuses(const OpDescription&) const override { return {}; }

  Arithmetic arithmetic(const OpDescription& op) const override { return arithmetic_of(config_, op); }

  /// Half of the outermost cache; a tile that exceeds it all the same spills, it is not refused.
  TilingSpace tilings(const OpDescription& op) const override {
    Bytes cache(std::max<std::int64_t>(last_level(config_).count() / 2, 4096));
    if (op.single_nest()) {
      const OpTile least = least_tile(tiling_nest(op));
      cache = std::max({cache, input_bytes(op, least) + weight_bytes(op, least), output_bytes(op, least)});
    }
    return {.input_capacity = cache,
            .weight_capacity = cache,
            .output_capacity = cache,
            .shared_capacity = cache,
            .partial_capacity = cache,
            .channel_step = kChannelStep,
            .in_channel_step = kChannelStep,
            .split_in_channels = true,
            .min_pieces = 4};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return stored_bytes(config_, op.compute_dtype, piece_input(op, tile));
    const LoopNest nest = tiling_nest(op);
    // A share by the output's extent: rows that two tiles have in common are still in the cache.
    const std::int64_t whole = nest.batch * nest.groups * nest.in_channels * nest.out_height * nest.out_width;
    const std::int64_t part = tile.groups * tile.in_channels * tile.out_height * tile.out_width;
    return stored_bytes(config_, op.compute_dtype, share_of(first_operand_bytes(op), part, whole));
  }

  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override {
    return stored_bytes(config_, op.weight_dtype, weight_share(op, tile));
  }

  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override {
    return stored_bytes(config_, op.compute_dtype, output_share(op, tile));
  }

  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    double macs = 0.0, elements = 0.0;
    if (op.single_nest()) {
      const LoopNest nest = tiling_nest(op);
      macs = static_cast<double>(tile_macs(nest, tile));
      // Activation and requantisation of the finished outputs.
      const double whole = static_cast<double>(nest.groups * nest.out_channels * nest.out_height * nest.out_width);
      if (tile.last_in_channels) {
        elements = static_cast<double>(op.element_ops.count()) / static_cast<double>(nest.batch) *
                   static_cast<double>(output_elements(nest, tile)) / whole;
      }
    } else {
      const auto pieces = static_cast<double>(tile.pieces);
      const double moved =
          static_cast<double>((op.input_bytes + op.output_bytes).count()) / 2.0 * 8.0 / bits_of(op.compute_dtype);
      macs = static_cast<double>(piece_macs(op, tile));
      elements = std::max(static_cast<double>(op.element_ops.count()), op.macs > Ops(0) ? 0.0 : moved) / pieces;
    }
    const Bytes input = input_bytes(op, tile), weights = weight_bytes(op, tile), out = output_bytes(op, tile);
    const auto bytes = static_cast<double>((input + weights + out).count());
    TileWork work;
    const OpClass post = op.macs > Ops(0) ? OpClass::elementwise : op.op_class;
    const std::int64_t idle = serial(op) ? config_.cores : 1;
    const Cycles kernel = (mac_cycles(config_, op.op_class, op.compute_dtype, macs) +
                           element_cycles(config_, post, op.compute_dtype, elements)) *
                          idle;
    work.cycles =
        std::max(Cycles(1), overlapped(config_.core, kernel, cache_cycles(cache_rates_, input + weights, out)));
    if (const VectorKernels* kernels = vector_kernels(config_, op)) {
      work.cycles = std::max(Cycles(1), rounded_up(vector_run(config_, *kernels, cache_rates_, op, tile).cycles));
    }
    if (runs_word_kernels(config_, op.compute_dtype)) {
      work.cycles = std::max(Cycles(1), word_kernel_cycles(config_, op, tile));
    }
    work.macs = Ops(static_cast<std::int64_t>(std::llround(macs)));
    const double active = static_cast<double>(work.cycles.count()) * (serial(op) ? 1 : config_.cores);
    work.activity.push_back({0, active});
    for (std::uint32_t level = 0; level < config_.caches.size(); ++level) work.activity.push_back({level + 1, bytes});
    return work;
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (auto calibrated = family_schedule(config_, op, traffic)) return calibrated;
    return vector_schedule(config_, cache_rates_, op, traffic);
  }

  TileWork launch(const OpDescription& op) const override {
    const Profile& profile = config_.profile_of(executed_as(config_, op.compute_dtype));
    const Seconds fork = config_.cores > 1 && !serial(op) ? profile.fork_join : Seconds(0.0);
    const KernelFamily* const family = kernel_family(config_, op);
    const Seconds overhead = family != nullptr ? family->call : profile.operator_overhead;
    const Cycles cycles = whole_cycles((overhead + fork) * config_.clock);
    return {.cycles = cycles, .macs = {}, .activity = {{0, static_cast<double>(cycles.count())}}};
  }

  TileWork call() const override {
    const Cycles cycles = whole_cycles(config_.profile.network_overhead * config_.clock);
    if (cycles == Cycles(0)) return {};
    return {.cycles = cycles, .macs = {}, .activity = {{0, static_cast<double>(cycles.count())}}};
  }

  Bytes resident_limit() const override { return Bytes(last_level(config_).count() / 2); }
  const std::vector<ActionSpec>& actions() const override { return actions_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return Watts(0.0); }

  dma::Config dma(EngineKind engine) const override {
    const bool store = engine == EngineKind::store;
    BytesPerCycle width = (store ? config_.core.store_width : config_.core.load_width) * std::int64_t{config_.cores};
    for (const auto& level : config_.caches) {
      width = std::min(width, level.bandwidth * std::int64_t{config_.cores});
      if (level.shared && level.total_bandwidth > BytesPerCycle(0)) width = std::min(width, level.total_bandwidth);
    }
    return {.outstanding =
                lines_in_flight(config_, store ? config_.core.outstanding_writes : config_.core.outstanding_misses),
            .burst = config_.line,
            .chunk = Bytes(std::max<std::int64_t>(4096, config_.line.count())),
            .port = width * config_.clock,
            .latency = config_.caches.empty() ? Seconds(0.0) : config_.caches.back().latency / config_.clock};
  }

  Json to_json() const override { return write_value(config_); }

 private:
  bool serial(const OpDescription& op) const {
    return config_.profile_of(executed_as(config_, op.compute_dtype)).runs_serially(op.label);
  }

  Config config_;
  std::vector<CacheRate> cache_rates_;
  std::vector<ActionSpec> actions_;
};

}  // namespace

double Profile::efficiency(OpClass op_class) const {
  switch (op_class) {
    case OpClass::conv:
      return conv;
    case OpClass::depthwise_conv:
      return depthwise_conv;
    case OpClass::matrix:
      return matrix;
    case OpClass::vector_matrix:
      return vector_matrix;
    case OpClass::recurrent:
      return recurrent;
    case OpClass::pool:
      return pool;
    case OpClass::reduction:
      return reduction;
    case OpClass::data_movement:
    case OpClass::view:
      return data_movement;
    case OpClass::detection:
      return detection;
    case OpClass::elementwise:
      return elementwise;
  }
  return elementwise;
}

double Profile::format_factor(DType dtype) const {
  for (const auto& format : formats) {
    if (format.dtype == dtype) return format.factor;
  }
  return 1.0;
}

Cycles mac_cycles(const Config& config, OpClass op_class, DType dtype, double macs) {
  const DType format = executed_as(config, dtype);
  const Profile& profile = config.profile_of(format);
  const double share = profile.efficiency(op_class) * profile.format_factor(format);
  const double rate = macs_per_cycle(config, dtype) * config.cores * share;
  return rounded_up(macs / rate);
}

Cycles element_cycles(const Config& config, OpClass op_class, DType dtype, double elements) {
  const DType format = executed_as(config, dtype);
  const double bytes = elements * kernel_bytes(config, dtype);
  const double width = static_cast<double>(config.core.vector.count()) * config.cores;
  return rounded_up(bytes / (width * config.profile_of(format).efficiency(op_class)));
}

Bytes last_level(const Config& config) {
  if (config.caches.empty()) return Bytes(0);
  const CacheLevel& outer = config.caches.back();
  return outer.shared ? outer.size : outer.size * config.cores;
}

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<Cluster>(config, instance, technology);
}

}  // namespace chipcast::cpu
