// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "models/dma/config.h"
#include "sim/base/time.h"

namespace chipcast::dma {

/// Least time between the issue of one chunk of `bytes` and the next, on a path of unloaded round-trip
/// `latency`: bytes / min(port, outstanding * burst / latency)  (Little's law).
Time pace(const Config& config, Bytes bytes, Time latency);

/// A path as a chunk sees it when nobody else uses it.
struct UnloadedPath {
  Time latency;                                ///< of all stages
  std::function<Time(Bytes)> slowest_service;  ///< busy time of the slowest stage
};

/// Time of a whole transfer on an unloaded path: the chunks follow each other at the pace of the slowest of
/// port, bursts in flight and stages; the last one takes its service and the latency.
Time transfer_time(const Config& config, Bytes bytes, const UnloadedPath& path);

}  // namespace chipcast::dma
