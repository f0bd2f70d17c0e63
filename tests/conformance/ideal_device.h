// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"

namespace chipcast::conformance {

/// The simplest device that keeps the contract: runs everything at one rate, holds any tile, starts at once, and
/// pays one energy per multiply-accumulate. Shows what a new device has to answer, and that nothing else has to
/// change for it.
DeviceType ideal_device_type();

}  // namespace chipcast::conformance
