// SPDX-License-Identifier: Apache-2.0
#include "platform/device_slots.h"

#include <algorithm>

#include "models/dma/cost.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

DeviceSlot slot_of(const Platform& platform, std::size_t index) {
  const PlatformDevice& device = platform.devices()[index];
  return {.name = device.name,
          .device = device.device.get(),
          .kind = device.kind,
          .transfer =
              [device = device.device.get(), in = platform.unloaded_path(index, EngineKind::load),
               out = platform.unloaded_path(index, EngineKind::store)](EngineKind engine, Bytes bytes) {
                return dma::transfer_time(device->dma(engine), bytes, engine == EngineKind::store ? out : in);
              },
          .transfer_energy = [&platform](EngineKind engine,
                                         Bytes bytes) { return platform.transfer_energy(engine, bytes); }};
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
