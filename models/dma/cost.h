// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "models/dma/chunks.h"
#include "models/dma/config.h"
#include "models/dma/descriptor.h"
#include "sim/base/time.h"

namespace chipcast::dma {

/// Least time between the issue of one chunk of `bytes` and the next, on a path of unloaded round-trip
/// `latency`: bytes / min(port, outstanding * burst / (latency + the device's own))  (Little's law).
Time pace(const Config& config, Bytes bytes, Time latency);

/// A path as a chunk sees it when nobody else uses it.
struct UnloadedPath {
  Time latency;                                ///< of all stages
  std::function<Time(Bytes)> slowest_service;  ///< busy time of the slowest stage
};

/// Time of a whole transfer on an unloaded path: the chunks follow each other at the pace of the slowest of
/// port, bursts in flight and stages; the last one takes its service and the latency.
Time transfer_time(const Config& config, Bytes bytes, const UnloadedPath& path);

/// Bytes that cross the bus: whole aligned bursts of each contiguous piece. A row of 20 bytes takes one burst, or
/// two where it lies across a border; neighbours in one burst each fetch it.
Bytes bus_bytes(const Config& config, const Descriptor& descriptor);

/// Useful bytes per second on a path of unloaded `latency` whose stages are faster than the engine: a piece of n bus
/// bytes takes max(n / min(port, outstanding * burst / latency), row_overhead).
BytesPerSecond bandwidth(const Config& config, const Descriptor& descriptor, Time latency);

/// Least time between the issue of a chunk and the next: that of its bus bytes, and row_overhead for each row.
Time pace(const Config& config, const Chunk& chunk, Time latency);

/// Time of a transfer of any shape on an unloaded path, chunk by chunk; the latency is paid once.
Time transfer_time(const Config& config, const Descriptor& descriptor, const UnloadedPath& path);

}  // namespace chipcast::dma
