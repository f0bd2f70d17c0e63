// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <queue>
#include <vector>

#include "models/dram/address_map.h"
#include "models/dram/controller.h"
#include "models/dram/transfer.h"

namespace chipcast::dram {

/// A channel seen as servers in parallel, each with the time to which it is booked: the data bus (tCCD_S per
/// burst), the bank groups (tCCD_L), activation (a calendar that keeps tRRD_S and tFAW) and the banks (row
/// cycles). A run of bursts in one row is done when the last of them is. Runs overlap as far as the controller's
/// queues reach; writes wait and are drained as the controller does it, turnarounds are paid once per drain,
/// refreshes when they are due.
class StreamChannel {
 public:
  /// Bursts of one row of this channel.
  struct Run {
    Address at;
    std::int64_t bursts = 0;
    std::int64_t part = 0;      ///< number of the stretch of a transfer whose rows are used in turn
    std::int64_t together = 0;  ///< bursts of that stretch
  };
  StreamChannel(const Standard& standard, const ControllerConfig& config);

  /// Takes `bursts` of one row. Returns the cycle of the last data of a read; a write is done when its queue holds
  /// the last burst.
  Cycle serve(const Run& run, bool write, Cycle arrival);
  /// Serves the writes that still wait; returns the cycle after all data.
  Cycle flush();
  /// When column commands would end, without gaps, for all that was taken.
  double backlog() const { return bus_ + static_cast<double>(pending_ * timing_[Param::ccd_s]); }
  Activity activity(Cycle end) const;
  Activity commands() const { return activity_; }

 private:
  struct Bank {
    int row = -1;
    double closes = 0.0;    ///< earliest precharge of the open row
    double opens = 0.0;     ///< earliest next activate
    std::int64_t used = 0;  ///< bursts of the channel before its last use
    int old_row = -1;       ///< the row before, whose requests may still have been in the queue
    std::int64_t old_used = 0;
  };
  /// Bursts in a queue and when they leave it.
  struct Held {
    double leaves;
    std::int64_t bursts;
    bool operator>(const Held& o) const { return leaves > o.leaves; }
  };
  using Queue = std::priority_queue<Held, std::vector<Held>, std::greater<>>;

  struct Write {
    Run run;
    double admitted;
  };

  double admit(const Run& run, bool write, double arrival);
  void begin_part(std::int64_t number, bool write);
  double book(const Run& run, bool write, double admitted);
  double open_row(Bank& bank, const Address& at, double admitted);
  double activate_slot(double from);
  void hold(bool write, double last, std::int64_t bursts);
  void turn_to(bool write);
  void drain(std::int64_t leave);
  void refresh_until(double time);
  void refresh_bank(int rank, double due);
  void pass_idle(double arrival);

  Organisation organisation_;
  Timing timing_;
  ControllerConfig config_;
  std::vector<Bank> banks_;
  std::vector<double> groups_;
  std::vector<double> activates_;  ///< cycles of the last activates, in order
  double bus_ = 0.0, admitted_ = 0.0;
  double to_write_, to_read_, refresh_loss_, bus_wait_;
  double drained_ = 0.0;           ///< end of the last drain of writes
  std::vector<Held> ends_;         ///< of the writes of a drain
  double latest_[2] = {0.0, 0.0};  ///< end of the last column command by direction
  /// The stretch that is being booked. Its rows enter the queue together and leave it together.
  struct Part {
    std::int64_t number = -1, bursts = 0;
    bool write = false;
    double start = 0.0, last = 0.0;
  };
  Part part_;
  std::int64_t admitted_part_ = -1;
  int coming_ = -1;  ///< bank of the run that is being booked
  Queue held_[2];
  std::int64_t waiting_[2] = {0, 0};
  std::deque<Write> writes_;
  std::int64_t pending_ = 0, served_ = 0;  ///< bursts that wait in writes_; bursts booked
  bool writing_ = false, draining_ = false;
  std::vector<double> due_;      ///< next refresh by rank
  std::vector<bool> refreshed_;  ///< by bank, in this round
  double interval_;
  Activity activity_;
  double asleep_ = 0.0, deep_asleep_ = 0.0, refreshing_ = 0.0;
};

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
  void count_together(std::size_t first, std::size_t last);
  double backlog(Cycle arrival) const;

  Standard standard_;
  AddressMap map_;
  std::vector<StreamChannel> channels_;
  std::vector<AddressMap::Run> runs_;
  std::vector<std::int64_t> together_;
  std::int64_t parts_ = 0;
  std::int64_t drain_ = 1;  ///< bursts of a drain of writes
  double pins_free_ = 0.0;
  Counts taken_counts_;
  Cycle end_ = 0;
};

}  // namespace chipcast::dram
