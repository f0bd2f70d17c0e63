// SPDX-License-Identifier: Apache-2.0
#include "platform/machine.h"

#include <algorithm>
#include <memory>

#include "platform/memory_system.h"

namespace chipcast {
namespace {

MemorySystem::Observers observers_of(const Platform& platform, Recorder& recorder) {
  MemorySystem::Observers out{recorder.interconnect(), recorder.cache(), {}};
  for (std::size_t i = 0; i < platform.memories().size(); ++i) out.memories.push_back(&recorder.memory(i));
  return out;
}

/// The modules of one run. Members are destroyed in reverse order, before the context that they live in.
class Machine {
 public:
  Machine(const Platform& platform, const Program& program, Recorder& recorder)
      : semaphores_(program.semaphores),
        memories_(platform, program.memory_footprint, observers_of(platform, recorder)) {
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
        if (auto* dma = engines_.back()->dma()) memories_.connect(*dma);
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
    for (const auto& part : memories_.state()) add(part);
    return text;
  }

  void close(Recorder& recorder, Time end) { memories_.close(recorder, end); }

 private:
  shell::SemaphoreBank semaphores_;
  MemorySystem memories_;
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
