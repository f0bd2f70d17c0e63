// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/technology/config.h"

namespace chipcast::technology {

/// Beyond it the law has no data, and chips shut down: the highest junction temperature of industrial parts.
inline constexpr double kHottestCelsius = 125.0;

/// Leakage power at a supply and a temperature over that at `reference_volts` and Config::leakage_celsius:
///   (V / V0) 10^(dibl (V - V0) / swing) 2^((T - T0) / doubling),
/// power = V I, the subthreshold current I growing with the supply as drain-induced barrier lowering takes the
/// threshold down and doubling every Config::leakage_doubling degrees. 1 at the reference. `volts` 0 leaks nothing.
double leakage_factor(const Config& config, double volts, double reference_volts, double celsius);

}  // namespace chipcast::technology
