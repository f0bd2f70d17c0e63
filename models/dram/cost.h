// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "models/dram/config.h"
#include "sim/base/time.h"

/// Closed forms of a DRAM as a stream server. Symbols: r transfers per second and pin, w data pins.
namespace chipcast::dram {

/// r * w / 8: what the pins carry.
BytesPerSecond peak_bandwidth(const Config& config);

/// Peak less refresh: peak * (1 - tRFC / tREFI). Row misses of a stream hide behind other banks.
BytesPerSecond stream_bandwidth(const Config& config);

/// Data-bus time of `bytes`, in whole bursts of one channel.
Time service_time(const Config& config, Bytes bytes);

/// First word of a stream on a closed row: controller + tRCD + tCL.
Time access_latency(const Config& config);

/// Data bus idle when reads follow writes or the other way round.
Time turnaround(const Config& config);

/// The rows that banks hold open, told by addresses: row r (of `row` bytes) lies in bank r mod (channels * banks).
/// What is counted depends on the addresses alone, not on how an engine cuts its transfers.
class OpenRows {
 public:
  explicit OpenRows(const Config& config);
  /// Rows that have to be opened for bytes [address, address + bytes).
  double activates(std::uint64_t address, Bytes bytes);

 private:
  std::uint64_t row_;
  std::vector<std::optional<std::uint64_t>> open_;  ///< row per bank
};

}  // namespace chipcast::dram
