// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/base/units.h"

namespace chipcast::crosscheck {

/// What was done: multiply-accumulates and the bytes that crossed a device's port.
struct WorkCounts {
  Ops macs{};
  Bytes loaded{}, stored{};
};

}  // namespace chipcast::crosscheck
