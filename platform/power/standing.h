// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "platform/platform.h"
#include "platform/power/domains.h"

namespace chipcast {

/// What each domain draws while it waits and idle states can save, by domain: leakage of devices and of the system
/// cache at the configured supply and Config::leakage_celsius, standby of memories. Loads and what is always on are not
/// in it.
std::vector<Watts> standing_power(const Platform& platform, const std::vector<PowerDomain>& domains);

}  // namespace chipcast
