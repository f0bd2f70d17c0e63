// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "platform/platform.h"
#include "platform/power/meter.h"
#include "sim/ledger/ledger.h"

namespace chipcast {

/// What a rail takes and what it passes on, over a run: in = out / efficiency + quiescent power, in each window.
struct RailTotals {
  std::string name;
  Joules in, loss;           ///< loss: what no domain gets
  std::vector<double> in_j;  ///< by window
};

std::vector<RailTotals> rail_totals(const Platform& platform, const Meter& meter);

/// Power of all domains together, before the losses of rails.
PowerSeries domain_power(const Meter& meter);
/// Adds the losses of rails, in the meter's windows.
void add_losses(PowerSeries& power, const Platform& platform, const Meter& meter);

}  // namespace chipcast
