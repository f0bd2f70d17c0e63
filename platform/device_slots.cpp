// SPDX-License-Identifier: Apache-2.0
#include "platform/device_slots.h"

#include <algorithm>

#include "mappers/tiling/memo.h"
#include "models/dma/transfer_times.h"
#include "sim/base/check.h"
#include "sim/config/writer.h"

namespace chipcast {
namespace {

/// All that Platform::unloaded_path and the device's engines have in them; empty where nobody remembers.
std::string transfer_law(const Platform& platform, std::size_t index) {
  if (!tiling::remembers_searches()) return {};
  const PlatformDevice& device = platform.devices()[index];
  const PlatformFile& file = platform.file();
  const PlatformMemory& memory = platform.memory();
  Json law = Json::array(
      {device.name, platform.topology().hops(index, 0), write_value(file.interconnect), memory.type, memory.resolved});
  for (const EngineKind engine : {EngineKind::load, EngineKind::store}) {
    law.push_back(write_value(device.device->dma(engine)));
  }
  if (file.system_cache) law.push_back(write_value(*file.system_cache));
  return law.dump();
}

DeviceSlot slot_of(const Platform& platform, std::size_t index) {
  const PlatformDevice& device = platform.devices()[index];
  const auto times = [&](EngineKind engine) {
    return std::make_shared<const dma::TransferTimes>(device.device->dma(engine),
                                                      platform.unloaded_path(index, engine));
  };
  return {.name = device.name,
          .device = device.device.get(),
          .kind = device.kind,
          .transfer = [in = times(EngineKind::load), out = times(EngineKind::store)](
                          EngineKind engine, Bytes bytes) { return (engine == EngineKind::store ? *out : *in)(bytes); },
          .transfer_energy = [&platform](EngineKind engine,
                                         Bytes bytes) { return platform.transfer_energy(engine, bytes); },
          .transfer_law = transfer_law(platform, index),
          .device_law = device.law};
}

}  // namespace

std::vector<DeviceSlot> device_slots(const Platform& platform, const std::vector<std::string>& wanted) {
  std::vector<std::string> known;
  for (const auto& device : platform.devices()) known.push_back(device.name);
  for (const auto& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw InputError("devices", "the platform has no device " + in_quotes(name) + suggestion(name, known));
    }
  }
  std::vector<DeviceSlot> slots;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), known[i]) != wanted.end()) {
      slots.push_back(slot_of(platform, i));
    }
  }
  return slots;
}

}  // namespace chipcast
