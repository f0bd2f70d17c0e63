// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/config/field.h"
#include "workloads/tensor.h"

/// Checks of lists in configurations. They throw std::invalid_argument, for a config's validate().
namespace chipcast {

/// The list names something, and nothing twice; `what` is one of its entries in words.
template <class Enum>
void check_names(const std::vector<Enum>& names, const std::string& field, const std::string& what) {
  if (names.empty()) throw std::invalid_argument(field + " is empty; name at least one " + what);
  for (auto it = names.begin(); it != names.end(); ++it) {
    if (std::find(names.begin(), it, *it) == it) continue;
    throw std::invalid_argument(field + " names " + std::string(name_of(*it)) + " twice; keep one of them");
  }
}

/// Multipliers take the format as it is; an entry for any other would never be used.
inline void check_multiplied(DType dtype, const std::string& field) {
  const DType as = multiplied_as(dtype);
  if (as == dtype) return;
  throw std::invalid_argument(field + " names " + std::string(name_of(dtype)) + ", which runs as " +
                              std::string(name_of(as)) + "; name " + std::string(name_of(as)) + " instead");
}

}  // namespace chipcast
