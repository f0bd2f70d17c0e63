// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/streams.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"

namespace chipcast::cpu {
namespace {

StreamRate slower(const StreamRate& a, const StreamRate& b) { return b.rate < a.rate ? b : a; }

/// Reads and writes take turns; the slower one names the bound.
StreamRate in_turns(const StreamRate& a, const StreamRate& b) {
  StreamRate out = slower(a, b);
  out.rate = BytesPerSecond(1.0 / (1.0 / a.rate.count() + 1.0 / b.rate.count()));
  return out;
}

/// One direction, as far as cores and caches allow.
struct Direction {
  BytesPerCycle width;
  int lines;
  Bound bound;
};

StreamRate one_way(const Config& config, const Direction& way, int cores, std::size_t source, Seconds latency) {
  const auto in_flight = [&](double lines) {
    return BytesPerSecond(lines * static_cast<double>(config.line.count()) / latency.count());
  };
  StreamRate out{way.width * config.clock * cores, Bound::core_width, 0};
  out = slower(out, {in_flight(static_cast<double>(way.lines) * cores), way.bound, 0});
  for (std::size_t i = 0; i < config.caches.size() && i <= source; ++i) {
    const CacheLevel& cache = config.caches[i];
    out = slower(out, {cache.bandwidth * config.clock * cores, Bound::cache_bandwidth, i});
    if (cache.shared && cache.total_bandwidth > BytesPerCycle(0)) {
      out = slower(out, {cache.total_bandwidth * config.clock, Bound::cache_bandwidth, i});
    }
    if (i == source || cache.outstanding == 0) continue;
    const double queues = cache.shared ? 1.0 : cores;
    out = slower(out, {in_flight(cache.outstanding * queues), Bound::cache_queue, i});
  }
  return out;
}

StreamRate through(const StreamRate& inside, Stream stream, bool reads_first, const MemoryPath& path) {
  const double in = (stream == Stream::write ? 0.0 : 1.0) + (stream != Stream::read && reads_first ? 1.0 : 0.0);
  const double out = stream == Stream::read ? 0.0 : 1.0;
  const double crossings = path.duplex ? std::max(in, out) : in + out;
  return slower(inside, {BytesPerSecond(path.bandwidth.count() / crossings), Bound::path, 0});
}

}  // namespace

StreamRate stream_rate(const Config& config, Stream stream, int cores, std::size_t source, const MemoryPath& path) {
  CHIPCAST_ASSERT(cores >= 1 && source <= config.caches.size());
  const bool memory = source == config.caches.size();
  Seconds latency = memory ? path.latency : Seconds(0.0);
  if (!config.caches.empty()) {
    latency = latency + config.caches[std::min(source, config.caches.size() - 1)].latency / config.clock;
  }
  latency = std::max(latency, Cycles(1) / config.clock);
  const Core& core = config.core;
  const StreamRate read =
      one_way(config, {core.load_width, core.outstanding_misses, Bound::misses}, cores, source, latency);
  StreamRate out = read;
  if (stream != Stream::read) {
    out = one_way(config, {core.store_width, core.outstanding_writes, Bound::writes}, cores, source, latency);
    if (!core.write_streaming && memory) out = in_turns(read, out);
    if (stream == Stream::copy) out = in_turns(read, out);
  }
  return memory ? through(out, stream, !core.write_streaming, path) : out;
}

std::vector<CacheRate> cache_rates(const Config& config) {
  std::vector<CacheRate> rates;
  for (std::size_t source = 1; source < config.caches.size(); ++source) {
    const auto per_cycle = [&](Stream stream) {
      return stream_rate(config, stream, config.cores, source, {}).rate / config.clock;
    };
    rates.push_back({per_cycle(Stream::read).count(), per_cycle(Stream::write).count()});
  }
  return rates;
}

Cycles cache_cycles(const std::vector<CacheRate>& rates, Bytes in, Bytes out) {
  double most = 0.0;
  for (const CacheRate& rate : rates) {
    most = std::max(most, static_cast<double>(in.count()) / rate.read + static_cast<double>(out.count()) / rate.write);
  }
  return whole_cycles(Quantity<kCycle, double>(most));
}

Cycles overlapped(const Core& core, Cycles a, Cycles b) {
  const Cycles longer = std::max(a, b), shorter = std::min(a, b);
  return longer + whole_cycles(Quantity<kCycle, double>((1.0 - core.overlap) * static_cast<double>(shorter.count())));
}

int lines_in_flight(const Config& config, int per_core) {
  std::int64_t lines = std::int64_t{per_core} * config.cores;
  for (const CacheLevel& cache : config.caches) {
    if (cache.outstanding > 0) {
      lines = std::min(lines, std::int64_t{cache.outstanding} * (cache.shared ? 1 : config.cores));
    }
  }
  return static_cast<int>(std::min<std::int64_t>(lines, 4096));
}

}  // namespace chipcast::cpu
