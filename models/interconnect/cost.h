// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/interconnect/config.h"
#include "sim/base/time.h"

namespace chipcast::interconnect {

/// Time that a link is busy with `bytes`: whole beats at width * clock.
Time service_time(const Config& config, Bytes bytes);

/// (latency + hops * hop_latency) / clock, each rounded to a picosecond.
Time latency(const Config& config, std::int64_t hops = 0);

/// hop_latency / clock.
Time hop_latency(const Config& config);

/// Quality of service of a device; the default where none is given.
Port port_of(const Config& config, const std::string& device);

/// Time between two transfers of `bytes` that a cap on bandwidth leaves; 0 without a cap.
Time cap_interval(const Port& port, Bytes bytes);

}  // namespace chipcast::interconnect
