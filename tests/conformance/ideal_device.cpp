// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/ideal_device.h"

#include "accelerators/tile_geometry.h"
#include "sim/config/docs_table.h"
#include "sim/config/reader.h"
#include "sim/config/schema.h"
#include "sim/config/writer.h"

namespace chipcast::conformance {
namespace {

struct IdealConfig {
  Hertz clock{1e9};
  int macs_per_cycle{64};
  bool scheduled{false};

  template <class V>
  void visit(V& v) {
    v.field("clock", clock, {.doc = "Clock.", .min = Hertz(1e6), .max = Hertz(1e10)});
    v.field("macs_per_cycle", macs_per_cycle, {.doc = "Rate in every format.", .min = 1, .max = 1 << 20});
    v.field("scheduled", scheduled, {.doc = "Cuts operators itself, in four steps that fetch their weights each."});
  }
};

class IdealDevice final : public Device {
 public:
  IdealDevice(const IdealConfig& config, const std::string& instance)
      : config_(config), actions_{{instance + ".mac", "any", Joules(1e-12)}} {}

  Hertz clock() const override { return config_.clock; }
  Refusal refuses(const OpDescription&) const override { return {}; }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (!config_.scheduled) return std::nullopt;
    Bytes others;
    for (std::size_t i = 1; i < op.inputs.size(); ++i) others += op.inputs[i].bytes;
    Schedule own{.steps = {}, .text = "four equal steps"};
    constexpr std::int64_t kSteps = 4;
    for (std::int64_t i = 0; i < kSteps; ++i) {
      const auto part = [&](std::int64_t whole) { return whole * (i + 1) / kSteps - whole * i / kSteps; };
      const std::int64_t macs = part(op.macs.count());
      const std::int64_t work = std::max<std::int64_t>(1, macs > 0 ? macs : part(op.element_ops.count()));
      own.steps.push_back({.input = traffic.first_operand && !op.inputs.empty()
                                        ? Bytes(part(op.inputs.front().bytes.count()))
                                        : Bytes(0),
                           .weights = traffic.other_operands ? others : Bytes(0),
                           .output = traffic.result ? Bytes(part(op.output_bytes.count())) : Bytes(0),
                           .work = {.cycles = Cycles(ceil_div(work, std::int64_t{config_.macs_per_cycle})),
                                    .macs = Ops(macs),
                                    .activity = {{0, static_cast<double>(macs)}},
                                    .sram = {.ifmap_reads = macs}}});
    }
    return own;
  }

  TilingSpace tilings(const OpDescription&) const override {
    constexpr Bytes kPlenty(std::int64_t{1} << 50);
    return {.input_capacity = kPlenty,
            .weight_capacity = kPlenty,
            .output_capacity = kPlenty,
            .shared_capacity = Bytes(0),
            .partial_capacity = kPlenty};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return Bytes(ceil_div((op.input_bytes + op.weight_bytes).count(), tile.pieces));
    return stored(input_elements(tiling_nest(op), tile), op.compute_dtype);
  }
  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return Bytes(0);
    return stored(weight_elements(tiling_nest(op), tile), op.weight_dtype);
  }
  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return Bytes(ceil_div(op.output_bytes.count(), tile.pieces));
    const LoopNest nest = tiling_nest(op);
    return share_of(op.output_bytes, output_elements(nest, tile),
                    nest.batch * nest.groups * nest.out_channels * nest.out_height * nest.out_width);
  }

  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    const std::int64_t macs = op.single_nest() ? tile_macs(tiling_nest(op), tile) : piece_macs(op, tile);
    const std::int64_t work =
        std::max<std::int64_t>(1, std::max(macs, macs > 0 ? 0 : op.element_ops.count() / tile.pieces));
    return {.cycles = Cycles(ceil_div(work, std::int64_t{config_.macs_per_cycle})),
            .macs = Ops(macs),
            .activity = {{0, static_cast<double>(macs)}}};
  }
  TileWork launch(const OpDescription&) const override { return {}; }

  const std::vector<ActionSpec>& actions() const override { return actions_; }
  Watts static_power() const override { return Watts(0.0); }
  Watts active_power() const override { return Watts(0.0); }
  dma::Config dma(EngineKind /*engine*/) const override { return {}; }
  Json to_json() const override { return write_value(config_); }

 private:
  static Bytes stored(std::int64_t elements, DType dtype) {
    return Bytes(ceil_div(elements * bits_of(dtype), std::int64_t{8}));
  }

  IdealConfig config_;
  std::vector<ActionSpec> actions_;
};

std::unique_ptr<Device> make(const Json& json, const std::string& path, const std::string& instance,
                             const technology::Config&) {
  Json parameters = json;
  parameters.erase("type");
  return std::make_unique<IdealDevice>(read_value<IdealConfig>(parameters, path), instance);
}

}  // namespace

DeviceType ideal_device_type() {
  return {.name = "ideal",
          .doc = "Runs everything at one rate.",
          .make = &make,
          .schema = &schema_of<IdealConfig>,
          .docs = [](const std::string& title) { return docs_table_of<IdealConfig>(title); }};
}

}  // namespace chipcast::conformance
