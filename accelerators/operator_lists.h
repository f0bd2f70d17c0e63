// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "accelerators/contract.h"

namespace chipcast {

/// Why lists of classes that a device runs and of single operators that it does not rule an operator out.
inline Refusal refused_by(const std::vector<OpClass>& classes, const std::vector<std::string>& refused,
                          const OpDescription& op) {
  const auto listed = [](const auto& list, const auto& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
  };
  return !listed(classes, op.op_class) || listed(refused, op.label) ? "does not run " + op.label : "";
}

}  // namespace chipcast
