// SPDX-License-Identifier: Apache-2.0
#include "platform/machine.h"

#include <algorithm>
#include <memory>

#include "models/cache/model.h"
#include "models/interconnect/model.h"
#include "platform/memories.h"

namespace chipcast {
namespace {

/// Memories lie one behind the other in the address space; the first is as large as the program needs.
interconnect::Fabric::Setup setup_of(const Platform& platform, const Program& program) {
  interconnect::Fabric::Setup setup;
  std::uint64_t base = 0;
  for (const auto& memory : platform.memories()) {
    Bytes size = memory.law->capacity();
    if (base == 0) size = std::max(size, program.memory_footprint);
    setup.memories.push_back({.name = memory.name, .base = base, .size = static_cast<std::uint64_t>(size.count())});
    base += setup.memories.back().size;
  }
  for (std::size_t i = 0; i < program.devices.size(); ++i) {
    setup.devices.push_back(program.devices[i].device);
    setup.sockets.insert(setup.sockets.end(), {i, i});  // load and store
  }
  return setup;
}

/// The modules of one run. Members are destroyed in reverse order, before the context that they live in.
class Machine {
 public:
  Machine(const Platform& platform, const Program& program, Recorder& recorder)
      : semaphores_(program.semaphores),
        fabric_("interconnect", platform.file().interconnect, setup_of(platform, program), recorder.interconnect()) {
    for (std::size_t i = 0; i < platform.memories().size(); ++i) {
      const PlatformMemory& memory = platform.memories()[i];
      memories_.push_back(memory_type(memory.type, memory.name).make_module(memory, recorder.memory(i)));
      if (i == 0 && platform.file().system_cache) {
        cache_ = std::make_unique<cache::Model>("system_cache", *platform.file().system_cache, recorder.cache());
        fabric_.to_memory(i).bind(cache_->target);
        cache_->memory.bind(memories_.back()->target());
      } else {
        fabric_.to_memory(i).bind(memories_.back()->target());
      }
    }
    for (std::size_t i = 0; i < program.devices.size(); ++i) {
      const Device& device = *platform.devices()[i].device;
      for (const auto& [kind, kind_name] : enum_names(EngineKind{})) {
        const std::string name = program.devices[i].device + "_" + std::string(kind_name);
        engines_.push_back(
            std::make_unique<shell::Engine>(name.c_str(), shell::Engine::Setup{.device = DeviceId(i),
                                                                               .kind = kind,
                                                                               .program = program.devices[i],
                                                                               .clock = device.clock(),
                                                                               .dma = device.dma(kind),
                                                                               .semaphores = semaphores_,
                                                                               .observer = recorder}));
        if (auto* dma = engines_.back()->dma()) dma->socket.bind(fabric_.target);
      }
    }
  }

  bool finished() const {
    return std::all_of(engines_.begin(), engines_.end(), [](const auto& engine) { return engine->finished(); });
  }

  /// What waits on what.
  std::string stuck() const {
    std::string text;
    const auto add = [&text](const std::string& part) {
      if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
    };
    for (const auto& engine : engines_) {
      if (!engine->finished()) add(engine->state());
    }
    add(fabric_.state());
    if (cache_) add(cache_->state());
    for (const auto& memory : memories_) add(memory->state());
    return text;
  }

  void close(Recorder& recorder, Time end) {
    for (std::size_t i = 0; i < memories_.size(); ++i) recorder.standing(i, memories_[i]->close(end), end);
    if (cache_) recorder.set_cache_statistics(cache_->statistics());
    recorder.close(end);
  }

 private:
  shell::SemaphoreBank semaphores_;
  interconnect::Fabric fabric_;
  std::vector<std::unique_ptr<MemoryModule>> memories_;
  std::unique_ptr<cache::Model> cache_;
  std::vector<std::unique_ptr<shell::Engine>> engines_;
};

/// Latest end of any command.
Time last_end(const Recorder& recorder) {
  Time end;
  for (const auto& op : recorder.ops()) end = std::max(end, op.end);
  return end;
}

}  // namespace

MachineResult execute(const Platform& platform, const Program& program, Recorder& recorder, const RunLimits& limits,
                      const std::function<bool(Time)>& poll) {
  const SimulationContext context;
  Machine machine(platform, program, recorder);
  MachineResult result;
  result.end = run_until([&] { return machine.finished(); }, limits,
                         {.poll = poll, .progress = [&] { return recorder.commands(); }});
  result.latency = last_end(recorder);
  if (machine.finished()) {
    machine.close(recorder, result.latency);
  } else {
    result.stuck = machine.stuck();
  }
  return result;
}

}  // namespace chipcast
