// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/cost.h"

namespace chipcast::interconnect {

Time service_time(const Config& config, Bytes bytes) {
  return transfer_time(Bytes(round_up(bytes.count(), config.width.count())),
                       BytesPerSecond(static_cast<double>(config.width.count()) * config.clock.count()));
}

Time hop_latency(const Config& config) { return Time::from_seconds(config.hop_latency / config.clock); }

Time latency(const Config& config, std::int64_t hops) {
  return Time::from_seconds(config.latency / config.clock) + hop_latency(config) * hops;
}

Port port_of(const Config& config, const std::string& device) {
  for (const auto& [name, port] : config.ports) {
    if (name == device) return port;
  }
  return {};
}

Time cap_interval(const Port& port, Bytes bytes) {
  return port.bandwidth > BytesPerSecond(0.0) ? transfer_time(bytes, port.bandwidth) : Time();
}

}  // namespace chipcast::interconnect
