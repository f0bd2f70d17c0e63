// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/cost.h"

#include <algorithm>
#include <cmath>

#include "accelerators/ethos_u/job.h"
#include "accelerators/ethos_u/steps.h"
#include "accelerators/ethos_u/supported.h"
#include "accelerators/ethos_u/swish.h"
#include "accelerators/shares.h"
#include "accelerators/tile_geometry.h"
#include "models/technology/cost.h"
#include "sim/config/writer.h"

namespace chipcast::ethos_u {
namespace {

/// Parameters of an operator that has no weights to multiply with: constants of elementwise functions.
Bytes constants(const OpDescription& op) {
  Bytes sum;
  for (const auto& input : op.inputs) {
    if (input.parameter) sum += input.bytes;
  }
  return sum;
}

class EthosU final : public Device {
 public:
  EthosU(const Config& config, const std::string& instance, const technology::Config& technology) : config_(config) {
    const double scale = technology::voltage_factor(technology, config.volts);
    const Bytes shram = config.shram.bank * config.shram.banks;
    const Joules sram = technology::sram_energy(technology, shram) * Bytes(1) * scale;
    mac8_ = add(instance + ".mac", "mac_int8", technology::mac_energy(technology, DType::int8) * Ops(1) * scale);
    mac16_ = add(instance + ".mac", "mac_int16", technology::mac_energy(technology, DType::int16) * Ops(1) * scale);
    shram_read_ = add(instance + ".shram", "read_byte", sram);
    shram_write_ = add(instance + ".shram", "write_byte", sram);
    accumulate_ = add(instance + ".shram", "accumulator_byte", sram);
    element_ = add(instance + ".output", "element", technology.element_op * Ops(1) * scale);
    weight_read_ = add(instance + ".weights", "read_byte", config.weights.read_energy * Bytes(1));
    if (config.feature_cache.size == Bytes(0)) return;
    cache_ = add(instance + ".feature_cache", "byte",
                 technology::sram_energy(technology, config.feature_cache.size) * Bytes(1) * scale);
  }

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    const Refusal refusal = refusal_of(op);
    if (!refusal.empty() || find_block(config_, operation_of(config_, op))) return refusal;
    return "does not run " + op.label + " of this shape: not even its smallest block fits the shared buffer";
  }

  /// Accumulators of 32 bits, of 40 where inputs have 16 (README).
  Arithmetic arithmetic(const OpDescription& op) const override {
    Arithmetic out = default_arithmetic(op);
    if (out.sums) out.sums = Sums{.bits = operation_of(config_, op).wide_accumulators() ? 40 : 32};
    return out;
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    const Job job = job_of(config_, operation_of(config_, op));
    const SwishPasses swish = swish_passes(config_, op, job.operation);
    const Streams& streams = job.streams;
    const bool cached = config_.feature_cache.size > Bytes(0);
    ScheduleStep whole;
    const Bytes weights = second_port(op, job);
    Bytes in_cache = cached ? streams.staging_reads() + streams.staging_writes() : Bytes(0);
    if (traffic.first_operand && !op.inputs.empty()) {
      whole.input = streams.features + (cached ? Bytes(0) : streams.staging_reads());
    } else {
      in_cache += streams.features;
    }
    if (traffic.other_operands) whole.weights = other_operands(op, weights);
    if (traffic.result) {
      whole.output = std::max(streams.results, op.output_bytes) + (cached ? Bytes(0) : streams.staging_writes());
    } else {
      in_cache += streams.results;
    }
    if (cached && op.output_bytes <= config_.feature_cache.size) {
      in_cache += swish.reads + swish.writes;
    } else {
      (whole.input > Bytes(0) ? whole.input : whole.output) += swish.reads;
      whole.output += swish.writes;
    }
    whole.work = work(op, job, op.macs, weights);
    add_passes(whole.work, job, swish);
    // The passes begin when the convolution has ended: its weights do not stream beside them.
    whole.work.cycles = cycles_of(config_, job, weights, in_cache) + Cycles(std::llround(std::ceil(swish.cycles)));
    if (cached) whole.work.activity.push_back({cache_, static_cast<double>(in_cache.count())});
    const std::int64_t steps = std::clamp<std::int64_t>(job.blocks, 1, kMostSteps);
    return Schedule{.steps = equal_steps(whole, steps), .text = describe(job)};
  }

  bool keeps_parameters() const override { return true; }
  Bytes resident_limit() const override { return config_.feature_cache.size; }

  TilingSpace tilings(const OpDescription& /*op*/) const override {
    const Bytes shram = config_.shram.bank * config_.shram.banks;
    return {.input_capacity = shram,
            .weight_capacity = shram,
            .output_capacity = shram,
            .shared_capacity = Bytes(0),
            .partial_capacity = shram,
            .channel_step = config_.micro_block.depth,
            .in_channel_step = kDotProduct,
            .split_in_channels = false,
            .min_pieces = 1};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return piece_input(op, tile);
    return Bytes(ceil_div(input_elements(tiling_nest(op), tile) * bits_of(op.compute_dtype), std::int64_t{8}));
  }
  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override { return weight_share(op, tile); }
  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override { return output_share(op, tile); }

  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    const Job job = job_of(config_, operation_of(config_, op, tile));
    const SwishPasses swish = swish_passes(config_, op, job.operation);
    const Ops macs(op.single_nest() ? tile_macs(tiling_nest(op), tile) : piece_macs(op, tile));
    TileWork out = work(op, job, macs, job.streams.weights);
    add_passes(out, job, swish);
    out.cycles = cycles_of(config_, job, job.streams.weights, Bytes(0)) + Cycles(std::llround(std::ceil(swish.cycles)));
    return out;
  }

  TileWork launch(const OpDescription&) const override {
    return {.cycles = whole_cycles(config_.launch * config_.clock), .macs = {}, .activity = {}};
  }

  TileWork call() const override { return {.cycles = whole_cycles(config_.call * config_.clock)}; }

  const std::vector<ActionSpec>& actions() const override { return actions_; }
  std::optional<std::uint32_t> load_action() const override { return shram_write_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return config_.clock_power; }
  dma::Config dma(EngineKind /*engine*/) const override { return config_.dma; }
  Json to_json() const override { return write_value(config_); }

 private:
  std::uint32_t add(const std::string& component, const std::string& action, Joules each) {
    actions_.push_back({component, action, each});
    return static_cast<std::uint32_t>(actions_.size() - 1);
  }

  static Bytes second_port(const OpDescription& op, const Job& job) {
    return job.operation.has_weights ? job.streams.weights : constants(op);
  }

  /// Tensors besides the first that cross the first port. Parameters do only where the mapper has put them there.
  static Bytes other_operands(const OpDescription& op, Bytes weights) {
    Bytes sum;
    for (std::size_t i = 1; i < op.inputs.size(); ++i) {
      if (!op.inputs[i].parameter) sum += op.inputs[i].bytes;
    }
    return sum > Bytes(0) || op.inputs.size() < 2 ? sum : std::max(weights, Bytes(1));
  }

  /// Energy of elementwise operations behind a job, on its results.
  void add_passes(TileWork& work, const Job& job, const SwishPasses& passes) const {
    const auto outputs = static_cast<double>(job.operation.ofm.elements() * job.operation.repeats);
    work.activity.push_back({element_, outputs * passes.count});
    work.activity.push_back({shram_read_, static_cast<double>(passes.reads.count())});
  }

  TileWork work(const OpDescription& op, const Job& job, Ops macs, Bytes weights) const {
    const Operation& operation = job.operation;
    const auto outputs = static_cast<double>(operation.ofm.elements() * operation.repeats);
    const auto& micro = config_.micro_block;
    // Each cycle of an engine: eight channels of every position of a micro-block.
    const double features =
        job.mac_cycles * config_.cores * micro.width * micro.height * static_cast<double>(kDotProduct);
    const double sums =
        operation.equal_depth() ? 1.0 : static_cast<double>(ceil_div(operation.ifm.depth, job.block.ifm.depth));
    const bool elementwise = operation.unit == Unit::elementwise;
    const double reads = elementwise ? outputs * operation.bits / 8.0 : features * operation.bits / 8.0;
    TileWork out{.macs = macs};
    out.activity = {{op.compute_dtype == DType::int16 ? mac16_ : mac8_, static_cast<double>(macs.count())},
                    {shram_read_, reads},
                    {accumulate_, elementwise ? 0.0 : outputs * sums * 8.0},
                    {element_, outputs},
                    {weight_read_, static_cast<double>(weights.count())}};
    out.sram = {.ifmap_reads = static_cast<std::int64_t>(reads * 8.0 / operation.bits),
                .filter_reads = 0,
                .ofmap_reads = elementwise ? 0 : static_cast<std::int64_t>(outputs * (sums - 1.0)),
                .ofmap_writes = static_cast<std::int64_t>(outputs * sums)};
    return out;
  }

  Config config_;
  std::vector<ActionSpec> actions_;
  std::uint32_t mac8_ = 0, mac16_ = 0, shram_read_ = 0, shram_write_ = 0, accumulate_ = 0, element_ = 0,
                weight_read_ = 0, cache_ = 0;
};

}  // namespace

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<EthosU>(config, instance, technology);
}

}  // namespace chipcast::ethos_u
