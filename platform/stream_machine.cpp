// SPDX-License-Identifier: Apache-2.0
#include "platform/stream_machine.h"

#include <memory>

#include "platform/job_source.h"
#include "platform/power/manager.h"

namespace chipcast {
namespace {

/// The modules of one run. Members are destroyed in reverse order, before the context that they live in.
class StreamMachine {
 public:
  StreamMachine(const StreamsSetup& setup, StreamBooks& books)
      : memories_(setup.platform, setup.footprint, books.observers()), source_("jobs", setup, fleet_, books) {
    if (setup.power) {
      power_ = std::make_unique<PowerManager>("power_manager", setup, fleet_, source_);
      source_.on_change = [this] { source_.finished() ? power_->finish() : power_->jobs_changed(); };
    }
    for (std::size_t i = 0; i < setup.platform.devices().size(); ++i) {
      const PlatformDevice& entry = setup.platform.devices()[i];
      const Device& device = *entry.device;
      dispatchers_.push_back(std::make_unique<shell::Dispatcher>(
          (entry.name + "_dispatcher").c_str(), shell::Dispatcher::Setup{.device = DeviceId(i),
                                                                         .program = setup.merged.devices.at(i),
                                                                         .clock = device.clock(),
                                                                         .load = device.dma(EngineKind::load),
                                                                         .store = device.dma(EngineKind::store),
                                                                         .preemption = setup.preemption,
                                                                         .observer = books,
                                                                         .fleet = fleet_,
                                                                         .pace = power_.get()}));
      memories_.connect(dispatchers_.back()->load_port());
      memories_.connect(dispatchers_.back()->store_port());
      fleet_.devices.push_back(dispatchers_.back().get());
    }
  }

  JobSource& source() { return source_; }
  MemorySystem& memories() { return memories_; }
  std::vector<std::string> warnings() const { return power_ ? power_->warnings() : std::vector<std::string>{}; }

  std::string stuck() const {
    std::string text = source_.state();
    for (const auto& dispatcher : dispatchers_) {
      if (!dispatcher->idle()) text += "; " + dispatcher->state();
    }
    for (const auto& part : memories_.state()) text += part.empty() ? "" : "; " + part;
    return text;
  }

  std::vector<shell::Dispatcher::Statistics> statistics() const {
    std::vector<shell::Dispatcher::Statistics> out;
    for (const auto& dispatcher : dispatchers_) out.push_back(dispatcher->statistics());
    return out;
  }

 private:
  MemorySystem memories_;
  shell::Fleet fleet_;
  JobSource source_;
  std::unique_ptr<PowerManager> power_;
  std::vector<std::unique_ptr<shell::Dispatcher>> dispatchers_;
};

}  // namespace

StreamsRun execute(const StreamsSetup& setup, StreamBooks& books) {
  const SimulationContext context;
  StreamMachine machine(setup, books);
  std::function<bool(Time)> poll;
  if (setup.progress) poll = [&](Time) { return setup.progress(machine.source().share()); };
  StreamsRun run;
  run.end = run_until([&] { return machine.source().finished(); }, setup.limits,
                      {.poll = poll, .progress = [&] { return books.commands() + machine.source().records().size(); }});
  run.jobs = std::move(machine.source().records());
  run.devices = machine.statistics();
  run.last_end = machine.source().last_end();
  run.warnings = machine.warnings();
  if (!machine.source().finished()) {
    run.stuck = machine.stuck();
  } else {
    books.close(machine.memories(), run.last_end);
  }
  return run;
}

}  // namespace chipcast
