// SPDX-License-Identifier: Apache-2.0
#include "accelerators/row_stationary/cost.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "accelerators/row_stationary/schedule.h"
#include "accelerators/scheduled_device.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast::row_stationary {
namespace {

constexpr Bytes kWord(kWordBytes);

/// Energies of a word and of the clock's cycle at the device's supply: as configured, or from the technology.
class Prices {
 public:
  Prices(const Config& config, const technology::Config& technology)
      : config_(config), technology_(technology), scale_(technology::voltage_factor(technology, config.volts)) {}

  Joules mac() const {
    return config_.energy.mac ? *config_.energy.mac * Ops(1) : technology_.mac_int16 * Ops(1) * scale_;
  }
  Joules filter_spad() const {
    return stated(config_.energy.filter_spad,
                  technology::sram_energy(technology_, kWord * config_.spads.filter, 8 * kWordBytes));
  }
  Joules registers() const { return stated(config_.energy.registers, technology_.register_byte); }
  Joules buffer() const {
    return stated(config_.energy.buffer, technology::sram_energy(technology_, config_.buffer.bank, kBufferPortBits));
  }
  /// The flip-flops that keep inputs and partial sums are most of an element's; nothing is said of clock gating.
  Joules cycle() const {
    if (config_.clock_power) return Joules(config_.clock_power->count() / config_.clock.count());
    const std::int64_t words = std::int64_t{config_.spads.ifmap} + config_.spads.psum;
    return technology_.register_byte * (kWord * (words * config_.rows * config_.columns)) * scale_;
  }

 private:
  static constexpr int kBufferPortBits = 64;  // four words of 16 bits, as its buses take them (E3)

  Joules stated(std::optional<double> macs, JoulesPerByte of_technology) const {
    return macs ? mac() * *macs : of_technology * kWord * scale_;
  }

  const Config& config_;
  const technology::Config& technology_;
  double scale_;
};

class RowStationary final : public ScheduledDevice {
 public:
  RowStationary(const Config& config, const std::string& instance, const technology::Config& technology)
      : config_(config) {
    const Prices prices(config, technology);
    const auto add = [&](const char* component, const char* action, Joules each) {
      actions_.push_back({instance + "." + component, action, each});
      return static_cast<std::uint32_t>(actions_.size() - 1);
    };
    index_.mac = add("array", "mac", prices.mac());
    index_.filter_spad = add("spads", "filter_word", prices.filter_spad());
    index_.registers = add("spads", "register_word", prices.registers());
    index_.noc = add("noc", "word", prices.mac() * config.energy.noc);
    index_.buffer = add("buffer", "word", prices.buffer());
    index_.clock = add("clock", "cycle", prices.cycle());
    index_.post =
        add("post", "element", technology.element_op * Ops(1) * technology::voltage_factor(technology, config.volts));
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
    if (op.macs == Ops(0)) return {};
    const Layer layer = layer_of(config_, op.nests.front());
    if (!countable(layer)) {
      return no + ": " + std::to_string(op.macs.count()) + " multiply-accumulates are more than can be counted";
    }
    if (const auto over = excess(config_, layer, {})) return no + ": of its smallest mapping, " + to_text(*over);
    return {};
  }

  /// Products are cut to a word of 16 bits before they are added up; sums are words too (README).
  Arithmetic arithmetic(const OpDescription& op) const override {
    Arithmetic out = default_arithmetic(op);
    if (!out.sums) return out;
    const bool floating = is_float(op.compute_dtype);
    out.sums = Sums{.floating = floating, .bits = 16};
    if (!floating) out.rounding = Rounding::truncation;
    return out;
  }

  bool tells_names_apart() const override { return !config_.zeros.empty() || !config_.mappings.empty(); }
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

  Schedule own_schedule(const OpDescription& op, const Traffic& traffic) const override {
    if (op.macs > Ops(0)) {
      const auto [mapping, counts] = mapped_by(op);
      return schedule_of(config_, work_of(op), op, traffic, mapping, counts);
    }
    ScheduleStep whole = loose_step(op, traffic);
    whole.work = work_of(op);
    const Bytes room = config_.buffer.bank * config_.buffer.banks;
    return in_pieces(op, whole, room, room);
  }

  /// Post-processing streams.
  TileWork work_of(const OpDescription& op) const override {
    if (op.macs > Ops(0)) return row_stationary::work_of(config_, index_, op, mapped_by(op).second);
    const std::int64_t elements = std::max<std::int64_t>(1, op.element_ops.count());
    const Cycles cycles(ceil_div<std::int64_t>(elements, config_.post_elements));
    return {.cycles = cycles,
            .macs = {},
            .activity = {{index_.post, static_cast<double>(elements)},
                         {index_.clock, static_cast<double>(cycles.count())}}};
  }

  Mapped mapped_by(const OpDescription& op) const {
    const Layer layer = layer_of(config_, op.nests.front());
    const std::string shape = shape_text(op.nests.front());
    for (const auto& fixed : config_.mappings) {
      if (fixed.layer == op.name || fixed.layer == shape) return given(op, layer, fixed);
    }
    const std::scoped_lock lock(mutex_);
    if (const auto known = known_.find(layer); known != known_.end()) return known->second;
    const auto mapping = find_mapping(config_, layer);
    CHIPCAST_ASSERT(mapping.has_value());  // refuses() has seen that the smallest one fits
    return known_[layer] = {*mapping, count(config_, layer, *mapping)};
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
      throw InputError(op.name, "mapping " + to_text(mapping) + ": " + to_text(*over) +
                                    "; change it, or leave it out for the search to find one");
    }
    return {mapping, count(config_, layer, mapping)};
  }

  Config config_;
  std::vector<ActionSpec> actions_;
  Actions index_;
  mutable std::mutex mutex_;
  mutable std::map<Layer, Mapped> known_;  ///< mappings found so far: the search is worth keeping
};

}  // namespace

std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology) {
  return std::make_unique<RowStationary>(config, instance, technology);
}

}  // namespace chipcast::row_stationary
