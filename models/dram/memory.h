// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <deque>
#include <vector>

#include "models/dram/address_map.h"
#include "models/dram/controller.h"
#include "models/dram/transfer.h"

namespace chipcast::dram {

/// A transfer that is done: a read with its last data, a write when the controllers hold the last of it.
struct Finished {
  std::int64_t transfer;
  Cycle first;  ///< its first data on the pins; of a write: when the first of it was taken
  Cycle done;   ///< may lie ahead of the clock: the command is issued, the data are on their way
};

/// A memory burst by burst: transfers are split, each channel takes its bursts in order as its queues have room.
/// Channels do not wait for each other. To drive it from event to event:
///
///     at an arrival   advance(now - 1); if (accepts()) { submit(transfer); advance(now); }
///     at next_time()  advance(now); look at finished(), accepts() and the new next_time()
///
/// While idle() nothing but refreshes happens: no event is needed then, advance() makes up for them.
class CommandMemory {
 public:
  /// Throws InputError.
  CommandMemory(const Standard& standard, const MemoryConfig& config);

  /// Whether fewer transfers than the `queue` of MemoryConfig wait, whole or in part, outside the controllers' queues.
  bool accepts() const { return static_cast<int>(coming_.size()) < queue_; }
  /// Arrivals must not decrease, nor lie before the last advance(). Returns the number of the transfer, from zero on.
  /// More than accepts() allows may be submitted where all of them are known beforehand.
  std::int64_t submit(const Transfer& transfer);
  /// Cycle of the next thing to do.
  Cycle next_time();
  /// Does all that is to be done up to and including cycle `until`.
  void advance(Cycle until);
  /// Nothing is to be read or written any more.
  bool idle() const { return flights_.empty() && std::all_of(channels_.begin(), channels_.end(), &still); }
  /// Transfers that the last call of advance() or drain() finished.
  const std::vector<Finished>& finished() const { return finished_; }

  /// Serves all that was submitted; returns the cycle after the last data.
  Cycle drain();

  /// Commands since the last call.
  Counts take_counts();
  /// Of all channels, up to cycle `end`.
  Activity activity(Cycle end) const;
  /// The same up to the last data so far.
  Activity activity() const { return activity(end_); }
  EnergyReport energy() const { return standard_.energy_of(activity()); }
  const Standard& standard() const { return standard_; }

 private:
  struct Channel {
    Controller controller;
    std::deque<Request> waiting;
    Cycle now = 0;
  };
  /// A transfer whose bursts are not all split, or wait outside the queues.
  struct Coming {
    Transfer transfer;
    std::int64_t next;         ///< byte of the next burst to split
    std::int64_t outside = 0;  ///< bursts split that wait
  };
  /// A transfer that is not done.
  struct Flight {
    std::int64_t left;  ///< bursts
    Cycle first, done;
  };
  static bool still(const Channel& channel) { return channel.waiting.empty() && channel.controller.idle(); }
  Cycle next_of(Channel& channel);
  void step(Channel& channel, Cycle until, bool refresh_when_idle);
  bool take(Channel& channel, Cycle until);
  void split_for(const Channel& channel);
  void split_next();
  void forget_split();
  void collect(Channel& channel);
  void count_burst(std::int64_t transfer, Cycle first, Cycle done);
  void retire();

  Standard standard_;
  AddressMap map_;
  int queue_;
  std::vector<Channel> channels_;
  std::deque<Coming> coming_;
  std::deque<Flight> flights_;
  std::int64_t first_flight_ = 0;  ///< numbers of the foremost of flights_, of coming_, of the one to be split next
  std::int64_t first_coming_ = 0, splitting_ = 0;
  std::vector<Finished> finished_;
  Counts taken_counts_;
  Cycle end_ = 0;
};

}  // namespace chipcast::dram
