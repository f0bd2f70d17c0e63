// SPDX-License-Identifier: Apache-2.0
#include "platform/power/standing.h"

namespace chipcast {

Watts standing_power(const Platform& platform, const PowerDomain& domain) {
  Watts sum;
  for (const std::size_t device : domain.devices) sum += platform.devices().at(device).device->static_power();
  for (const std::size_t memory : domain.memories) sum += platform.memories().at(memory).law->idle_power();
  if (domain.interconnect && platform.file().system_cache) sum += platform.file().system_cache->static_power;
  return sum;
}

}  // namespace chipcast
