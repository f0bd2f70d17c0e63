// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "models/dram/activate_calendar.h"
#include "models/dram/controller.h"
#include "models/dram/leaving_queue.h"
#include "models/dram/row_batches.h"

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
    std::int64_t grain = 1;     ///< bursts in one turn
  };
  StreamChannel(const Standard& standard, const ControllerConfig& config);

  /// Takes rows of one part. Returns the cycle of the last data of a read; a write is done when its queue holds
  /// the last burst.
  Cycle serve(std::span<const Run> runs, bool write, Cycle arrival);
  /// Serves the writes that still wait; returns the cycle after all data.
  Cycle flush();
  /// When column commands would end, without gaps, for all that was taken.
  double backlog() const { return bus_ + static_cast<double>(pending_ * timing_[Param::ccd_s]); }
  Activity activity(Cycle end) const;
  Activity commands() const { return activity_; }

 private:
  struct Bank {
    int row = -1;
    double closes = 0.0;                ///< earliest precharge of the open row
    double opens = 0.0;                 ///< earliest next activate
    double act = 0.0;                   ///< cycle of the last activate
    double last = 0.0;                  ///< end of its last column command
    double vacant = 0.0, wanted = 0.0;  ///< it stood idle from, until its row was asked for
    bool written = false;               ///< by its last use
    std::int64_t recent = 0;            ///< bursts of its last use
    std::int64_t used = 0;              ///< bursts of the channel before its last use
    RowBatches batches{};
  };
  struct Write {
    Run run;
    double admitted;
  };
  /// What is booked at a time.
  struct Piece {
    Run run;
    double admitted;
    double ready = 0.0;    ///< its row takes column commands
    double in_turn = 0.0;  ///< end of its last turn, should all go well
    double last = 0.0;     ///< end of its last column command
  };

  /// The stretch of a transfer that is being booked, by direction: its rows are used in turn to its end.
  struct Stretch {
    std::int64_t number = -1, left = 0;  ///< bursts of it not booked yet
    double start = 0.0;
  };

  /// A row that a drain closed while reads waited for it.
  struct Displaced {
    Address at;
    int row;
    std::int64_t bursts;
  };

  /// Bursts in the queue whose row is not open.
  struct Blocked {
    double until, bursts;
    bool operator<(const Blocked& o) const { return until < o.until; }
  };

  double admit(const Run& run, bool write, double arrival);
  static double turns_end(const Run& run, std::int64_t left);
  Stretch& part_of(const Run& run, bool write);
  void end_batch();
  double left_until(bool write, std::int64_t most);
  double book(bool write);
  void leave_queue(const Piece& piece, bool write);
  double idle_share(double blocked, bool write) const;
  double lost(double ready, double blocked, bool write);
  double overtaken(double ready) const;
  void block(double until, double bursts);
  void use_bank(const Piece& piece, bool write);
  double open_row(Bank& bank, const Run& run, bool write, double admitted);
  void turn_to(bool write);
  void drain(std::int64_t leave);
  void begin_drain();
  void end_drain();
  void displace(const Write& w);
  double reopen();
  void delay_reads(double from, double to);
  void refresh_until(double time);
  void skip_refresh_rounds(double until);
  void refresh_bank(int rank, double due);
  void pass_idle(double arrival);

  Organisation organisation_;
  Timing timing_;
  ControllerConfig config_;
  std::vector<Bank> banks_;
  std::vector<double> groups_;
  ActivateCalendar activates_;
  double bus_ = 0.0, admitted_ = 0.0;
  double to_write_, to_read_, refresh_loss_;
  double drain_due_ = 0.0, drain_start_ = 0.0;  ///< when the queue was full; when its turn came
  std::vector<Displaced> displaced_;
  std::vector<LeavingQueue::Leaving> ends_;  ///< of the writes of a drain
  double latest_[2] = {0.0, 0.0};            ///< end of the last column command by direction
  std::vector<Piece> pieces_;
  std::vector<Blocked> blocked_;  ///< by time
  Stretch parts_[2];
  /// Bursts that were booked and leave their queue by and by.
  struct Leaves {
    std::int64_t bursts;
    bool write;
    bool turns;  ///< several rows in turn
    double last;
  };
  std::vector<Leaves> batch_;
  std::int64_t admitted_part_ = -1;
  int coming_ = -1;  ///< bank of the run that is being booked
  LeavingQueue queue_[2];
  std::deque<Write> writes_;
  std::int64_t pending_ = 0, served_ = 0;  ///< bursts that wait in writes_; bursts booked
  std::int64_t unhindered_[2] = {0, 0};    ///< of those, the ones that wait for no other row of their bank
  std::int64_t booked_[2] = {0, 0};        ///< the same by direction
  bool writing_ = false;
  int rank_ = 0;                 ///< whose bursts were booked last
  std::vector<double> due_;      ///< next refresh by rank
  std::vector<bool> refreshed_;  ///< by bank, in this round
  double interval_;
  Activity activity_;
  double asleep_ = 0.0, deep_asleep_ = 0.0, refreshing_ = 0.0;
};

}  // namespace chipcast::dram
