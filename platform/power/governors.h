// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "models/power/governor_config.h"
#include "platform/power/domains.h"

namespace chipcast {

/// Whether a domain's operating point may change while it runs: it has some, its members run at one of them, and there
/// is a device in it whose compute commands can follow.
bool can_change_speed(const PowerDomain& domain);

/// The governor of each domain; `fixed` for domains that cannot change their speed. Throws InputError: a domain that
/// does not exist, a governor that its domain cannot follow.
std::vector<power::Governor> governors_of(const std::vector<PowerDomain>& domains, const power::Management& management);

}  // namespace chipcast
