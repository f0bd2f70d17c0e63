// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/cache/config.h"
#include "sim/base/time.h"

/// Closed forms of a cache. Symbols: S sets, W ways, w bytes of its data path.
namespace chipcast::cache {

/// capacity / (ways * line)
std::int64_t set_count(const Config& config);

/// Time that the data path is busy with a transfer's bytes: whole aligned beats of w.
Time service_time(const Config& config, std::uint64_t address, Bytes bytes);

/// Of a hit; a miss pays it before it asks memory.
Time hit_latency(const Config& config);

/// Share of lines that miss where `bytes` consecutive bytes are read over and over, true LRU. Of N lines S sets get
/// either floor(N / S) or one more; a set that is asked for more than W in turn never hits:
///   0 for N <= S W,   (N - S W) (W + 1) / N below S (W + 1),   1 from there on.
double cyclic_miss_rate(const Config& config, Bytes bytes);

/// Bits of tag and state (valid, dirty) that a lookup reads, of all ways, for addresses of `address_bits`.
std::int64_t tag_bits_read(const Config& config, int address_bits);

/// The array that tags and state take; its size sets their energy (technology::sram_energy), as the capacity sets that
/// of the data.
Bytes tag_array(const Config& config, int address_bits);

}  // namespace chipcast::cache
