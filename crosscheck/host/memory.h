// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

#include "crosscheck/host/pages.h"
#include "crosscheck/host/timing.h"

/// Latency and bandwidth of this machine's memory by block size.
namespace chipcast::crosscheck {

inline constexpr std::size_t kLine = 64;  ///< bytes of a cache line

struct LatencyPoint {
  Bytes block;
  Seconds latency{0.0};   ///< of a load whose address the load before it gave; pages one behind the other
  Seconds anywhere{0.0};  ///< the same, lines of all pages in random order: translation misses too
  double spread = 0.0;

  template <class V>
  void visit(V& v) {
    v.field("block", block, {.doc = "Bytes that are visited."});
    v.field("latency", latency, {.doc = "From one load to the next that depends on it."});
    v.field("anywhere", anywhere, {.doc = "The same where pages change with every load."});
    v.field("spread", spread, {.doc = "Median over minimum, less one."});
  }
};

struct StreamPoint {
  Bytes block;
  BytesPerSecond read{0.0}, write{0.0}, copy{0.0};  ///< a copy counts every byte once
  double spread = 0.0;

  template <class V>
  void visit(V& v) {
    v.field("block", block, {.doc = "Bytes that are read or written over and over; a copy has two such blocks."});
    v.field("read", read, {.doc = "Sequential loads of whole registers."});
    v.field("write", write, {.doc = "Sequential stores of whole registers."});
    v.field("copy", copy, {.doc = "A load and a store; every byte counts once."});
    v.field("spread", spread, {.doc = "Median over minimum, less one; the largest of the three."});
  }
};

/// Writes into the start of each line the address of the next one to visit: all lines, once each, in random order
/// (Sattolo's algorithm makes one cycle of them) within each `page` bytes, pages one behind the other. `block` holds at
/// least one line, `page` whole lines.
void make_chain(std::span<std::byte> block, std::size_t page, std::uint64_t seed);

/// Follows the chain `steps` times; returns the last address.
const void* follow_chain(const void* start, std::int64_t steps);

LatencyPoint measure_latency(Pages& pages, Bytes block, const Effort& effort);

/// `pages` holds two blocks.
StreamPoint measure_streams(Pages& pages, Bytes block, const Effort& effort);

/// One thread's pieces of the above, for several threads at a time. Sizes are multiples of 1 KiB.
void read_stream(const std::byte* from, std::size_t bytes);
void write_stream(std::byte* to, std::size_t bytes);
void copy_stream(std::byte* to, const std::byte* from, std::size_t bytes);

/// Block sizes from `least` to `most`, `per_octave` of them for each doubling, in whole KiB.
std::vector<Bytes> block_sizes(Bytes least, Bytes most, int per_octave);

/// Lines in flight that a rate needs at a latency (Little's law): rate * latency / line.
double lines_in_flight(BytesPerSecond rate, Seconds latency);

}  // namespace chipcast::crosscheck
