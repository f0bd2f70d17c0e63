// SPDX-License-Identifier: Apache-2.0
#include "models/cache/cost.h"

#include <algorithm>
#include <bit>

namespace chipcast::cache {

std::int64_t set_count(const Config& config) { return config.capacity.count() / (config.line.count() * config.ways); }

Time service_time(const Config& config, std::uint64_t address, Bytes bytes) {
  if (bytes <= Bytes(0)) return Time();
  const auto width = static_cast<std::uint64_t>(config.width.count());
  const std::uint64_t last = address + static_cast<std::uint64_t>(bytes.count()) - 1;
  return Clock(config.clock).edge(static_cast<std::int64_t>(last / width - address / width) + 1);
}

Time hit_latency(const Config& config) { return Clock(config.clock).edge(config.latency.count()); }

double cyclic_miss_rate(const Config& config, Bytes bytes) {
  const std::int64_t lines = ceil_div(bytes.count(), config.line.count());
  const std::int64_t beyond = lines - set_count(config) * config.ways;
  if (beyond <= 0) return 0.0;
  if (beyond >= set_count(config)) return 1.0;
  return static_cast<double>(beyond * (config.ways + 1)) / static_cast<double>(lines);
}

std::int64_t tag_bits_read(const Config& config, int address_bits) {
  constexpr int kState = 2;
  const auto covered = static_cast<std::uint64_t>(set_count(config) * config.line.count());
  const int tag = std::max(0, address_bits - static_cast<int>(std::bit_width(covered)) + 1);
  return std::int64_t{tag + kState} * config.ways;
}

Bytes tag_array(const Config& config, int address_bits) {
  return Bytes(ceil_div(set_count(config) * tag_bits_read(config, address_bits), std::int64_t{8}));
}

}  // namespace chipcast::cache
