// SPDX-License-Identifier: Apache-2.0
#include "models/dram/cost.h"

#include "sim/config/writer.h"

namespace chipcast::dram {
namespace {

/// Where its controllers leave a rank that nobody asks anything of.
RankState resting_state(const ControllerConfig& config) {
  if (config.self_refresh_after.count() > 0) return RankState::self_refresh;
  return config.power_down_after.count() > 0 ? RankState::power_down : RankState::idle;
}

class Law final : public MemoryLaw {
 public:
  explicit Law(const BoardConfig& config) : config_(config), standard_(standard_of(config)), bounds_(config) {}

  Bytes capacity() const override { return dram::capacity(config_); }
  BytesPerSecond peak_bandwidth() const override { return dram::peak_bandwidth(config_); }
  Time least_latency(bool write) const override { return bounds_.least_latency(write); }
  Time least_service(Bytes bytes) const override { return bounds_.least_service(bytes); }
  /// Activate, and precharge before it where the controller leaves rows open.
  Time row_miss() const override {
    const bool left_open = config_.controller.page == PagePolicy::open;
    const Timing& timing = standard_.timing;
    return Clock(standard_.clock).edge(timing[Param::rcd] + (left_open ? timing[Param::rp] : 0));
  }

  std::vector<ActionSpec> actions(const std::string& instance) const override {
    const DeviceEnergy& each = standard_.energy;
    const double devices = standard_.organisation.devices();
    return {{instance, "activate", each.activate * devices},
            {instance, "read_burst", (each.read_core + each.read_io) * devices},
            {instance, "write_burst", (each.write_core + each.write_io) * devices},
            {instance, "refresh", each.refresh * devices}};
  }
  Joules stream_energy(Bytes bytes, bool write) const override {
    const Organisation& organisation = standard_.organisation;
    const DeviceEnergy& each = standard_.energy;
    const auto bursts = static_cast<double>(ceil_div(bytes.count(), std::int64_t{organisation.burst_bytes()}));
    const auto rows = static_cast<double>(ceil_div(bytes.count(), std::int64_t{organisation.row_bytes()}));
    const Joules burst = write ? each.write_core + each.write_io : each.read_core + each.read_io;
    return (burst * bursts + each.activate * rows) * static_cast<double>(organisation.devices());
  }
  Watts idle_power() const override {
    const Organisation& organisation = standard_.organisation;
    const RankState state = resting_state(config_.controller);
    Watts each = standard_.energy.standing[index(state)];
    if (state != RankState::self_refresh) {
      each += standard_.energy.refresh / Clock(standard_.clock).edge(standard_.timing[Param::refi]).seconds();
    }
    return each * static_cast<double>(config_.channels * organisation.ranks * organisation.devices());
  }
  Json to_json() const override { return write_value(config_); }

 private:
  BoardConfig config_;
  Standard standard_;
  LowerBounds bounds_;
};

}  // namespace

std::array<double, 4> counts_of(const Counts& commands, const Organisation& organisation) {
  return {static_cast<double>(commands.activates), static_cast<double>(commands.reads),
          static_cast<double>(commands.writes),
          static_cast<double>(commands.refreshes) +
              static_cast<double>(commands.bank_refreshes) / organisation.banks_per_rank()};
}

Joules standing_energy(const Standard& standard, const Activity& activity) {
  return standard.energy_of(activity).standing;
}

std::unique_ptr<MemoryLaw> make_law(const BoardConfig& config) { return std::make_unique<Law>(config); }

}  // namespace chipcast::dram
