// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/dram/address_map.h"
#include "models/dram/stream_channel.h"
#include "models/dram/transfer.h"

namespace chipcast::dram {

/// What became of a transfer. The pins of all channels are one server here that works without gaps on what it has:
/// spans from `begin` to `free` of successive transfers do not overlap, and none is shorter than its bytes take.
struct Served {
  Cycle begin;  ///< its first data on the pins, after those of the transfers before it
  Cycle free;   ///< from here on the pins have time for the next transfer
  Cycle done;   ///< last data of a read; of a write: the controllers hold all of it
};

/// A memory whose transfers are served whole. Same transfers as CommandMemory, each answered at once.
class StreamMemory {
 public:
  /// Throws InputError.
  StreamMemory(const Standard& standard, const MemoryConfig& config);

  /// Serves `transfer` after those before it. Arrivals must not decrease.
  Served submit(const Transfer& transfer);
  /// Serves all that waits; returns the cycle after the last data.
  Cycle drain();

  /// Commands since the last call. Those of writes come when their drain does.
  Counts take_counts();
  /// Of all channels, up to cycle `end`.
  Activity activity(Cycle end) const;
  /// The same up to the last data so far.
  Activity activity() const { return activity(end_); }
  EnergyReport energy() const { return standard_.energy_of(activity()); }
  const Standard& standard() const { return standard_; }

 private:
  Cycle serve_part(std::size_t first, std::size_t last, const Transfer& transfer);
  void slice_rows();
  void count_together(std::size_t first, std::size_t last);
  double backlog(Cycle arrival) const;

  Standard standard_;
  AddressMap map_;
  std::vector<StreamChannel> channels_;
  std::vector<AddressMap::Run> runs_;
  std::vector<StreamChannel::Run> rows_;
  std::vector<std::int64_t> together_;
  std::int64_t parts_ = 0;
  std::int64_t drain_ = 1;  ///< bursts of a drain of writes
  double pins_free_ = 0.0;
  Counts taken_counts_;
  Cycle end_ = 0;
};

}  // namespace chipcast::dram
