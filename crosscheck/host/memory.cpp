// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/memory.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "sim/base/check.h"

namespace chipcast::crosscheck {

void make_chain(std::span<std::byte> block, std::size_t page, std::uint64_t seed) {
  const std::size_t lines = block.size() / kLine, per_page = page / kLine;
  CHIPCAST_ASSERT(lines >= 1 && per_page >= 1);
  std::mt19937_64 random(seed);
  // The order of visits; its first line is the page's own first one, so that pages join at known places.
  std::vector<std::size_t> visits;
  visits.reserve(lines);
  for (std::size_t first = 0; first < lines; first += per_page) {
    const std::size_t count = std::min(per_page, lines - first);
    for (std::size_t i = 0; i < count; ++i) visits.push_back(first + i);
    for (std::size_t i = count - 1; i > 1; --i) std::swap(visits[first + i], visits[first + 1 + random() % i]);
  }
  for (std::size_t i = 0; i < lines; ++i) {
    *reinterpret_cast<void**>(block.data() + visits[i] * kLine) = block.data() + visits[(i + 1) % lines] * kLine;
  }
}

const void* follow_chain(const void* start, std::int64_t steps) {
  const void* at = start;
  for (std::int64_t i = 0; i < steps; ++i) at = *static_cast<const void* const*>(at);
  return at;
}

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::int64_t kSteps = 20000;  // of a sample of a large block: more than caches remember of the round before

Timing chase(std::span<std::byte> block, std::size_t page, const Effort& effort) {
  make_chain(block, page, 1);
  const auto lines = static_cast<std::int64_t>(block.size() / kLine);
  const std::int64_t steps = lines <= kSteps ? std::max<std::int64_t>(1, 4096 / lines) * lines : kSteps;
  const void* at = follow_chain(block.data(), lines);
  Timing timing = time_of([&] { at = follow_chain(at, steps); }, effort);
  keep(at);
  timing.minimum = timing.minimum * (1.0 / static_cast<double>(steps));
  timing.median = timing.median * (1.0 / static_cast<double>(steps));
  return timing;
}

}  // namespace

LatencyPoint measure_latency(Pages& pages, Bytes block, const Effort& effort) {
  const auto bytes = static_cast<std::size_t>(block.count());
  CHIPCAST_ASSERT(bytes <= pages.bytes().size());
  const std::span<std::byte> part = pages.bytes().first(bytes);
  const Timing ordered = chase(part, kPage, effort), anywhere = chase(part, bytes, effort);
  return {block, ordered.minimum, anywhere.minimum, ordered.spread()};
}

StreamPoint measure_streams(Pages& pages, Bytes block, const Effort& effort) {
  const auto bytes = static_cast<std::size_t>(block.count());
  CHIPCAST_ASSERT(2 * bytes <= pages.bytes().size());
  std::byte* const first = pages.bytes().data();
  std::byte* const second = first + bytes;
  StreamPoint point{.block = block};
  const auto rate = [&](const std::function<void()>& work) {
    const Timing timing = time_of(work, effort);
    point.spread = std::max(point.spread, timing.spread());
    return block / timing.minimum;
  };
  point.read = rate([&] { read_stream(first, bytes); });
  point.write = rate([&] { write_stream(first, bytes); });
  // Two blocks of half the size: the same footprint.
  const std::size_t half = bytes / 2 / 1024 * 1024;
  const Timing copied = time_of([&] { copy_stream(second, first, std::max<std::size_t>(half, 1024)); }, effort);
  point.copy = Bytes(static_cast<std::int64_t>(std::max<std::size_t>(half, 1024))) / copied.minimum;
  point.spread = std::max(point.spread, copied.spread());
  return point;
}

std::vector<Bytes> block_sizes(Bytes least, Bytes most, int per_octave) {
  std::vector<Bytes> sizes;
  const double steps = std::log2(most / least) * per_octave;
  for (int i = 0; i <= static_cast<int>(std::floor(steps + 1e-9)); ++i) {
    const double bytes = static_cast<double>(least.count()) * std::exp2(static_cast<double>(i) / per_octave);
    sizes.emplace_back(std::max<std::int64_t>(1, std::llround(bytes / 1024.0)) * 1024);
  }
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

double lines_in_flight(BytesPerSecond rate, Seconds latency) {
  return rate.count() * latency.count() / static_cast<double>(kLine);
}

}  // namespace chipcast::crosscheck
