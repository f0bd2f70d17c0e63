// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/platform.h"
#include "platform/power/domains.h"

namespace chipcast {

/// What a domain draws while it waits, at its configured supply and Config::leakage_celsius: leakage of its devices and
/// of the system cache, standby of its memories. What idle states save of; loads and what is always on are not in it.
Watts standing_power(const Platform& platform, const PowerDomain& domain);

}  // namespace chipcast
