// SPDX-License-Identifier: Apache-2.0
#include "models/dram/cost.h"

namespace chipcast::dram {

BytesPerSecond peak_bandwidth(const Config& config) {
  return BytesPerSecond(config.mega_transfers_per_second * 1e6 * config.data_bits / 8.0);
}

BytesPerSecond stream_bandwidth(const Config& config) {
  return peak_bandwidth(config) * (1.0 - config.t_rfc / config.t_refi);
}

Time service_time(const Config& config, Bytes bytes) {
  const std::int64_t burst = std::max(1, config.data_bits / config.channels * config.burst_length / 8);
  return transfer_time(Bytes(round_up(bytes.count(), burst)), stream_bandwidth(config));
}

Time access_latency(const Config& config) {
  return Time::from_seconds(config.controller_latency + config.t_rcd + config.t_cl);
}

Time turnaround(const Config& config) { return Time::from_seconds(config.t_turnaround); }

OpenRows::OpenRows(const Config& config)
    : row_(static_cast<std::uint64_t>(config.row.count())),
      open_(static_cast<std::size_t>(config.channels) * static_cast<std::size_t>(config.banks)) {}

double OpenRows::activates(std::uint64_t address, Bytes bytes) {
  double count = 0.0;
  const std::uint64_t last =
      (address + static_cast<std::uint64_t>(std::max<std::int64_t>(1, bytes.count())) - 1) / row_;
  for (std::uint64_t row = address / row_; row <= last; ++row) {
    auto& open = open_[row % open_.size()];
    if (open != row) count += 1.0;
    open = row;
  }
  return count;
}

}  // namespace chipcast::dram
