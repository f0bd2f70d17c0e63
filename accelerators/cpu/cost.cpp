// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/cost.h"

#include <algorithm>
#include <cmath>

#include "accelerators/cpu/streams.h"
#include "accelerators/cpu/vector_kernels.h"
#include "accelerators/cpu/word_kernels.h"
#include "accelerators/tile_geometry.h"
#include "models/technology/cost.h"
#include "sim/config/writer.h"

namespace chipcast::cpu {
namespace {

const Rate* find_rate(const Core& core, DType dtype) {
  for (const auto& rate : core.rates) {
    if (rate.dtype == dtype) return &rate;
  }
  return nullptr;
}

/// Formats in which `dtype` can be computed without loss, narrowest first.
std::vector<DType> wider_formats(DType dtype) {
  using enum DType;
  switch (dtype) {
    case binary:
    case int4:
    case uint4:
    case int8:
    case uint8:
    case boolean:
      return {int8, int16, fp32};
    case int16:
      return {int16, fp32};
    case fp16:
      return {fp16, fp32};
    case bf16:
      return {bf16, fp32};
    default:
      return {fp32};
  }
}

/// Cycles of real-valued work, rounded up.
Cycles rounded_up(double cycles) { return whole_cycles(Quantity<kCycle, double>(cycles)); }

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

  TilingSpace tilings(const OpDescription&) const override {
    const Bytes cache(std::max<std::int64_t>(last_level(config_).count() / 2, 4096));
    return {.input_capacity = cache,
            .weight_capacity = cache,
            .output_capacity = cache,
            .shared_capacity = cache,
            .partial_capacity = cache,
            .channel_step = 8,
            .in_channel_step = 8,
            .split_in_channels = true,
            .min_pieces = 4};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return piece_input(op, tile);
    const LoopNest nest = tiling_nest(op);
    // A share by the output's extent: rows that two tiles have in common are still in the cache.
    const std::int64_t whole = nest.batch * nest.groups * nest.in_channels * nest.out_height * nest.out_width;
    return share_of(first_operand_bytes(op), tile.groups * tile.in_channels * tile.out_height * tile.out_width, whole);
  }

  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override { return weight_share(op, tile); }

  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override { return output_share(op, tile); }

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
    const Cycles kernel = mac_cycles(config_, op.op_class, op.compute_dtype, macs) +
                          element_cycles(config_, post, op.compute_dtype, elements);
    work.cycles =
        std::max(Cycles(1), overlapped(config_.core, kernel, cache_cycles(cache_rates_, input + weights, out)));
    if (const VectorKernels* kernels = vector_kernels(config_, op)) {
      work.cycles = std::max(Cycles(1), rounded_up(vector_run(config_, *kernels, cache_rates_, op, tile).cycles));
    }
    if (runs_word_kernels(config_, op.compute_dtype)) {
      work.cycles = std::max(Cycles(1), word_kernel_cycles(config_, op, tile));
    }
    work.macs = Ops(static_cast<std::int64_t>(std::llround(macs)));
    work.activity.push_back({0, static_cast<double>(work.cycles.count()) * config_.cores});
    for (std::uint32_t level = 0; level < config_.caches.size(); ++level) work.activity.push_back({level + 1, bytes});
    return work;
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    return vector_schedule(config_, cache_rates_, op, traffic);
  }

  TileWork launch(const OpDescription& op) const override {
    const Profile& profile = config_.profile_of(executed_as(config_.core, op.compute_dtype));
    const Seconds fork = config_.cores > 1 ? profile.fork_join : Seconds(0.0);
    const Cycles cycles = whole_cycles((profile.operator_overhead + fork) * config_.clock);
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

DType executed_as(const Core& core, DType dtype) {
  for (const DType format : wider_formats(dtype)) {
    if (find_rate(core, format) != nullptr) return format;
  }
  return core.rates.front().dtype;
}

double macs_per_cycle(const Core& core, DType dtype) {
  const Rate* rate = find_rate(core, executed_as(core, dtype));
  const double macs = static_cast<double>(rate->macs.count());
  return dtype == DType::fp64 || dtype == DType::int64 ? macs / 2.0 : macs;
}

Cycles mac_cycles(const Config& config, OpClass op_class, DType dtype, double macs) {
  const DType format = executed_as(config.core, dtype);
  const Profile& profile = config.profile_of(format);
  const double share = profile.efficiency(op_class) * profile.format_factor(format);
  const double rate = macs_per_cycle(config.core, dtype) * config.cores * share;
  return rounded_up(macs / rate);
}

Cycles element_cycles(const Config& config, OpClass op_class, DType dtype, double elements) {
  const DType format = executed_as(config.core, dtype);
  const double bytes = elements * bits_of(format) / 8.0;
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
