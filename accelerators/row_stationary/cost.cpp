// SPDX-License-Identifier: Apache-2.0
#include "accelerators/row_stationary/cost.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "accelerators/row_stationary/schedule.h"
#include "accelerators/tile_geometry.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::row_stationary {
namespace {

class RowStationary final : public Device {
 public:
  RowStationary(const Config& config, const std::string& instance, const technology::Config& technology)
      : config_(config) {
    const double scale = technology::voltage_factor(technology, config.volts);
    const Joules mac = (config.energy.mac ? *config.energy.mac : technology.mac_int16 * scale) * Ops(1);
    const auto add = [&](const char* component, const char* action, Joules each) {
      actions_.push_back({instance + "." + component, action, each});
      return static_cast<std::uint32_t>(actions_.size() - 1);
    };
    index_.mac = add("array", "mac", mac);
    index_.filter_spad = add("spads", "filter_word", mac * config.energy.filter_spad);
    index_.registers = add("spads", "register_word", mac * config.energy.registers);
    index_.noc = add("noc", "word", mac * config.energy.noc);
    index_.buffer = add("buffer", "word", mac * config.energy.buffer);
    index_.clock = add("clock", "cycle", Joules(config.clock_power.count() / config.clock.count()));
    index_.post = add("post", "element", technology.element_op * Ops(1) * scale);
  }

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    if (op.macs > Ops(0)) {
      if (!op.single_nest() || op.nests.front().transposed) return "does not run " + op.label;
    } else if (std::find(config_.post.begin(), config_.post.end(), op.label) == config_.post.end()) {
      return "does not run " + op.label;
    }
    if (std::find(config_.formats.begin(), config_.formats.end(), op.compute_dtype) == config_.formats.end()) {
      return "does not compute in " + std::string(name_of(op.compute_dtype));
    }
    return {};
  }

  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (op.macs == Ops(0)) return std::nullopt;
    const auto mapped = mapped_by(op);
    if (!mapped) return std::nullopt;
    return schedule_of(config_, index_, op, traffic, mapped->first, mapped->second);
  }

  /// Only for what has no schedule: post-processing streams; layers that fit no mapping fit no tile.
  TilingSpace tilings(const OpDescription& op) const override {
    if (op.macs > Ops(0) && !mapped_by(op)) return {};
    const Bytes all = config_.buffer.bank * config_.buffer.banks;
    return {.input_capacity = all,
            .weight_capacity = config_.buffer.filters,
            .output_capacity = all,
            .shared_capacity = Bytes(0),
            .partial_capacity = all};
  }

  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return piece_input(op, tile);
    return Bytes(input_elements(tiling_nest(op), tile) * kWordBytes);
  }

  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override { return weight_share(op, tile); }

  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override {
    if (!op.single_nest()) return output_share(op, tile);
    return std::max(output_share(op, tile), Bytes(output_elements(tiling_nest(op), tile) * kWordBytes));
  }

  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    return op.single_nest() ? array_share(op, tile) : post_cost(op, tile);
  }

  TileWork launch(const OpDescription&) const override {
    return {.cycles = whole_cycles(config_.launch * config_.clock), .macs = {}, .activity = {}};
  }

  const std::vector<ActionSpec>& actions() const override { return actions_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return Watts(0.0); }  // booked by the cycle: it covers waits for inputs too
  dma::Config dma(EngineKind /*engine*/) const override {
    dma::Config dma = config_.dma;
    dma.port = std::min(dma.port, config_.link_width * config_.link_clock);
    return dma;
  }
  Json to_json() const override { return write_value(config_); }

 private:
  using Mapped = std::pair<Mapping, Counts>;

  std::optional<Mapped> mapped_by(const OpDescription& op) const {
    const Layer layer = layer_of(config_, op.nests.front());
    const std::string shape = shape_text(op.nests.front());
    for (const auto& fixed : config_.mappings) {
      if (fixed.layer == op.name || fixed.layer == shape) return given(op, layer, fixed);
    }
    const std::scoped_lock lock(mutex_);
    const auto [it, fresh] = known_.try_emplace(layer);
    if (fresh) {
      if (const auto mapping = find_mapping(config_, layer)) it->second = {*mapping, count(config_, layer, *mapping)};
    }
    return it->second;
  }

  Mapped given(const OpDescription& op, const Layer& layer, const FixedMapping& fixed) const {
    const Mapping mapping{.m = fixed.m,
                          .n = fixed.n,
                          .e = fixed.e,
                          .p = fixed.p,
                          .q = fixed.q,
                          .r = fixed.r,
                          .t = fixed.t,
                          .f = layer.columns};
    if (const auto over = excess(config_, layer, mapping)) {
      throw InputError(op.name, "mapping " + to_text(mapping) + ": " + over->what + " is " +
                                    std::to_string(over->value) + ", but at most " + std::to_string(over->limit) +
                                    " fit; change it, or leave it out for the search to find one");
    }
    return {mapping, count(config_, layer, mapping)};
  }

  /// A tile's share of the operator, by multiply-accumulates.
  TileWork array_share(const OpDescription& op, const OpTile& tile) const {
    const std::int64_t macs = tile_macs(tiling_nest(op), tile);
    const auto mapped = mapped_by(op);
    if (!mapped) return {.cycles = Cycles(macs), .macs = Ops(macs)};
    const double share = static_cast<double>(macs) / static_cast<double>(op.macs.count());
    TileWork work{.cycles = Cycles(
                      static_cast<std::int64_t>(std::ceil(static_cast<double>(mapped->second.cycles.count()) * share))),
                  .macs = Ops(macs),
                  .activity = activity_of(config_, index_, mapped->second, op.macs, zeros_of(config_, op).ifmap)};
    for (auto& some : work.activity) some.count *= share;
    return work;
  }

  TileWork post_cost(const OpDescription& op, const OpTile& tile) const {
    const std::int64_t elements = ceil_div(std::max<std::int64_t>(1, op.element_ops.count()), tile.pieces);
    const auto count = static_cast<double>(elements);
    const Cycles cycles(ceil_div<std::int64_t>(elements, config_.post_elements));
    return {.cycles = cycles,
            .macs = {},
            .activity = {{index_.post, count}, {index_.clock, static_cast<double>(cycles.count())}}};
  }

  Config config_;
  std::vector<ActionSpec> actions_;
  Actions index_;
  mutable std::mutex mutex_;
  mutable std::map<Layer, std::optional<Mapped>> known_;  ///< mappings found so far: the search is worth keeping
};

}  // namespace

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<RowStationary>(config, instance, technology);
}

}  // namespace chipcast::row_stationary
