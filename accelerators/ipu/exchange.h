// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "accelerators/ipu/config.h"

/// What moves between tiles and between chips, and waiting for it.
namespace chipcast::ipu {

/// Cycles in which a tile receives `bytes`: ceil(bytes / rate). Where `sharing` neighbours on a bus want the same, each
/// receives so many times faster.
std::int64_t receive_cycles(const Config& config, std::int64_t bytes, std::int64_t sharing = 1);
/// Most neighbours of a bus that `alike` tiles in a row, which want the same, can fill without a rest.
std::int64_t sharing_neighbours(const Config& config, std::int64_t alike);

/// The first `chips` wait for each other: ceil(2 * hop * clock * hops), hops = 1 + chips / 2 / 2.
std::int64_t global_sync_cycles(const Config& config, int chips);

/// Every one of the first `chips` sends `bytes` to every other one. Routes on the ladder: to the other rail first, then
/// along it. The busiest group of links decides: bytes * routes through it / (links * bandwidth * efficiency).
std::int64_t all_to_all_cycles(const Config& config, std::int64_t bytes, int chips);

/// Bytes that cross links in all (routes of several links count each).
std::int64_t all_to_all_link_bytes(std::int64_t bytes, int chips);

}  // namespace chipcast::ipu
