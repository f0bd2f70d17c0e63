// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/power/config.h"

namespace chipcast::power {

/// Power into a rail that gives `out`: out / efficiency + quiescent.
Watts rail_input(const Rail& rail, Watts out);

/// Power of a load at a level (0 to 1): idle + level (full - idle).
Watts load_power(const Load& load, double level);

/// Current that a battery gives at its mean voltage, A.
double battery_current(const Battery& battery, Watts power);

/// How long a full battery lasts under an average power: Peukert's law, t = H (C / (I H))^k with the rated capacity C
/// at the rated time H, of which the usable share counts. Below the rated current the
/// whole capacity and no more; infinite at no power.
Seconds battery_life(const Battery& battery, Watts power);

}  // namespace chipcast::power
