// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "crosscheck/host/timing.h"

namespace chipcast::crosscheck {

/// What it costs to share work, and what several cores reach together.
struct ThreadFigures {
  int threads = 1;
  Seconds fork_join{0.0};      ///< an empty loop over as many tasks as threads
  double scaling = 1.0;        ///< speed of computing in registers, over that of one thread
  BytesPerSecond read{0.0};    ///< all threads together from memory, blocks of their own
  BytesPerSecond cached{0.0};  ///< the same from the outermost cache; 0: not measured

  template <class V>
  void visit(V& v) {
    v.field("threads", threads, {.doc = "Threads, each on a processor of its own."});
    v.field("fork_join", fork_join, {.doc = "Start and end of a parallel loop."});
    v.field("scaling", scaling, {.doc = "Work in registers per second, over that of one thread."});
    v.field("read", read, {.doc = "Read from memory by all together."});
    v.field("cached", cached, {.doc = "Read from the outermost cache by all together."});
  }
};

/// `memory` and `cached`: bytes that each thread reads over and over, beyond all caches and within the outermost one.
/// Throws InputError where there are fewer processors than threads.
ThreadFigures measure_threads(int threads, Bytes memory, Bytes cached, const Effort& effort);

}  // namespace chipcast::crosscheck
