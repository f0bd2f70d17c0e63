// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/cost.h"

namespace chipcast::interconnect {

Time service_time(const Config& config, Bytes bytes) {
  return transfer_time(Bytes(round_up(bytes.count(), config.width.count())),
                       BytesPerSecond(static_cast<double>(config.width.count()) * config.clock.count()));
}

Time latency(const Config& config) { return Time::from_seconds(config.latency / config.clock); }

}  // namespace chipcast::interconnect
