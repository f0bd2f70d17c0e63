// SPDX-License-Identifier: Apache-2.0
#include "models/dram/board_config.h"

#include "models/dram/controller.h"
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
  return {.channels = config.channels,
          .order = config.order,
          .hash = config.hash,
          .queue = config.queue,
          .controller = config.controller};
}

Bytes capacity(const BoardConfig& config) {
  return standard_of(config).organisation.capacity() * std::int64_t{config.channels};
}

BytesPerSecond peak_bandwidth(const BoardConfig& config) {
  return standard_of(config).peak() * static_cast<double>(config.channels);
}

namespace {

/// A span of so many cycles that begins at any edge: the edges' rounding may make it a picosecond shorter.
Time span(const Clock& clock, std::int64_t cycles) { return cycles <= 0 ? Time() : clock.edge(cycles) - Time::ps(1); }

}  // namespace

LowerBounds::LowerBounds(const BoardConfig& config) : clock_(Hertz(1.0)), channels_(config.channels) {
  const Standard s = standard_of(config);
  const Timing& t = s.timing;
  clock_ = Clock(s.clock);
  burst_bytes_ = s.organisation.burst_bytes();
  burst_cycles_ = t[Param::ccd_s];
  posted_ = Bytes(burst_bytes_ * channels_ * config.controller.write_queue);
  const Time controller = Time::from_seconds(config.controller_latency);
  read_latency_ = controller + span(clock_, t[Param::rl] + t[Param::dqsck]);
  write_latency_ = controller + span(clock_, t[Param::wl] + t[Param::dqss]);
}

Time LowerBounds::least_service(Bytes bytes) const {
  if (bytes.count() <= 0) return {};
  // Whole channel-cycles, rounded down to picoseconds: a sum of services must not gain by rounding.
  return Time::ps(span(clock_, ceil_div(bytes.count(), burst_bytes_) * burst_cycles_).ps() / channels_);
}

}  // namespace chipcast::dram
