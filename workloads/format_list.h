// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>

#include "sim/config/field.h"
#include "workloads/tensor.h"

namespace chipcast {

/// Lists keyed by number format name each format once. Throws std::invalid_argument, for a config's validate().
template <class Entries>
void refuse_repeated(const Entries& entries, const std::string& field) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (entries[i].dtype == entries[j].dtype) {
        throw std::invalid_argument(field + " names " + std::string(name_of(entries[i].dtype)) +
                                    " twice; keep one of them");
      }
    }
  }
}

}  // namespace chipcast
