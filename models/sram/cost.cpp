// SPDX-License-Identifier: Apache-2.0
#include "models/sram/cost.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/base/check.h"

namespace chipcast::sram {

Spread::Spread(const Config& config, std::uint64_t address, Bytes bytes) : banks_(config.banks) {
  CHIPCAST_ASSERT(bytes >= Bytes(0));
  if (bytes == Bytes(0)) return;
  const auto width = static_cast<std::uint64_t>(config.width.count());
  const auto block = static_cast<std::uint64_t>(config.interleave.count());
  const std::uint64_t last = address + static_cast<std::uint64_t>(bytes.count()) - 1;
  per_block_ = config.interleave.count() / config.width.count();
  blocks_ = static_cast<std::int64_t>(last / block - address / block) + 1;
  parts_ = std::min(banks_, blocks_);
  first_bank_ = static_cast<std::int64_t>(address / block % static_cast<std::uint64_t>(banks_));
  before_ = static_cast<std::int64_t>(address % block / width);
  behind_ = per_block_ - 1 - static_cast<std::int64_t>(last % block / width);
  total_ = static_cast<std::int64_t>(last / width - address / width) + 1;
}

std::int64_t Spread::accesses(std::int64_t part) const {
  std::int64_t count = ceil_div(blocks_ - part, banks_) * per_block_;
  if (part == 0) count -= before_;
  if (part == (blocks_ - 1) % banks_) count -= behind_;
  return count;
}

std::int64_t Spread::most() const {
  if (parts_ == 0) return 0;
  // Of the banks with whole blocks only, the earlier ones have no fewer; besides them the two ends matter.
  std::int64_t most = std::max(accesses(0), accesses((blocks_ - 1) % banks_));
  for (std::int64_t part = 1; part < std::min<std::int64_t>(parts_, 3); ++part) most = std::max(most, accesses(part));
  return most;
}

BytesPerSecond stream_bandwidth(const Config& config) {
  return config.width * config.clock * (std::int64_t{config.banks} * config.ports);
}

double strided_accesses_per_cycle(const Config& config, Bytes stride) {
  CHIPCAST_ASSERT(stride > Bytes(0));
  const std::int64_t round = config.interleave.count() * config.banks;
  const std::int64_t step = std::gcd(stride.count(), round);
  const std::int64_t in_one_bank = ceil_div(config.interleave.count(), step);
  return config.ports * static_cast<double>(round / step) / static_cast<double>(in_one_bank);
}

Cycles service_cycles(const Config& config, std::uint64_t address, Bytes bytes) {
  return Cycles(ceil_div(Spread(config, address, bytes).most(), std::int64_t{config.ports}));
}

Time service_time(const Config& config, std::uint64_t address, Bytes bytes) {
  return Clock(config.clock).edge(service_cycles(config, address, bytes).count());
}

Time least_service(const Config& config, Bytes bytes) { return transfer_time(bytes, stream_bandwidth(config)); }

Time latency(const Config& config) { return Clock(config.clock).edge(config.latency.count()); }

double dropped_throughput(const Config& config, int requesters) {
  // E[min(X, p)] = p - sum over x < p of (p - x) P(X = x).
  const double hit = 1.0 / config.banks, banks = config.banks;
  double mean = config.ports;
  for (int x = 0; x < config.ports && x <= requesters; ++x) {
    const double ways = std::lgamma(requesters + 1.0) - std::lgamma(x + 1.0) - std::lgamma(requesters - x + 1.0);
    const double miss = x == requesters ? 1.0 : std::pow(1.0 - hit, requesters - x);
    mean -= (config.ports - x) * std::exp(ways) * std::pow(hit, x) * miss;
  }
  return banks * mean;
}

double queued_throughput(int banks, int requesters) {
  const double b = banks, k = requesters, s = b + k - 0.5;
  return s - std::sqrt(s * s - 2.0 * b * k);
}

Bytes switched_bytes(const Config& config, std::uint64_t address, Bytes bytes) {
  return Bytes(Spread(config, address, bytes).total() * config.width.count());
}

Bytes array_size(const Config& config) { return Bytes(config.capacity.count() / config.banks); }

}  // namespace chipcast::sram
