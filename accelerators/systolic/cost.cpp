// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/cost.h"

#include <algorithm>

#include "accelerators/action_list.h"
#include "accelerators/scheduled_device.h"
#include "accelerators/systolic/plan.h"
#include "accelerators/systolic/steps.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::systolic {
namespace {

std::string too_large(const Product& product) {
  return std::to_string(product.count) + " x " + std::to_string(product.m) + " x " + std::to_string(product.k) + " x " +
         std::to_string(product.n) + " products are more than can be counted";
}

class SystolicArray final : public ScheduledDevice {
 public:
  SystolicArray(const Config& config, const std::string& instance, const technology::Config& technology)
      : config_(config) {
    const double scale = technology::voltage_factor(technology, config.volts);
    for (const auto& format : config.formats) {
      add_action(actions_, instance + ".array", "mac_" + std::string(name_of(format.dtype)),
                 technology::mac_energy(technology, format.dtype) * Ops(1) * scale);
    }
    const auto buffer = [&](const char* name, const char* action, Bytes capacity) {
      return add_action(actions_, instance + name, action,
                        technology::sram_energy(technology, capacity) * Bytes(1) * scale);
    };
    ifmap_ = buffer(".ifmap_buffer", "byte", config.ifmap_buffer);
    filter_ = buffer(".filter_buffer", "byte", config.filter_buffer);
    ofmap_ = buffer(".ofmap_buffer", "byte", config.ofmap_buffer);
    ifmap_fill_ = buffer(".ifmap_buffer", "fill_byte", config.ifmap_buffer);
    filter_fill_ = buffer(".filter_buffer", "fill_byte", config.filter_buffer);
    ofmap_drain_ = buffer(".ofmap_buffer", "drain_byte", config.ofmap_buffer);
    ofmap_spill_ = buffer(".ofmap_buffer", "spill_byte", config.ofmap_buffer);
    unified_spill_ = buffer(".ifmap_buffer", "spill_byte", config.ifmap_buffer);
    vector_ = add_action(actions_, instance + ".vector", "element", technology.element_op * Ops(1) * scale);
  }

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    if (std::find(config_.classes.begin(), config_.classes.end(), op.op_class) == config_.classes.end()) {
      return "does not run " + op.label;
    }
    if (op.macs > Ops(0) && !rate_of(config_, op.compute_dtype)) {
      return "does not compute in " + std::string(name_of(op.compute_dtype));
    }
    const Config config = config_for(config_, op);
    for (const LoopNest& nest : op.nests) {
      const Product product = product_of(nest, config, op.compute_dtype);
      if (!countable(product, config)) return "does not run " + op.label + ": " + too_large(product);
    }
    return {};
  }

  /// Partial sums are as wide as the configuration says.
  Arithmetic arithmetic(const OpDescription& op) const override {
    Arithmetic out = default_arithmetic(op);
    if (out.sums) out.sums = Sums{.floating = is_float(op.compute_dtype), .bits = 8 * config_.partial_bytes};
    return out;
  }

  TileWork launch(const OpDescription&) const override {
    return {.cycles = whole_cycles(config_.launch * config_.clock), .macs = {}, .activity = {}};
  }

  Bytes resident_limit() const override { return config_.resident; }
  const std::vector<ActionSpec>& actions() const override { return actions_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return config_.clock_power; }
  dma::Config dma(EngineKind engine) const override {
    return engine == EngineKind::store ? config_.store_dma : config_.dma;
  }
  Json to_json() const override { return write_value(config_); }

 private:
  /// Index of the multiply-accumulate of a format; formats come first.
  std::uint32_t mac_action(DType dtype) const {
    const auto match = std::find_if(config_.formats.begin(), config_.formats.end(),
                                    [&](const Format& format) { return format.dtype == multiplied_as(dtype); });
    CHIPCAST_ASSERT(match != config_.formats.end());
    return static_cast<std::uint32_t>(match - config_.formats.begin());
  }

  Schedule own_schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (op.single_nest()) return folds(op, traffic);
    ScheduleStep whole = loose_step(op, traffic);
    whole.work = work_of(op);
    if (op.macs > Ops(0)) {
      whole.weights = Bytes(whole.weights.count() - saved_by_sparsity(op, traffic));
      add(whole.work, filter_fill_, whole.weights);
      add(whole.work, ifmap_fill_, whole.input);
    } else {
      add(whole.work, ifmap_fill_, whole.input + whole.weights);
    }
    add(whole.work, ofmap_drain_, whole.output);
    return in_pieces(op, whole, Bytes(config_.ifmap_buffer.count() / 2), Bytes(config_.ofmap_buffer.count() / 2));
  }

  Schedule folds(const OpDescription& op, const Traffic& traffic) const {
    const Config config = config_for(config_, op);
    const Plan plan = plan_of(op.nests.front(), config, op.compute_dtype);
    const Flow flow = flow_of(op, plan, config, traffic);
    TileWork whole = work_of_product(op, plan, config);
    const double through_port = flow.spill == Spill::memory ? flow.spilled : 0.0;
    whole.activity.insert(whole.activity.end(), {{ifmap_fill_, flow.all.input - through_port},
                                                 {filter_fill_, flow.all.weights},
                                                 {ofmap_drain_, flow.all.output - through_port},
                                                 {ofmap_spill_, 2.0 * flow.spilled}});
    if (flow.spill == Spill::unified_buffer) whole.activity.push_back({unified_spill_, 2.0 * flow.spilled});
    return {.steps = steps_of(flow, config, whole), .text = to_text(plan) + to_text(flow.spill)};
  }

  TileWork work_of(const OpDescription& op) const override {
    const Config config = config_for(config_, op);
    if (op.single_nest()) return work_of_product(op, plan_of(op.nests.front(), config, op.compute_dtype), config);
    return op.macs > Ops(0) ? work_of_cell(op, config) : work_of_vectors(op);
  }

  TileWork work_of_product(const OpDescription& op, const Plan& plan, const Config& config) const {
    TileWork work{.cycles = plan.cycles(), .macs = op.macs, .activity = {}, .sram = plan.accesses()};
    add_activity(work, op, config, op.output_bytes.count() * 8 / bits_of(op.compute_dtype));
    return work;
  }

  /// Recurrent cells: their products on the array, then the gates.
  TileWork work_of_cell(const OpDescription& op, const Config& config) const {
    const std::int64_t gates = std::max<std::int64_t>(1, op.element_ops.count());
    TileWork work{.cycles = vector_cycles(gates), .macs = op.macs, .activity = {}};
    for (const LoopNest& nest : op.nests) {
      const Plan plan = plan_of(nest, config, op.compute_dtype);
      work.cycles += plan.cycles();
      work.sram += plan.accesses();
    }
    add_activity(work, op, config, gates);
    return work;
  }

  TileWork work_of_vectors(const OpDescription& op) const {
    const std::int64_t moved = (op.output_bytes + op.input_bytes).count() / 2 * 8 / bits_of(op.compute_dtype);
    const std::int64_t elements = std::max({std::int64_t{1}, op.element_ops.count(), moved});
    TileWork work{.cycles = vector_cycles(elements), .macs = {}, .activity = {}};
    work.activity.push_back({vector_, static_cast<double>(elements)});
    add(work, ifmap_, op.input_bytes + op.weight_bytes);
    add(work, ofmap_, op.output_bytes);
    return work;
  }

  void add_activity(TileWork& work, const OpDescription& op, const Config& config, std::int64_t elements) const {
    const double element = bits_of(op.compute_dtype) / 8.0, weight = stored_weight_bits(config, op.weight_dtype) / 8.0;
    const auto partial = static_cast<double>(config.partial_bytes);
    const auto count = [](std::int64_t n) { return static_cast<double>(n); };
    work.activity = {{mac_action(op.compute_dtype), count(work.macs.count()) * active_share(config.sparsity)},
                     {ifmap_, count(work.sram.ifmap_reads) * element},
                     {filter_, count(work.sram.filter_reads) * weight},
                     {ofmap_, count(work.sram.ofmap_reads + work.sram.ofmap_writes) * partial},
                     {vector_, count(elements)}};
  }

  static void add(TileWork& work, std::uint32_t action, Bytes bytes) {
    work.activity.push_back({action, static_cast<double>(bytes.count())});
  }

  Cycles vector_cycles(std::int64_t elements) const {
    return Cycles(ceil_div(elements, std::int64_t{config_.vector_lanes} * config_.cores));
  }

  /// Bytes that the weights of a recurrent cell are shorter than the graph's.
  std::int64_t saved_by_sparsity(const OpDescription& op, const Traffic& traffic) const {
    if (!traffic.other_operands) return 0;
    const double bits = bits_of(op.weight_dtype);
    const double stored = config_.sparsity.kept_share() * stored_weight_bits(config_, op.weight_dtype) / bits;
    double saved = 0.0;
    for (std::size_t i = 1; i < op.inputs.size() && i <= op.nests.size(); ++i) {
      if (op.inputs[i].parameter) saved += static_cast<double>(op.inputs[i].bytes.count()) * (1.0 - stored);
    }
    return static_cast<std::int64_t>(saved);
  }

  Config config_;
  std::vector<ActionSpec> actions_;
  std::uint32_t ifmap_ = 0, filter_ = 0, ofmap_ = 0, vector_ = 0;
  std::uint32_t ifmap_fill_ = 0, filter_fill_ = 0, ofmap_drain_ = 0, ofmap_spill_ = 0, unified_spill_ = 0;
};

}  // namespace

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<SystolicArray>(config, instance, technology);
}

}  // namespace chipcast::systolic
