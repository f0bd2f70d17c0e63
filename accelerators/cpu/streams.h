// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/cpu/config.h"

/// Streams: what cores draw from a cache or from memory, one line after the other. Closed forms; no other traffic.
namespace chipcast::cpu {

/// What a core does with a stream. A copy reads one and writes another; its rate counts every byte once.
enum class Stream { read, write, copy };
constexpr std::array<std::pair<Stream, std::string_view>, 3> enum_names(Stream) {
  return {{{Stream::read, "read"}, {Stream::write, "write"}, {Stream::copy, "copy"}}};
}

/// What limits a stream.
enum class Bound { core_width, cache_bandwidth, misses, writes, cache_queue, path };
constexpr std::array<std::pair<Bound, std::string_view>, 6> enum_names(Bound) {
  return {{{Bound::core_width, "core_width"},
           {Bound::cache_bandwidth, "cache_bandwidth"},
           {Bound::misses, "misses"},
           {Bound::writes, "writes"},
           {Bound::cache_queue, "cache_queue"},
           {Bound::path, "path"}}};
}

struct StreamRate {
  BytesPerSecond rate;
  Bound bound = Bound::core_width;
  std::size_t level = 0;  ///< which cache, where the bound is one's
};

/// The way from the outermost cache to memory.
struct MemoryPath {
  Seconds latency;                 ///< there and back, under the load at hand
  BytesPerSecond bandwidth{1e18};  ///< of all that crosses it; of each direction where `duplex`
  bool duplex = false;
};

/// What `cores` cores draw from cache number `source` of the hierarchy, or from memory where it is their number.
/// Symbols: n cores, f clock, B line, t latency of the source, M and W lines in flight of a core, Q of a cache.
///
///   read   r = min(n f load width,  n f bandwidth of each cache up to the source, and f times its total where shared,
///                  n M B / t,  Q B / t of each cache inside)
///   write  w = the same with store width and W; a line that is read before it is overwritten costs both: 1/(1/r + 1/w)
///   copy   1 / (1/r + 1/w): reads and writes take turns, in the queues that they share and in order of issue
///   memory: never more crosses than its path carries
///
/// Little's law: lines in flight over latency is a rate.
StreamRate stream_rate(const Config& config, Stream stream, int cores, std::size_t source, const MemoryPath& path);

/// Bytes per cycle that all cores together read from and write to a cache.
struct CacheRate {
  double read, write;
};

/// Of every cache but the first, whose width the kernels' share of the peak contains.
std::vector<CacheRate> cache_rates(const Config& config);

/// Cycles in which all cores read `in` and write `out` bytes that lie in the outermost cache, in turns:
/// in / read + out / write of the slowest cache.
Cycles cache_cycles(const std::vector<CacheRate>& rates, Bytes in, Bytes out);

/// max(a, b) + (1 - overlap) * min(a, b)
Cycles overlapped(const Core& core, Cycles a, Cycles b);

/// Lines that the cluster has in flight to memory: of its cores, or of the cache whose queue is the shortest.
int lines_in_flight(const Config& config, int per_core);

}  // namespace chipcast::cpu
