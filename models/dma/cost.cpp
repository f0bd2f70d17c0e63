// SPDX-License-Identifier: Apache-2.0
#include "models/dma/cost.h"

#include <algorithm>
#include <numeric>

#include "models/dma/compression.h"

namespace chipcast::dma {
namespace {

/// Calls visit(start within a burst, count) for `count` starts, `stride` apart, gathered by where in a burst they lie.
template <class Visit>
void for_each_start(std::int64_t burst, std::int64_t first, std::int64_t count, std::int64_t stride, Visit&& visit) {
  const std::int64_t period = std::min(count, burst / std::gcd(burst, stride % burst));
  for (std::int64_t i = 0; i < period; ++i) {
    visit((first + i * (stride % burst)) % burst, (count - i - 1) / period + 1);
  }
}

/// Calls visit(bus bytes, number of pieces) for the pieces of a transfer, gathered by how they lie in bursts.
template <class Visit>
void for_each_kind(const Config& config, const Descriptor& descriptor, Visit&& visit) {
  const Pattern p = merged(descriptor.pattern);
  const std::int64_t burst = config.burst.count();
  if (p.bytes() == Bytes(0)) return;
  const auto first = static_cast<std::int64_t>(descriptor.address % static_cast<std::uint64_t>(burst));
  for_each_start(burst, first, p.planes, p.plane_stride.count(), [&](std::int64_t plane, std::int64_t planes) {
    for_each_start(burst, plane, p.rows, p.row_stride.count(), [&](std::int64_t row, std::int64_t rows) {
      visit(Bytes(round_up(row + p.row.count(), burst)), planes * rows);
    });
  });
}

/// What a further piece costs before its data moves; a contiguous transfer has none.
Time row_overhead(const Config& config, const Descriptor& descriptor) {
  return merged(descriptor.pattern).contiguous() ? Time() : Time::from_seconds(config.row_overhead);
}

}  // namespace

Time pace(const Config& config, Bytes bytes, Time latency) {
  double rate = config.port.count();
  const double covered = latency.seconds().count() + config.latency.count();
  if (covered > 0.0) {
    rate = std::min(rate, config.outstanding * static_cast<double>(config.burst.count()) / covered);
  }
  return chipcast::transfer_time(bytes, BytesPerSecond(rate));
}

Time transfer_time(const Config& config, Bytes bytes, const UnloadedPath& path) {
  if (bytes <= Bytes(0)) return Time();
  const std::int64_t chunks = ceil_div(bytes.count(), config.chunk.count());
  const Bytes last(bytes.count() - (chunks - 1) * config.chunk.count());
  // All chunks but the last are equal.
  const auto step = [&](Bytes part) {
    const Chunk chunk = Chunks(config, {.pattern = contiguous(part)}).next();
    return std::max(path.slowest_service(chunk.bus_bytes), pace(config, chunk, path.latency));
  };
  const Time before = chunks > 1 ? step(config.chunk) * (chunks - 1) : Time();
  return before + step(last) + path.latency;
}

Bytes bus_bytes(const Config& config, const Descriptor& descriptor) {
  Bytes sum;
  for_each_kind(config, descriptor, [&](Bytes bytes, std::int64_t pieces) { sum += bytes * pieces; });
  return sum;
}

BytesPerSecond bandwidth(const Config& config, const Descriptor& descriptor, Time latency) {
  const Time overhead = row_overhead(config, descriptor);
  Time sum;
  for_each_kind(config, descriptor, [&](Bytes bytes, std::int64_t pieces) {
    sum += std::max(pace(config, bytes, latency), overhead) * pieces;
  });
  return sum == Time() ? BytesPerSecond(0.0) : Bytes(descriptor.pattern.bytes()) / sum.seconds();
}

Time pace(const Config& config, const Chunk& chunk, Time latency) {
  Time least = std::max(pace(config, chunk.bus_bytes, latency), Time::from_seconds(config.row_overhead) * chunk.rows);
  if (config.compression.scheme != Scheme::none) least = std::max(least, codec_time(config.compression, chunk.bytes));
  return least;
}

Time transfer_time(const Config& config, const Descriptor& descriptor, const UnloadedPath& path) {
  if (config.packed || merged(descriptor.pattern).contiguous()) {
    return transfer_time(config, descriptor.pattern.bytes(), path);
  }
  Time sum;
  for (Chunks chunks(config, descriptor); !chunks.done();) {
    const Chunk chunk = chunks.next();
    sum += std::max(path.slowest_service(chunk.bus_bytes), pace(config, chunk, path.latency));
  }
  return sum == Time() ? Time() : sum + path.latency;
}

}  // namespace chipcast::dma
