// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/cost.h"

#include <algorithm>
#include <mutex>

#include "accelerators/ipu/actions.h"
#include "accelerators/ipu/exchange.h"
#include "accelerators/ipu/memory.h"
#include "accelerators/ipu/vector.h"
#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::ipu {
namespace {

/// The splits of operators that look alike are searched once.
class PlanCache {
 public:
  std::shared_ptr<const Plan> get(const Config& config, const OpDescription& op, Traffic traffic) {
    traffic.loose_input = Bytes(0);
    if (config.chips == 1) traffic = {};  // nothing to bring to where it is wanted
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : plans_) {
      if (entry.traffic == traffic && alike(entry.op, op)) return entry.plan;
    }
    auto plan = std::make_shared<const Plan>(plan_of(config, op, traffic));
    plans_.push_back({op, traffic, plan});
    return plan;
  }

 private:
  static bool alike(const OpDescription& a, const OpDescription& b) {
    return a.op_class == b.op_class && a.compute_dtype == b.compute_dtype && a.nests == b.nests &&
           a.element_ops == b.element_ops && a.input_bytes == b.input_bytes && a.weight_bytes == b.weight_bytes &&
           a.output_bytes == b.output_bytes &&
           std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), b.inputs.end(),
                      [](const auto& x, const auto& y) { return x.bytes == y.bytes && x.parameter == y.parameter; });
  }

  struct Entry {
    OpDescription op;
    Traffic traffic;
    std::shared_ptr<const Plan> plan;
  };

  std::mutex mutex_;
  std::vector<Entry> plans_;
};

/// Formats of vector operators (popops); moving data takes those of 64 bits, too.
bool has_vectors_of(DType dtype, OpClass op_class) {
  switch (dtype) {
    case DType::fp32:
    case DType::fp16:
    case DType::int32:
    case DType::int16:
    case DType::int8:
    case DType::uint8:
    case DType::boolean:
      return true;
    case DType::int64:
      return op_class == OpClass::data_movement;
    default:
      return false;
  }
}

/// Bytes of the operands behind the first that cross the host link: parameters do not, unless there is nothing else.
Bytes others_crossing(const OpDescription& op) {
  Bytes data, all;
  for (std::size_t i = 1; i < op.inputs.size(); ++i) {
    all += op.inputs[i].bytes;
    if (!op.inputs[i].parameter) data += op.inputs[i].bytes;
  }
  return data > Bytes(0) ? data : all;
}

class Ipu final : public Device {
 public:
  Ipu(const Config& config, const std::string& instance, const technology::Config& technology)
      : config_(config), actions_(ipu::actions(config, instance, technology)) {}

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    const std::string format(name_of(op.compute_dtype));
    if (op.macs == Ops(0)) {
      if (has_vectors_of(op.compute_dtype, op.op_class)) return {};
      return "does not compute in " + format;
    }
    if (!units_for(config_, op.compute_dtype)) return "does not multiply in " + format;
    if (op.weight_dtype != op.compute_dtype) {
      return "does not run " + op.label + " with weights in " + std::string(name_of(op.weight_dtype));
    }
    return {};
  }

  /// FP16.32 or FP16.16 by `partials`; what is stored as fp16 may be rounded at random.
  Arithmetic arithmetic(const OpDescription& op) const override {
    Arithmetic out = default_arithmetic(op);
    if (out.sums) out.sums->bits = bits_of(units_for(config_, op.compute_dtype)->partials);
    const bool rounds = out.rounding == Rounding::nearest_even && op.compute_dtype == DType::fp16;
    if (rounds && config_.stochastic_rounding) out.rounding = Rounding::stochastic;
    return out;
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    const auto plan = plans_->get(config_, op, traffic);
    ScheduleStep crossing;
    if (traffic.first_operand) crossing.input = first_operand_bytes(op);
    if (traffic.other_operands) crossing.weights = others_crossing(op);
    if (traffic.result) crossing.output = op.output_bytes;
    return Schedule{.steps = schedule_steps(*plan, crossing, op.compute_dtype),
                    .text = plan->text + "; " + shares_text(plan->total())};
  }

  TilingSpace tilings(const OpDescription&) const override {
    const Bytes all = resident_limit();
    return {.input_capacity = all,
            .weight_capacity = all,
            .output_capacity = all,
            .shared_capacity = Bytes(0),
            .partial_capacity = all,
            .channel_step = 1,
            .in_channel_step = 1,
            .split_in_channels = true,
            .min_pieces = 1};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override { return input_share(op, tile); }
  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override { return weight_share(op, tile); }
  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override { return output_share(op, tile); }

  /// The bound of an even split: every tile of every chip its share of the multiply-accumulates at the units' rate, of
  /// the element operations and of what is received, in one superstep.
  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    const std::int64_t tiles = std::int64_t{config_.tiles} * config_.chips;
    const std::int64_t macs = op.single_nest() ? tile_macs(tiling_nest(op), tile) : piece_macs(op, tile);
    const std::int64_t bytes = (input_bytes(op, tile) + weight_bytes(op, tile)).count();
    const std::int64_t pieces = op.single_nest() ? ceil_div(op.macs.count(), macs) : tile.pieces;
    const std::int64_t width = std::clamp(64 / bits_of(op.compute_dtype), 1, 4);
    Stage stage;
    stage.operations = static_cast<double>(ceil_div(op.element_ops.count(), pieces));
    stage.phases.compute = config_.threads + ceil_div(ceil_div(op.element_ops.count(), pieces), tiles * width);
    if (macs > 0) stage.phases.compute += ceil_div(macs, tiles * units_rate(op.compute_dtype));
    stage.phases.exchange = receive_cycles(config_, ceil_div(bytes, tiles));
    stage.phases.sync = config_.internal_sync.count();
    stage.exchange_bytes = static_cast<double>(bytes);
    stage.memory_bytes = static_cast<double>(bytes + output_bytes(op, tile).count());
    return {.cycles = Cycles(stage.phases.total()),
            .macs = Ops(macs),
            .activity = activity(stage, op.compute_dtype, static_cast<double>(macs))};
  }

  TileWork launch(const OpDescription&) const override { return {}; }

  Bytes resident_limit() const override { return config_.sram * config_.tiles * config_.chips; }
  bool keeps_parameters() const override { return true; }

  void admit(const OpDescription& op, Bytes parameters, Bytes live) const override {
    std::int64_t operands = op.output_bytes.count();
    for (const auto& input : op.inputs) operands += input.parameter ? 0 : input.bytes.count();
    const double density = config_.sparsity.density;
    const auto kept = static_cast<std::int64_t>(std::ceil(static_cast<double>(parameters.count()) * density));
    TileMemory memory{.program = config_.program.count(),
                      .parameters = tile_share(config_, kept, config_.shard_parameters ? config_.chips : 1),
                      .live = tile_share(config_, live.count(), config_.chips)};
    // Operands are on the chips already, or come from the host.
    for (const Traffic& traffic : {Traffic{}, Traffic{false, false, false, Bytes(0)}}) {
      const auto plan = plans_->get(config_, op, traffic);
      memory.operands = tile_share(config_, operands, plan->chips);
      memory.temporary = plan->temporary;
      if (memory.total() > config_.sram.count()) {
        check_memory(config_, memory, op.name, op.label, smaller_temporary(op, traffic, memory));
      }
    }
  }

  const std::vector<ActionSpec>& actions() const override { return actions_; }
  Watts static_power() const override { return config_.leakage * config_.chips; }
  Watts active_power() const override { return Watts(0.0); }  // charged by cycle and phase
  dma::Config dma(EngineKind) const override { return config_.host_link; }
  Json to_json() const override { return write_value(config_); }

 private:
  std::int64_t units_rate(DType dtype) const {
    const auto units = units_for(config_, dtype);
    CHIPCAST_ASSERT(units.has_value());
    return rate({.fp32 = dtype == DType::fp32, .units = units->units});
  }

  /// ", or \"temporary\": 0.39" where the operator can do with what is left to it.
  std::string smaller_temporary(const OpDescription& op, const Traffic& traffic, const TileMemory& memory) const {
    const std::int64_t left = config_.sram.count() - (memory.total() - memory.temporary);
    Config config = config_;
    config.temporary =
        std::floor(100.0 * static_cast<double>(left) / static_cast<double>(config_.sram.count())) / 100.0;
    if (config.temporary < 0.01 || config.temporary >= config_.temporary) return "";
    try {
      const Plan plan = plan_of(config, op, traffic);
      if (plan.temporary <= left && plan.chips >= config.chips)
        return ", or \"temporary\": " + share_text(config.temporary);
    } catch (const InputError&) {  // no split is that small
    }
    return "";
  }

  Config config_;
  std::vector<ActionSpec> actions_;
  std::shared_ptr<PlanCache> plans_ = std::make_shared<PlanCache>();
};

}  // namespace

std::vector<ScheduleStep> schedule_steps(const Plan& plan, const ScheduleStep& crossing, DType dtype) {
  std::vector<ScheduleStep> steps;
  const auto add = [&](const Stage& stage, std::int64_t macs, std::int64_t count) {
    if (count == 0) return;
    steps.push_back({.work = {.cycles = Cycles(stage.phases.total()),
                              .macs = Ops(macs),
                              .activity = activity(stage, dtype, static_cast<double>(macs) * plan.multiplied),
                              .sram = stage.sram},
                     .count = count});
  };
  for (const Stage& stage : plan.stages) {
    const bool ends = &stage == &plan.stages.front() || &stage == &plan.stages.back();
    const std::int64_t each = stage.macs / stage.count, more = stage.macs % stage.count;
    // Equal numbers of multiply-accumulates, and single steps at the ends of an operator.
    const std::int64_t larger = more > 0 ? more : (ends ? 1 : 0);
    add(stage, each + (more > 0 ? 1 : 0), std::min(larger, std::int64_t{1}));
    add(stage, each + (more > 0 ? 1 : 0), std::max<std::int64_t>(0, larger - 1));
    const std::int64_t rest = stage.count - larger;
    const std::int64_t last = ends && rest > 0 ? 1 : 0;
    add(stage, each, rest - last);
    add(stage, each, last);
  }
  CHIPCAST_ASSERT(!steps.empty() && steps.front().count == 1 && steps.back().count == 1);
  steps.front().input = crossing.input;
  steps.front().weights = crossing.weights;
  steps.back().output = crossing.output;
  return steps;
}

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<Ipu>(config, instance, technology);
}

}  // namespace chipcast::ipu
