// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "crosscheck/host/caches.h"
#include "crosscheck/host/memory.h"
#include "crosscheck/host/rates.h"
#include "crosscheck/host/threads.h"

namespace chipcast::crosscheck {

/// How thoroughly, and for how many threads.
struct MachineOptions {
  int threads{1};
  double effort{1.0};
  Bytes largest_block{0};

  template <class V>
  void visit(V& v) {
    v.field("threads", threads, {.doc = "Most threads that are measured.", .min = 1, .max = 1024});
    v.field("effort", effort, {.doc = "Time spent, over the usual 20 s or so.", .min = 0.01, .max = 10.0});
    v.field("largest_block", largest_block,
            {.doc = "Of memory's latency and bandwidth; 0: four times the outermost cache, at most 256 MiB.",
             .min = Bytes(0),
             .max = Bytes(std::int64_t{1} << 32)});
  }
};

/// What one cache, or memory, gives to one core.
struct LevelFigures {
  std::string name;
  Bytes block;  ///< measured with blocks of this size, which lie in it
  Seconds latency{0.0}, anywhere{0.0};
  BytesPerSecond read{0.0}, write{0.0}, copy{0.0};
  double lines = 0.0;  ///< in flight: read rate * latency / line

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Cache, or memory."});
    v.field("block", block, {.doc = "Bytes that were visited."});
    v.field("latency", latency, {.doc = "Chain of loads, pages one behind the other."});
    v.field("anywhere", anywhere, {.doc = "Chain of loads, pages changing with every one."});
    v.field("read", read, {.doc = "One core."});
    v.field("write", write, {.doc = "One core."});
    v.field("copy", copy, {.doc = "One core; every byte counts once."});
    v.field("lines", lines, {.doc = "Lines in flight that the read rate needs at the latency."});
  }
};

/// All that is measured without a kernel.
struct Machine {
  std::string processor;
  int processors = 1;  ///< that this process may use
  Hertz clock{1e9};
  double clock_spread = 0.0;
  std::vector<TargetRates> rates{};
  std::vector<HostCache> caches{};
  bool caches_read = false;  ///< from the system; else from the latencies
  std::vector<LatencyPoint> latencies{};
  std::vector<StreamPoint> streams{};
  std::vector<LevelFigures> levels{};  ///< caches, then memory
  std::vector<ThreadFigures> threads{};

  template <class V>
  void visit(V& v) {
    v.field("processor", processor, {.doc = "As the system names it."});
    v.field("processors", processors, {.doc = "That this process may use."});
    v.field("clock", clock, {.doc = "A chain of additions, one per cycle."});
    v.field("clock_spread", clock_spread, {.doc = "Median over minimum, less one."});
    v.field("rates", rates, {.doc = "Peaks of one core, per instruction set, best first."});
    v.field("caches", caches, {.doc = "From the core outwards."});
    v.field("caches_read", caches_read, {.doc = "Sizes come from the system, not from latencies."});
    v.field("latencies", latencies, {.doc = "By block size."});
    v.field("streams", streams, {.doc = "By block size."});
    v.field("levels", levels, {.doc = "Each cache, then memory."});
    v.field("threads", threads, {.doc = "One thread, then more."});
  }
};

/// Takes about 20 s at effort 1. Throws InputError where there are fewer processors than threads.
Machine measure_machine(const MachineOptions& options);

/// Figures of each cache and of memory from the curves: those of the largest block that is well inside a level and well
/// outside the one before; memory's from the largest block of all.
std::vector<LevelFigures> levels_of(const std::vector<HostCache>& caches, const std::vector<LatencyPoint>& latencies,
                                    const std::vector<StreamPoint>& streams);

}  // namespace chipcast::crosscheck
