// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/cost.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <variant>

#include "accelerators/action_list.h"
#include "accelerators/scheduled_device.h"
#include "accelerators/spatial/schedule.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::spatial {
namespace {

/// The search sees the port off the chip as wide as the DMA's.
Architecture with_port(const Config& config) {
  Architecture out = config.architecture;
  const double bits = 8.0 * config.dma.port.count() / config.clock.count();
  for (Port& port : out.memories.back().ports) {
    port.bandwidth = std::max<std::int64_t>(1, static_cast<std::int64_t>(bits));
    if (port.granule) port.granule = std::min(*port.granule, port.bandwidth);
  }
  return out;
}

class SpatialArray final : public ScheduledDevice {
 public:
  SpatialArray(const Config& config, const std::string& instance, const technology::Config& technology)
      : config_(config), hierarchy_(with_port(config)), on_chip_(spatial::on_chip(config.architecture)) {
    index_.mac = add_action(actions_, instance + ".array", "mac", config.architecture.mac_energy);
    index_.clock =
        add_action(actions_, instance + ".clock", "cycle", Joules(config.clock_power.count() / config.clock.count()));
    const double scale = technology::voltage_factor(technology, config.volts);
    index_.post = add_action(actions_, instance + ".post", "element", technology.element_op * Ops(1) * scale);
    const auto& memories = config.architecture.memories;
    for (std::size_t m = 0; m + 1 < memories.size(); ++m) {
      const std::string name = instance + "." + memories[m].name;
      index_.memories.push_back({.read = add_action(actions_, name, "read", memories[m].read_energy),
                                 .write = add_action(actions_, name, "write", memories[m].write_energy),
                                 .update = add_action(actions_, name, "update",
                                                      memories[m].update_energy.value_or(memories[m].write_energy))});
      largest_ = std::max(largest_, Bytes(memories[m].size / 8));
    }
  }

  Hertz clock() const override { return config_.clock; }

  Refusal refuses(const OpDescription& op) const override {
    const std::string no = "does not run " + op.label;
    if (op.macs > Ops(0)) {
      if (!op.single_nest() || op.nests.front().transposed) return no;
    } else if (std::find(config_.post.begin(), config_.post.end(), op.label) == config_.post.end()) {
      return no;
    }
    const DType words = multiplied_as(op.compute_dtype);
    if (std::find(config_.formats.begin(), config_.formats.end(), words) == config_.formats.end()) {
      return "does not compute in " + std::string(name_of(op.compute_dtype));
    }
    if (op.macs == Ops(0) || fixed_for(op) != nullptr) return {};
    const Found& found = found_for(op);
    if (const auto* reason = std::get_if<std::string>(&found)) return no + ": " + *reason;
    return {};
  }

  Arithmetic arithmetic(const OpDescription& op) const override {
    Arithmetic out = default_arithmetic(op);
    if (out.sums) out.sums->bits = static_cast<int>(config_.partial_bits);
    return out;
  }

  bool tells_names_apart() const override { return !config_.mappings.empty(); }
  TileWork launch(const OpDescription&) const override {
    return {.cycles = whole_cycles(config_.launch * config_.clock), .macs = {}, .activity = {}};
  }

  const std::vector<ActionSpec>& actions() const override { return actions_; }
  Watts static_power() const override { return config_.leakage; }
  Watts active_power() const override { return Watts(0.0); }  // booked by the cycle
  dma::Config dma(EngineKind /*engine*/) const override { return config_.dma; }
  Json to_json() const override { return write_value(config_); }

 private:
  using Found = std::variant<Mapped, std::string>;  ///< a mapping, or why there is none

  Schedule own_schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (op.macs > Ops(0)) return schedule_of(work_of(op), op, layer(op), traffic, mapped_by(op));
    ScheduleStep whole = loose_step(op, traffic);
    whole.work = work_of(op);
    return in_pieces(op, whole, largest_, largest_);
  }

  TileWork work_of(const OpDescription& op) const override {
    if (op.macs > Ops(0)) return spatial::work_of(on_chip_, index_, op, mapped_by(op));
    const std::int64_t elements = std::max<std::int64_t>(1, op.element_ops.count());
    const Cycles cycles(ceil_div<std::int64_t>(elements, config_.post_elements));
    return {.cycles = cycles,
            .macs = {},
            .activity = {{index_.post, static_cast<double>(elements)},
                         {index_.clock, static_cast<double>(cycles.count())}}};
  }

  Layer layer(const OpDescription& op) const { return layer_of(op, op.nests.front(), config_.partial_bits); }

  Mapped mapped_by(const OpDescription& op) const {
    if (const FixedMapping* fixed = fixed_for(op)) return given(op, fixed->mapping);
    const Found& found = found_for(op);
    if (const auto* reason = std::get_if<std::string>(&found)) throw InputError(op.name, *reason);
    return std::get<Mapped>(found);
  }

  const FixedMapping* fixed_for(const OpDescription& op) const {
    const auto it = std::find_if(config_.mappings.begin(), config_.mappings.end(),
                                 [&](const FixedMapping& fixed) { return fixed.layer == op.name; });
    return it == config_.mappings.end() ? nullptr : &*it;
  }

  Mapped given(const OpDescription& op, const NestMapping& mapping) const {
    const Layer some = layer(op);
    check_mapping(config_.architecture, some, mapping, op.name);
    if (!fits(hierarchy_, some, mapping)) {
      throw InputError(op.name, "mapping " + to_text(mapping) +
                                    " has tiles that do not fit; cut it earlier, or leave it out for the search");
    }
    return mapped(on_chip_, some, mapping);
  }

  /// Searched for once; answers stay.
  const Found& found_for(const OpDescription& op) const {
    const Layer some = layer(op);
    const std::scoped_lock lock(mutex_);
    const auto known = known_.find(some);
    if (known != known_.end()) return known->second;
    try {
      const SearchResult result = search(hierarchy_, some, {.goal = config_.goal, .budget = config_.budget}, op.name);
      Mapped out = mapped(on_chip_, some, result.mapping);
      if (!result.converged) out.text += " (not proven best)";
      return known_.emplace(some, std::move(out)).first->second;
    } catch (const InputError& error) {
      return known_.emplace(some, error.message()).first->second;
    }
  }

  Config config_;
  Hierarchy hierarchy_, on_chip_;
  std::vector<ActionSpec> actions_;
  Actions index_;
  Bytes largest_{1};
  mutable std::mutex mutex_;
  mutable std::map<Layer, Found> known_;
};

}  // namespace

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<SpatialArray>(config, instance, technology);
}

}  // namespace chipcast::spatial
