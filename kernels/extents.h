// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "sim/base/check.h"

namespace chipcast::kernels {

/// Throws InputError(place, "NAME is VALUE, must be >= 1") below 1.
inline void expect_at_least_1(const char* place, std::int64_t value, const char* name) {
  if (value < 1) throw InputError(place, std::string(name) + " is " + std::to_string(value) + ", must be >= 1");
}

}  // namespace chipcast::kernels
