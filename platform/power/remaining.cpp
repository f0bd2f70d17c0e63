// SPDX-License-Identifier: Apache-2.0
#include "platform/power/remaining.h"

#include <algorithm>

#include "models/dma/cost.h"

namespace chipcast {
namespace {

/// Makes the table of one device's part of a mapping.
class Estimate {
 public:
  Estimate(const StreamsSetup& setup, const MappedVariant& variant, std::size_t device, Hertz fastest)
      : works_(setup.merged.devices.at(device).works),
        whole_(setup.merged.devices.at(device)),
        queues_(variant.program->devices.at(device)),
        plan_(variant.plan->devices.at(device)),
        device_(*setup.platform.devices().at(device).device),
        load_path_(setup.platform.unloaded_path(device, EngineKind::load)),
        store_path_(setup.platform.unloaded_path(device, EngineKind::store)),
        fastest_(fastest) {}

  std::vector<Remaining> table() const {
    const auto& commands = queues_.queue(EngineKind::compute);
    std::vector<Remaining> out(commands.size() + 1);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (commands[i].kind != CommandKind::compute) continue;
      const TileWork& work = works_.at(commands[i].work);
      if (work.overhead) {
        out[i].fixed = work.cycles / device_.clock();
      } else {
        out[i].cycles = work.cycles;
      }
    }
    for (std::size_t u = 0; u < plan_.units.size(); ++u) out[plan_.units[u].compute.begin].fixed += exposed(u);
    for (std::size_t i = commands.size(); i-- > 0;) {
      out[i].cycles += out[i + 1].cycles;
      out[i].fixed += out[i + 1].fixed;
    }
    return out;
  }

 private:
  Seconds transfers(EngineKind kind, const shell::CommandRange& range) const {
    const auto& commands = queues_.queue(kind);
    const bool load = kind == EngineKind::load;
    Seconds sum(0.0);
    for (auto i = range.begin; i < range.end; ++i) {
      if (commands[i].kind != (load ? CommandKind::load : CommandKind::store)) continue;
      const auto time =
          dma::transfer_time(device_.dma(kind), whole_.descriptor(commands[i]), load ? load_path_ : store_path_);
      sum += time.seconds();
    }
    return sum;
  }

  /// Time of a unit's transfers that passes beside its compute commands.
  Seconds exposed(std::size_t u) const {
    const shell::Unit& unit = plan_.units[u];
    const auto& commands = queues_.queue(EngineKind::compute);
    Seconds compute(0.0);
    for (auto i = unit.compute.begin; i < unit.compute.end; ++i) {
      if (commands[i].kind == CommandKind::compute) compute += works_.at(commands[i].work).cycles / fastest_;
    }
    const Seconds load = transfers(EngineKind::load, unit.load), store = transfers(EngineKind::store, unit.store);
    Seconds sum = std::max(Seconds(0.0), std::max(load, store) - compute);
    if (u == 0 || plan_.units[u - 1].op != unit.op) sum += load;
    if (u + 1 == plan_.units.size() || plan_.units[u + 1].op != unit.op) sum += store;
    return sum;
  }

  const std::vector<TileWork>& works_;
  const DeviceProgram& whole_;   ///< works and patterns of all programs
  const DeviceProgram& queues_;  ///< this one's commands
  const shell::DevicePlan& plan_;
  const Device& device_;
  dma::UnloadedPath load_path_, store_path_;
  Hertz fastest_;
};

}  // namespace

RemainingWork::RemainingWork(const StreamsSetup& setup, const std::vector<Hertz>& fastest) {
  for (const auto& stream : setup.streams) {
    auto& variants = tables_.emplace_back();
    for (const auto& variant : stream.variants) {
      auto& devices = variants.emplace_back();
      for (std::size_t d = 0; d < fastest.size(); ++d) {
        devices.push_back(Estimate(setup, variant, d, fastest[d]).table());
      }
    }
  }
}

Remaining RemainingWork::of(const JobAhead& job, std::size_t device, const shell::Dispatcher& dispatcher,
                            Time now) const {
  const Table& table = tables_.at(job.stream).at(job.variant).at(device);
  if (job.job == nullptr) return table.front();
  const auto running = dispatcher.computing();
  if (!running || running->job != job.job) return table.at(job.job->parts.at(device).computed);
  Remaining left = table.at(running->command + 1);
  left.fixed += (running->end - now).seconds();
  return left;
}

}  // namespace chipcast
