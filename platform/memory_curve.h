// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "accelerators/cpu/hierarchy.h"
#include "accelerators/cpu/streams.h"
#include "platform/platform.h"

namespace chipcast {

/// How a curve is measured.
struct CurveOptions {
  cpu::Order order{cpu::Order::cyclic};
  Bytes page{4096};
  bool scattered{false};
  int cores{1};

  template <class V>
  void visit(V& v) {
    v.field("order", order, {.doc = "In which order the lines of a block are visited."});
    v.field("page", page, {.doc = "Pages of virtual memory.", .min = Bytes(1024), .max = Bytes(std::int64_t{1} << 34)});
    v.field("scattered", scattered, {.doc = "Pages lie in random frames instead of one behind the other."});
    v.field("cores", cores, {.doc = "Cores that stream.", .min = 1, .max = 1024});
  }
};

/// What one core waits for, and what cores stream, when they work on a block of this size.
struct CurvePoint {
  std::int64_t block_bytes{0};
  double latency_s{0}, translation_s{0};
  double read_bytes_per_s{0}, write_bytes_per_s{0}, copy_bytes_per_s{0};
  std::string read_bound, write_bound, copy_bound;

  template <class V>
  void visit(V& v) {
    v.field("block_bytes", block_bytes, {.doc = "Size of the block."});
    v.field("latency_s", latency_s, {.doc = "Load to use in a chain of dependent loads, TLB misses included."});
    v.field("translation_s", translation_s, {.doc = "What of it is TLB misses."});
    v.field("read_bytes_per_s", read_bytes_per_s, {.doc = "A stream that is read."});
    v.field("write_bytes_per_s", write_bytes_per_s, {.doc = "A stream that is overwritten."});
    v.field("copy_bytes_per_s", copy_bytes_per_s, {.doc = "A stream that is copied, every byte counted once."});
    v.field("read_bound", read_bound, {.doc = "What limits it."});
    v.field("write_bound", write_bound, {.doc = "What limits it."});
    v.field("copy_bound", copy_bound, {.doc = "What limits it."});
  }
};

/// From a device's caches to memory and back, for a line of a row that is not open: the unloaded path, the line itself,
/// an activate, and a precharge before it where rows are left open.
Seconds row_miss_latency(const Platform& platform, std::size_t device);

/// Closed forms, unloaded. Throws InputError where `device` is no CPU of the platform or an option makes no sense.
std::vector<CurvePoint> memory_curve(const Platform& platform, const std::string& device,
                                     const std::vector<Bytes>& blocks, const CurveOptions& options = {});

}  // namespace chipcast
