// SPDX-License-Identifier: Apache-2.0
#include "platform/power/standing_parts.h"

#include "models/power/supply.h"
#include "platform/power/operating_point.h"
#include "sim/base/check.h"

namespace chipcast {

std::vector<StandingPart> standing_parts(const Platform& platform, const std::vector<PowerDomain>& domains) {
  std::vector<StandingPart> out;
  const PlatformFile& file = platform.file();
  const auto add = [&](StandingPart part) {
    const auto domain = domain_of_component(domains, part.component);
    CHIPCAST_ASSERT(domain.has_value());
    part.domain = *domain;
    out.push_back(std::move(part));
  };
  for (const auto& device : platform.devices()) {
    add({.component = device.name + ".static",
         .action = "leakage",
         .power = device.device->static_power(),
         .leaks = true,
         .sleeps = true});
  }
  if (file.system_cache) {
    add({.component = "system_cache",
         .action = "leakage",
         .power = file.system_cache->static_power,
         .leaks = true,
         .nominal = true,
         .sleeps = true});
  }
  if (file.always_on > Watts(0.0)) add({.component = "always_on", .action = "power", .power = file.always_on});
  for (std::size_t i = 0; i < platform.memories().size(); ++i) {
    const PlatformMemory& memory = platform.memories()[i];
    add({.component = memory.name,
         .action = {},
         .power = memory.law->idle_power(),
         .leaks = follows_supply(memory),
         .nominal = true,
         .sleeps = true,
         .memory = i});
  }
  if (file.power.board > Watts(0.0)) {
    add({.component = "board", .action = "power", .power = file.power.board, .warms = false});
  }
  for (const auto& [name, load] : file.power.loads) {
    const Watts power = power::load_power(load, load.level);
    if (power > Watts(0.0)) add({.component = name, .action = "power", .power = power});
  }
  return out;
}

}  // namespace chipcast
