// SPDX-License-Identifier: Apache-2.0
#include "platform/machine.h"

#include <algorithm>
#include <memory>

#include "models/dram/model.h"
#include "models/interconnect/model.h"

namespace chipcast {
namespace {

/// The modules of one run. Members are destroyed in reverse order, before the context that they live in.
class Machine {
 public:
  Machine(const Platform& platform, const Program& program, Recorder& recorder)
      : semaphores_(program.semaphores),
        memory_("memory", platform.memory(), recorder.memory()),
        bus_("bus", platform.file().interconnect,
             {{.base = 0,
               .size =
                   static_cast<std::uint64_t>(std::max(platform.memory().capacity, program.memory_footprint).count())}},
             recorder.bus()) {
    bus_.to_memory(0).bind(memory_.socket);
    for (std::size_t i = 0; i < program.devices.size(); ++i) {
      const Device& device = *platform.devices()[i].device;
      for (const auto& [kind, kind_name] : enum_names(EngineKind{})) {
        const std::string name = program.devices[i].device + "_" + std::string(kind_name);
        engines_.push_back(
            std::make_unique<shell::Engine>(name.c_str(), shell::Engine::Setup{.device = DeviceId(i),
                                                                               .kind = kind,
                                                                               .program = program.devices[i],
                                                                               .clock = device.clock(),
                                                                               .dma = device.dma(),
                                                                               .semaphores = semaphores_,
                                                                               .observer = recorder}));
        if (auto* dma = engines_.back()->dma()) dma->socket.bind(bus_.target);
      }
    }
  }

  bool finished() const {
    return std::all_of(engines_.begin(), engines_.end(), [](const auto& engine) { return engine->finished(); });
  }

  std::string stuck() const {
    std::string text;
    for (const auto& engine : engines_) {
      if (!engine->finished()) text += (text.empty() ? "" : "; ") + engine->state();
    }
    return text;
  }

 private:
  shell::SemaphoreBank semaphores_;
  dram::Model memory_;
  interconnect::Bus bus_;
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
  result.end = run_until([&] { return machine.finished(); }, limits, poll);
  result.latency = last_end(recorder);
  if (machine.finished()) {
    recorder.close(result.latency);
  } else {
    result.stuck = machine.stuck();
  }
  return result;
}

}  // namespace chipcast
