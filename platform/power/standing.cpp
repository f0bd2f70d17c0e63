// SPDX-License-Identifier: Apache-2.0
#include "platform/power/standing.h"

#include "platform/power/standing_parts.h"

namespace chipcast {

std::vector<Watts> standing_power(const Platform& platform, const std::vector<PowerDomain>& domains) {
  std::vector<Watts> out(domains.size());
  for (const auto& part : standing_parts(platform, domains)) {
    if (part.sleeps) out.at(part.domain) += part.power;
  }
  return out;
}

}  // namespace chipcast
