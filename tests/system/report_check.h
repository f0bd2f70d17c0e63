// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "platform/simulation.h"

namespace chipcast::system_test {

/// What every report must hold whatever was run (the invariants of the design): both tiers, conservation of work,
/// bytes and energy, and that nothing that moves data is free. Empty where all holds; call after `run`.
std::vector<std::string> problems_of(const Simulation& simulation, const Report& report);

}  // namespace chipcast::system_test
