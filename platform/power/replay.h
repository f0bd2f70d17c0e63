// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <utility>
#include <vector>

#include "platform/power/meter.h"
#include "sim/ledger/ledger.h"

namespace chipcast {

/// Spans in which a device worked, in any order; they may overlap.
using BusySpans = std::vector<std::pair<Time, Time>>;

/// Meters a run that nobody managed, after it has ended, from its ledger and `busy` of each device: domains work or
/// wait. Those of the memory that tensors live in and of the interconnect work while any device does; what is always
/// on works all the time.
void replay(Meter& meter, const Platform& platform, const Ledger& ledger, const std::vector<BusySpans>& busy, Time end);

}  // namespace chipcast
