// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/technology/config.h"

namespace chipcast::technology {

/// Leakage power at a supply and a temperature over that at `reference_volts` and Config::leakage_celsius: grows with
/// the voltage (power = V I, I through drain-induced barrier lowering) and doubles every Config::leakage_doubling
/// degrees. 1 at the reference.
double leakage_factor(const Config& config, double volts, double reference_volts, double celsius);

}  // namespace chipcast::technology
