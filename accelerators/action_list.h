// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/ledger/ledger.h"

namespace chipcast {

/// Adds an action to a device's list; its index, by which activity names it.
inline std::uint32_t add_action(std::vector<ActionSpec>& actions, const std::string& component,
                                const std::string& action, Joules each) {
  actions.push_back({component, action, each});
  return static_cast<std::uint32_t>(actions.size() - 1);
}

}  // namespace chipcast
