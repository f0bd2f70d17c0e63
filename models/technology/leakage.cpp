// SPDX-License-Identifier: Apache-2.0
#include "models/technology/leakage.h"

#include <cmath>

#include "sim/base/check.h"

namespace chipcast::technology {

double leakage_factor(const Config& config, double volts, double reference_volts, double celsius) {
  CHIPCAST_ASSERT(reference_volts > 0.0 && volts >= 0.0);
  const double decades = config.dibl * (volts - reference_volts) / config.subthreshold_swing;
  const double doublings = (celsius - config.leakage_celsius) / config.leakage_doubling;
  return volts / reference_volts * std::pow(10.0, decades) * std::exp2(doublings);
}

}  // namespace chipcast::technology
