// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/cost.h"

#include <algorithm>

#include "accelerators/systolic/plan.h"
#include "accelerators/systolic/steps.h"
#include "accelerators/tile_geometry.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::systolic {
namespace {

class SystolicArray final : public Device {
 public:
  SystolicArray(const Config& config, const std::string& instance, const technology::Config& technology)
      : config_(config) {
    const double scale = technology::voltage_factor(technology, config.volts);
    for (const auto& format : config.formats) {
      add_action(instance + ".array", "mac_" + std::string(name_of(format.dtype)),
                 technology::mac_energy(technology, format.dtype) * Ops(1) * scale);
    }
    const auto buffer = [&](const char* name, const char* action, Bytes capacity) {
      return add_action(instance + name, action, technology::sram_energy(technology, capacity) * Bytes(1) * scale);
    };
    ifmap_ = buffer(".ifmap_buffer", "byte", config.ifmap_buffer);
    filter_ = buffer(".filter_buffer", "byte", config.filter_buffer);
    ofmap_ = buffer(".ofmap_buffer", "byte", config.ofmap_buffer);
    fill_ = buffer(".ifmap_buffer", "fill_byte", config.ifmap_buffer);
    vector_ = add_action(instance + ".vector", "element", technology.element_op * Ops(1) * scale);
  }

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    if (std::find(config_.classes.begin(), config_.classes.end(), op.op_class) == config_.classes.end()) {
      return "does not run " + op.label;
    }
    if (op.macs > Ops(0) && !rate_of(config_, op.compute_dtype)) {
      return "does not compute in " + std::string(name_of(op.compute_dtype));
    }
    for (const LoopNest& nest : op.nests) {
      if (!countable(product_of(nest, config_, op.compute_dtype), config_)) {
        return "does not run " + op.label + ": its cycles cannot be counted";
      }
    }
    return {};
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (op.macs == Ops(0) || !op.single_nest()) return std::nullopt;
    const Plan plan = plan_of(op.nests.front(), config_, op.compute_dtype);
    const TileWork whole = work_of_plan(op, plan, op.macs, op.output_bytes);
    return Schedule{.steps = steps_of(op, plan, config_, traffic, whole), .text = to_text(plan)};
  }

  TilingSpace tilings(const OpDescription& op) const override {
    const Bytes ofmap(config_.ofmap_buffer.count() / 2);
    return {.input_capacity = Bytes(config_.ifmap_buffer.count() / 2),
            .weight_capacity = Bytes(config_.filter_buffer.count() / 2),
            .output_capacity = ofmap,
            .shared_capacity = Bytes(0),
            .partial_capacity = Bytes(ofmap.count() / config_.partial_bytes * bits_of(op.compute_dtype) / 8),
            .channel_step = config_.columns,
            .in_channel_step = config_.rows};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return piece_input(op, tile);
    return Bytes(ceil_div(input_elements(tiling_nest(op), tile) * bits_of(op.compute_dtype), std::int64_t{8}));
  }
  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override { return weight_share(op, tile); }
  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override { return output_share(op, tile); }

  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return piece_cost(op, tile);
    const LoopNest whole = tiling_nest(op);
    LoopNest nest = whole;
    nest.batch = 1;
    nest.groups = tile.groups;
    nest.out_channels = tile.out_channels;
    nest.in_channels = tile.in_channels;
    nest.out_height = tile.out_height;
    nest.out_width = tile.out_width;
    const Bytes results = tile.last_in_channels ? output_bytes(op, tile) : Bytes(0);
    return work_of_plan(op, plan_of(nest, config_, op.compute_dtype), Ops(tile_macs(whole, tile)), results);
  }

  TileWork launch(const OpDescription&) const override {
    return {.cycles = whole_cycles(config_.launch * config_.clock), .macs = {}, .activity = {}};
  }

  Bytes resident_limit() const override { return config_.resident; }
  const std::vector<ActionSpec>& actions() const override { return actions_; }
  std::optional<std::uint32_t> load_action() const override { return fill_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return config_.clock_power; }
  dma::Config dma(EngineKind engine) const override {
    return engine == EngineKind::store ? config_.store_dma : config_.dma;
  }
  Json to_json() const override { return write_value(config_); }

 private:
  std::uint32_t add_action(const std::string& component, const std::string& action, Joules each) {
    actions_.push_back({component, action, each});
    return static_cast<std::uint32_t>(actions_.size() - 1);
  }

  /// Index of the multiply-accumulate of a format; formats come first.
  std::uint32_t mac_action(DType dtype) const {
    const DType cells = dtype == DType::uint8 ? DType::int8 : dtype == DType::uint4 ? DType::int4 : dtype;
    const auto match = std::find_if(config_.formats.begin(), config_.formats.end(),
                                    [&](const Format& format) { return format.dtype == cells; });
    CHIPCAST_ASSERT(match != config_.formats.end());
    return static_cast<std::uint32_t>(match - config_.formats.begin());
  }

  TileWork work_of_plan(const OpDescription& op, const Plan& plan, Ops macs, Bytes results) const {
    TileWork work{.cycles = plan.cycles(), .macs = macs, .activity = {}, .sram = plan.accesses()};
    add_activity(work, op, results);
    return work;
  }

  void add_activity(TileWork& work, const OpDescription& op, Bytes results) const {
    const double element = bits_of(op.compute_dtype) / 8.0, weight = bits_of(op.weight_dtype) / 8.0;
    const auto partial = static_cast<double>(config_.partial_bytes);
    const auto count = [](std::int64_t n) { return static_cast<double>(n); };
    work.activity = {{mac_action(op.compute_dtype), count(work.macs.count()) * active_share(config_.sparsity)},
                     {ifmap_, count(work.sram.ifmap_reads) * element},
                     {filter_, count(work.sram.filter_reads) * weight},
                     {ofmap_, count(work.sram.ofmap_reads + work.sram.ofmap_writes) * partial},
                     {vector_, count(results.count()) / element}};
  }

  Cycles vector_cycles(std::int64_t elements) const {
    return Cycles(ceil_div(elements, std::int64_t{config_.vector_lanes} * config_.cores));
  }

  /// Operators of the vector unit, and recurrent ones: their products on the array, then the gates.
  TileWork piece_cost(const OpDescription& op, const OpTile& tile) const {
    const std::int64_t moved = (op.output_bytes + op.input_bytes).count() / 2 * 8 / bits_of(op.compute_dtype);
    const std::int64_t all = op.macs > Ops(0) ? op.element_ops.count() : std::max(op.element_ops.count(), moved);
    const std::int64_t elements = ceil_div(std::max<std::int64_t>(1, all), tile.pieces);
    TileWork work{.cycles = vector_cycles(elements), .macs = Ops(piece_macs(op, tile)), .activity = {}};
    if (op.macs == Ops(0)) {
      work.activity = {{vector_, static_cast<double>(elements)},
                       {ifmap_, static_cast<double>(op.input_bytes.count()) / static_cast<double>(tile.pieces)}};
      return work;
    }
    Cycles array;
    for (const LoopNest& nest : op.nests) {
      const Plan plan = plan_of(nest, config_, op.compute_dtype);
      array += plan.cycles();
      work.sram += plan.accesses();
    }
    for (std::int64_t* sum :
         {&work.sram.ifmap_reads, &work.sram.filter_reads, &work.sram.ofmap_reads, &work.sram.ofmap_writes}) {
      *sum = ceil_div(*sum, tile.pieces);
    }
    work.cycles += Cycles(ceil_div(array.count(), tile.pieces));
    add_activity(work, op, Bytes(elements));
    return work;
  }

  Config config_;
  std::vector<ActionSpec> actions_;
  std::uint32_t ifmap_ = 0, filter_ = 0, ofmap_ = 0, fill_ = 0, vector_ = 0;
};

}  // namespace

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<SystolicArray>(config, instance, technology);
}

}  // namespace chipcast::systolic
