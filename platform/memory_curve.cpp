// SPDX-License-Identifier: Apache-2.0
#include "platform/memory_curve.h"

#include <algorithm>

#include "models/interconnect/cost.h"
#include "sim/base/check.h"
#include "sim/base/text.h"
#include "sim/config/reader.h"

namespace chipcast {
namespace {

std::size_t index_of(const Platform& platform, const std::string& name) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < platform.devices().size(); ++i) {
    const PlatformDevice& device = platform.devices()[i];
    if (device.type != "cpu") continue;
    if (device.name == name) return i;
    known.push_back(device.name);
  }
  throw InputError("device", "the platform has no CPU " + in_quotes(name) + suggestion(name, known));
}

cpu::Config cpu_of(const PlatformDevice& device) {
  return read_value<cpu::Config>(device.device->to_json(), "devices." + device.name);
}

/// What a device can draw of memory: the link, the memory, and the cap of its port where it has one.
BytesPerSecond path_bandwidth(const Platform& platform, const std::string& device) {
  const interconnect::Config& links = platform.file().interconnect;
  const BytesPerSecond cap = interconnect::port_of(links, device).bandwidth;
  const BytesPerSecond path = std::min(links.width * links.clock, platform.memory().law->peak_bandwidth());
  return cap > BytesPerSecond(0.0) ? std::min(path, cap) : path;
}

/// Number of the innermost cache that holds the block; of memory where none does.
std::size_t source_of(const cpu::Config& config, Bytes block, int cores) {
  std::size_t i = 0;
  while (i < config.caches.size() && config.caches[i].size * (config.caches[i].shared ? 1 : cores) < block) ++i;
  return i;
}

}  // namespace

Seconds row_miss_latency(const Platform& platform, std::size_t device) {
  const dma::UnloadedPath path = platform.unloaded_path(device, EngineKind::load);
  const Bytes line = cpu_of(platform.devices().at(device)).line;
  return path.latency.seconds() + path.slowest_service(line).seconds() + platform.memory().law->row_miss().seconds();
}

std::vector<CurvePoint> memory_curve(const Platform& platform, const std::string& device,
                                     const std::vector<Bytes>& blocks, const CurveOptions& options) {
  const std::size_t index = index_of(platform, device);
  const cpu::Config config = cpu_of(platform.devices()[index]);
  if (options.cores > config.cores) {
    throw InputError("cores",
                     std::to_string(options.cores) + "; " + in_quotes(device) + " has " + std::to_string(config.cores));
  }
  const cpu::MemoryPath path{.latency = platform.unloaded_path(index, EngineKind::load).latency.seconds(),
                             .bandwidth = path_bandwidth(platform, device),
                             .duplex = platform.file().interconnect.duplex};
  const Seconds memory = row_miss_latency(platform, index);
  std::vector<CurvePoint> out;
  for (const Bytes block : blocks) {
    if (block <= Bytes(0)) throw InputError("sizes", std::to_string(block.count()) + "; a block has at least one byte");
    const auto wait = cpu::chase_latency(
        config, {.block = block, .order = options.order, .page = options.page, .scattered = options.scattered}, memory);
    const std::size_t source = source_of(config, block, options.cores);
    const auto stream = [&](cpu::Stream kind) { return cpu::stream_rate(config, kind, options.cores, source, path); };
    const auto read = stream(cpu::Stream::read), write = stream(cpu::Stream::write), copy = stream(cpu::Stream::copy);
    out.push_back({.block_bytes = block.count(),
                   .latency_s = wait.total().count(),
                   .translation_s = wait.translation.count(),
                   .read_bytes_per_s = read.rate.count(),
                   .write_bytes_per_s = write.rate.count(),
                   .copy_bytes_per_s = copy.rate.count(),
                   .read_bound = std::string(name_of(read.bound)),
                   .write_bound = std::string(name_of(write.bound)),
                   .copy_bound = std::string(name_of(copy.bound))});
  }
  return out;
}

}  // namespace chipcast
