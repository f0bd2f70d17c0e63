// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/interconnect/config.h"
#include "sim/base/time.h"

namespace chipcast::interconnect {

/// Time that the bus is busy with `bytes`: whole beats at width * clock.
Time service_time(const Config& config, Bytes bytes);

/// latency / clock.
Time latency(const Config& config);

}  // namespace chipcast::interconnect
