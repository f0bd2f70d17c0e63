// SPDX-License-Identifier: Apache-2.0
#include "accelerators/dsp/cost.h"

#include <cmath>

#include "accelerators/action_list.h"
#include "accelerators/dsp/kernels.h"
#include "accelerators/dsp/recurrent.h"
#include "accelerators/tile_geometry.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::dsp {
namespace {

Cycles rounded_up(double cycles) { return whole_cycles(Quantity<kCycle, double>(cycles)); }

class Dsp final : public Device {
 public:
  Dsp(const Config& config, const std::string& instance, const technology::Config& technology)
      : config_(config), machine_(config) {
    const double scale = technology::voltage_factor(technology, config.volts);
    for (const auto& rate : config.rates) {
      actions_.push_back({instance + ".units", "mac_" + std::string(name_of(rate.dtype)),
                          technology::mac_energy(technology, rate.dtype) * Ops(1) * scale});
    }
    element_ = add_action(actions_, instance + ".units", "element", technology.element_op * Ops(1) * scale);
    packet_ = add_action(actions_, instance + ".issue", "packet", config.packet_energy * Cycles(1) * scale);
    const Joules byte = technology::sram_energy(technology, config.tcm) * Bytes(1) * scale;
    tcm_ = add_action(actions_, instance + ".tcm", "byte", byte);
    loaded_ = add_action(actions_, instance + ".tcm", "loaded_byte", byte);
  }

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    const auto listed = [](const auto& list, const auto& what) {
      return std::find(list.begin(), list.end(), what) != list.end();
    };
    if (!listed(config_.classes, op.op_class) || listed(config_.refused, op.label)) return "does not run " + op.label;
    if (rate_of(config_, op.compute_dtype) == nullptr) {
      return "does not compute in " + std::string(name_of(op.compute_dtype));
    }
    return {};
  }

  /// Vectors of 32-bit sums, which TFLite's rescaling brings to the stored format (README).
  Arithmetic arithmetic(const OpDescription& op) const override {
    Arithmetic out = default_arithmetic(op);
    if (out.sums) out.sums = Sums{.floating = is_float(op.compute_dtype), .bits = 32};
    return out;
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (op.op_class != OpClass::recurrent) return std::nullopt;
    const Kernel step = time_step(machine_, op);
    const std::int64_t steps = time_steps(op);
    const double elements = static_cast<double>(op.element_ops.count()) / static_cast<double>(steps);
    const auto of = [&](std::int64_t count, Ops macs) {
      const auto times = static_cast<double>(count);
      TileWork all = work(op, step * times, macs, elements * times);
      all.cycles += config_.tile_overhead * (count - 1);  // threads wait for each other behind every step
      return all;
    };
    return Schedule{.steps = recurrent_steps(op, traffic, tilings(op).shared_capacity, of),
                    .text = std::to_string(steps) + " steps, one after the other"};
  }

  TilingSpace tilings(const OpDescription& op) const override {
    // Two halves each of inputs with weights and, half as large, of results share what activations leave over.
    const std::int64_t work = config_.tcm.count() - resident_limit().count();
    const Bytes inputs(work / 3), results(work / 6);
    const Rate& rate = *rate_of(config_, op.compute_dtype);
    const bool channels_side_by_side = op.op_class == OpClass::depthwise_conv;
    return {.input_capacity = inputs,
            .weight_capacity = inputs,
            .output_capacity = results,
            .shared_capacity = inputs,
            .partial_capacity = Bytes(results.count() * bits_of(op.compute_dtype) / 32),
            .channel_step = channels_side_by_side ? elements_per_vector(config_, rate) : out_step(rate),
            .in_channel_step = config_.matrix ? config_.matrix->in_channels : rate.depth,
            .split_in_channels = true,
            .min_pieces = 1};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override { return input_share(op, tile); }
  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override { return weight_share(op, tile); }
  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override { return output_share(op, tile); }

  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    return op.single_nest() ? product_cost(op, tile) : piece_cost(op, tile);
  }

  TileWork launch(const OpDescription&) const override {
    return {.cycles = whole_cycles(config_.operator_overhead * config_.clock)};
  }
  TileWork call() const override { return {.cycles = whole_cycles(config_.call * config_.clock)}; }

  Bytes resident_limit() const override { return Bytes(config_.keeps_activations ? config_.tcm.count() / 2 : 0); }
  /// What activations of one operator to the next leave over. Kernels charge their stores to it themselves.
  std::optional<GroupSpace> group_space() const override {
    return GroupSpace{.capacity = config_.tcm - resident_limit()};
  }
  const std::vector<ActionSpec>& actions() const override { return actions_; }
  std::optional<std::uint32_t> load_action() const override { return loaded_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return config_.clock_power; }
  dma::Config dma(EngineKind /*engine*/) const override { return config_.dma; }
  Json to_json() const override { return write_value(config_); }

 private:
  std::int64_t out_step(const Rate& rate) const {
    return config_.matrix ? std::max(rate.lanes, config_.matrix->out_channels) : rate.lanes;
  }

  /// The faster of the vector contexts and the matrix unit.
  Kernel product_kernel(const OpDescription& op, const LoopNest& nest, const OpTile& tile) const {
    const Rate& rate = *rate_of(config_, op.compute_dtype);
    const std::int64_t bits = bits_of(op.compute_dtype);
    if (op.op_class == OpClass::depthwise_conv && nest.out_channels == 1) {
      return depthwise_kernel(machine_, rate, nest, tile, bits);
    }
    const Kernel vector = dense_kernel(machine_, rate, nest, tile, bits);
    const bool map = op.op_class == OpClass::conv || op.op_class == OpClass::depthwise_conv;
    const auto matrix = matrix_kernel(config_, op.compute_dtype, nest, tile, map);
    return matrix && matrix->cycles < vector.cycles ? *matrix : vector;
  }

  TileWork product_cost(const OpDescription& op, const OpTile& tile) const {
    const LoopNest nest = tiling_nest(op);
    const std::int64_t outputs = tile.last_in_channels ? result_elements(op, nest, tile) : 0;
    Kernel kernel = product_kernel(op, nest, tile);
    kernel += unpack_kernel(machine_, *rate_of(config_, op.compute_dtype), op.compute_dtype,
                            input_elements(nest, tile) + weight_elements(nest, tile) + outputs);
    return work(op, kernel, Ops(tile_macs(nest, tile)), static_cast<double>(outputs));
  }

  /// Operators without a single loop nest: element by element, or a share of a cell's steps.
  TileWork piece_cost(const OpDescription& op, const OpTile& tile) const {
    const auto pieces = static_cast<double>(tile.pieces);
    const double operations = static_cast<double>(op.element_ops.count()) / pieces;
    if (op.op_class == OpClass::recurrent) {
      const Kernel all = time_step(machine_, op) * static_cast<double>(time_steps(op));
      return work(op, all * (1.0 / pieces), Ops(piece_macs(op, tile)), operations);
    }
    const Kernel kernel = element_kernel(machine_, *rate_of(config_, op.compute_dtype),
                                         {.in_bytes = static_cast<double>(op.input_bytes.count()) / pieces,
                                          .out_bytes = static_cast<double>(op.output_bytes.count()) / pieces,
                                          .operations = operations,
                                          .op_class = op.op_class,
                                          .dtype = op.compute_dtype});
    return work(op, kernel, Ops(piece_macs(op, tile)), operations);
  }

  TileWork work(const OpDescription& op, const Kernel& kernel, Ops macs, double elements) const {
    const auto mac = static_cast<std::uint32_t>(rate_of(config_, op.compute_dtype) - config_.rates.data());
    return {.cycles = std::max(Cycles(1), rounded_up(kernel.cycles)) + config_.tile_overhead,
            .macs = macs,
            .activity = {{mac, static_cast<double>(macs.count())},
                         {element_, elements},
                         {packet_, kernel.packets},
                         {tcm_, kernel.tcm_bytes}}};
  }

  Config config_;
  Machine machine_;
  std::vector<ActionSpec> actions_;
  std::uint32_t element_ = 0, packet_ = 0, tcm_ = 0, loaded_ = 0;
};

}  // namespace

std::optional<double> peak_macs(const Config& config, DType dtype) {
  const Rate* rate = rate_of(config, dtype);
  if (rate == nullptr) return std::nullopt;
  const auto multipliers = std::count_if(config.slots.begin(), config.slots.end(),
                                         [](const Slot& slot) { return slot.can(Unit::multiply); });
  const double vector = static_cast<double>(multipliers) / rate->slots * config.contexts * rate->lanes * rate->depth;
  double matrix = 0.0;
  if (config.matrix) {
    for (const auto& entry : config.matrix->rates) {
      if (entry.dtype == rate->dtype) matrix = static_cast<double>(entry.macs.count());
    }
  }
  return std::max(vector, matrix);
}

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<Dsp>(config, instance, technology);
}

}  // namespace chipcast::dsp
