// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/machine.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "kernels/threads/pool.h"

namespace chipcast::crosscheck {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos && (line.starts_with("model name") || line.starts_with("Model"))) {
      return line.substr(colon + 2);
    }
  }
  return "this machine";
}

Bytes largest_block(const MachineOptions& options, const std::vector<HostCache>& caches) {
  if (options.largest_block > Bytes(0)) return options.largest_block;
  const Bytes outermost = caches.empty() ? Bytes(64 * kMiB) : caches.back().size;
  return Bytes(std::clamp<std::int64_t>(outermost.count() * 4, 64 * kMiB, 256 * kMiB));
}

/// How far a block is from the middle of [least, most], in octaves.
double distance(Bytes block, double least, double most) {
  return std::abs(std::log2(static_cast<double>(block.count())) - 0.5 * (std::log2(least) + std::log2(most)));
}

template <class Point>
const Point& nearest(const std::vector<Point>& points, double least, double most) {
  return *std::min_element(points.begin(), points.end(), [&](const Point& a, const Point& b) {
    return distance(a.block, least, most) < distance(b.block, least, most);
  });
}

}  // namespace

std::vector<LevelFigures> levels_of(const std::vector<HostCache>& caches, const std::vector<LatencyPoint>& latencies,
                                    const std::vector<StreamPoint>& streams) {
  std::vector<LevelFigures> levels;
  if (latencies.empty() || streams.empty()) return levels;
  const auto add = [&](const std::string& name, double least, double most) {
    const LatencyPoint& wait = nearest(latencies, least, most);
    const StreamPoint& stream = nearest(streams, least, most);
    levels.push_back({.name = name,
                      .block = stream.block,
                      .latency = wait.latency,
                      .anywhere = wait.anywhere,
                      .read = stream.read,
                      .write = stream.write,
                      .copy = stream.copy,
                      .lines = lines_in_flight(stream.read, wait.latency)});
  };
  double inside = static_cast<double>(latencies.front().block.count());
  for (const HostCache& cache : caches) {
    const auto size = static_cast<double>(cache.size.count());
    // Well outside the level before: twice its size; well inside this one: half of it.
    add(cache.name, std::min(inside, size / 2.0), size / 2.0);
    inside = size * 2.0;
  }
  const auto largest = static_cast<double>(streams.back().block.count());
  add("memory", largest, largest);
  return levels;
}

Machine measure_machine(const MachineOptions& options) {
  Effort effort;
  effort = effort.scaled(options.effort);
  Machine machine{.processor = processor_name(), .processors = static_cast<int>(kernels::usable_processors().size())};
  const kernels::ThreadPool pinned(1, true);  // this thread stays where its caches are
  const ClockFigures clock = measured_clock(effort);
  machine.clock = clock.clock;
  machine.clock_spread = clock.spread;
  machine.rates = measure_rates(machine.clock, effort);
  machine.caches =
      read_caches("/sys/devices/system/cpu/cpu" + std::to_string(kernels::usable_processors().front()) + "/cache");
  machine.caches_read = !machine.caches.empty();
  const Bytes most = largest_block(options, machine.caches);
  {
    Pages pages(static_cast<std::size_t>(most.count() * 2));
    for (const Bytes block : block_sizes(Bytes(4096), most, 2)) {
      machine.latencies.push_back(measure_latency(pages, block, effort.scaled(0.5)));
      machine.streams.push_back(measure_streams(pages, block, effort.scaled(0.5)));
    }
  }
  if (!machine.caches_read) machine.caches = caches_from(machine.latencies);
  machine.levels = levels_of(machine.caches, machine.latencies, machine.streams);
  const Bytes cached = machine.caches.empty() ? Bytes(0) : Bytes(machine.caches.back().size.count() / 8);
  machine.threads.push_back(measure_threads(1, Bytes(most.count() / 2), cached, effort));
  if (options.threads > 1) {
    machine.threads.push_back(measure_threads(options.threads, Bytes(most.count() / 2), cached, effort));
  }
  return machine;
}

}  // namespace chipcast::crosscheck
