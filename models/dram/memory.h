// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "models/dram/address_map.h"
#include "models/dram/controller.h"

namespace chipcast::dram {

/// Contiguous bytes that move in one direction.
struct Transfer {
  std::int64_t address = 0, bytes = 0;
  bool write = false;
  Cycle arrival = 0;
};

/// All that the model of a memory needs besides the standard.
struct MemoryConfig {
  int channels = 1;
  std::string order{};  ///< of address fields, see AddressMap; empty: usual_order()
  bool hash = false;
  ControllerConfig controller{};
};

/// A memory burst by burst: transfers are split, each channel takes its bursts in order as its queues have room.
/// Channels do not wait for each other.
class CommandMemory {
 public:
  CommandMemory(const Standard& standard, const MemoryConfig& config);

  /// Arrivals must not decrease. Returns the number of the transfer.
  std::int64_t submit(const Transfer& transfer);
  /// Serves all that was submitted; returns the cycle after the last data.
  Cycle drain();
  /// When the last data of a transfer passed; known after drain().
  Cycle finished(std::int64_t transfer) const { return finished_[static_cast<std::size_t>(transfer)]; }

  /// Of all channels, up to the cycle that drain() returned.
  Activity activity() const;
  EnergyReport energy() const { return standard_.energy_of(activity()); }
  const Standard& standard() const { return standard_; }

 private:
  struct Channel {
    Controller controller;
    std::deque<Request> waiting;
  };
  void pump(Channel& channel, std::size_t leave);

  Standard standard_;
  AddressMap map_;
  std::vector<Channel> channels_;
  std::vector<Cycle> finished_;
  Cycle end_ = 0;
};

}  // namespace chipcast::dram
