// SPDX-License-Identifier: Apache-2.0
#include "models/dram/board_config.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast::dram {

void BoardConfig::validate() const {
  try {
    const Standard s = standard_of(*this);
    const MemoryConfig memory = memory_config_of(*this);
    checked(controller, s);
    AddressMap(s.organisation, channels, memory.order.empty() ? usual_order(s.organisation) : memory.order, hash);
  } catch (const InputError& e) {
    throw std::invalid_argument(e.what());
  }
}

Standard standard_of(const BoardConfig& config) {
  return find_standard(config.standard, {.channel_bits = config.channel_bits,
                                         .device_bits = config.device_bits,
                                         .ranks = config.ranks,
                                         .gigabits = config.gigabits,
                                         .mega_transfers = config.mega_transfers});
}

MemoryConfig memory_config_of(const BoardConfig& config) {
  return {.channels = config.channels, .order = config.order, .hash = config.hash, .controller = config.controller};
}

Bytes capacity(const BoardConfig& config) {
  return standard_of(config).organisation.capacity() * std::int64_t{config.channels};
}

BytesPerSecond peak_bandwidth(const BoardConfig& config) {
  return standard_of(config).peak() * static_cast<double>(config.channels);
}

LowerBounds::LowerBounds(const BoardConfig& config) : clock_(Hertz(1.0)) {
  const Standard s = standard_of(config);
  clock_ = Clock(s.clock);
  burst_bytes_ = s.organisation.burst_bytes();
  burst_cycles_ = s.timing[Param::ccd_s];
  channels_ = config.channels;
  posted_ = Bytes(burst_bytes_ * channels_ * config.controller.write_queue);
  controller_ = Time::from_seconds(config.controller_latency);
  latency_ = controller_ + at_least(s.timing[Param::rl] + s.timing[Param::dqsck] + s.timing[Param::bl]);
}

/// A span of so many cycles between two clock edges may be a picosecond shorter than counted from time zero.
Time LowerBounds::at_least(std::int64_t cycles) const {
  return cycles <= 0 ? Time() : clock_.edge(cycles) - Time::ps(1);
}

Time LowerBounds::least_service(Bytes bytes) const {
  if (bytes.count() <= 0) return {};
  return at_least(ceil_div(ceil_div(bytes.count(), burst_bytes_), channels_) * burst_cycles_);
}

Time LowerBounds::least_read(Bytes bytes) const {
  const std::int64_t per_channel =
      ceil_div(ceil_div(std::max<std::int64_t>(1, bytes.count()), burst_bytes_), channels_);
  return latency_ + at_least((per_channel - 1) * burst_cycles_);
}

Time LowerBounds::least_write(Bytes bytes) const { return controller_ + least_service(bytes - posted_); }

Time least_service(const BoardConfig& config, Bytes bytes) { return LowerBounds(config).least_service(bytes); }

Time least_latency(const BoardConfig& config) { return LowerBounds(config).least_latency(); }

}  // namespace chipcast::dram
