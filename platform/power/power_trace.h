// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/power/meter.h"
#include "sim/ledger/ledger.h"
#include "sim/trace/trace.h"

namespace chipcast {

/// Draws power over time into a trace: a counter "power" of everything, below it one of each domain that draws any, in
/// W, and one of each thermal node, in degrees Celsius.
void draw_power(Trace& trace, const Platform& platform, const Meter& meter, const PowerSeries& total);

}  // namespace chipcast
