// SPDX-License-Identifier: Apache-2.0
#include "models/power/supply.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/base/check.h"

namespace chipcast::power {

Watts rail_input(const Rail& rail, Watts out) { return out / rail.efficiency + rail.quiescent; }

Watts load_power(const Load& load, double level) {
  CHIPCAST_ASSERT(level >= 0.0 && level <= 1.0);
  return load.idle + level * (load.full - load.idle);
}

double battery_current(const Battery& battery, Watts power) { return power.count() / battery.volts; }

Seconds battery_life(const Battery& battery, Watts power) {
  if (!(power > Watts(0.0))) return Seconds(std::numeric_limits<double>::infinity());
  const double rated_current = battery.capacity_mah / 1000.0 / battery.rated_hours;
  const double ratio = rated_current / battery_current(battery, power);
  const double hours = battery.rated_hours * ratio * std::min(1.0, std::pow(ratio, battery.peukert - 1.0));
  return Seconds(3600.0 * battery.usable * hours);
}

}  // namespace chipcast::power
