// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "models/dram/stream_channel.h"

/// Drains of writes: what they cost, and what they do to the reads that wait meanwhile.
namespace chipcast::dram {
namespace {

using P = Param;
std::size_t at_index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

/// Turns the data bus. Reads that are not ready yet wait for the next turn; a drain ends with its last write.
void StreamChannel::turn_to(bool write) {
  if (writing_ == write) return;
  writing_ = write;
  blocked_.clear();
  if (write) {
    bus_ += to_write_;
  } else {
    end_drain();
  }
}

/// Serves the oldest writes until `leave` bursts wait.
void StreamChannel::drain(std::int64_t leave) {
  if (pending_ <= leave) return;
  if (!writing_) begin_drain();
  while (pending_ > leave) {
    pieces_.clear();
    const std::int64_t part = writes_.front().run.part;
    while (pending_ > leave && !writes_.empty() && writes_.front().run.part == part) {
      Write& w = writes_.front();
      Run now = w.run;
      now.bursts = std::min(w.run.bursts, pending_ - leave);
      displace(w);
      pieces_.push_back({now, w.admitted});
      pending_ -= now.bursts;
      w.run.bursts -= now.bursts;
      if (w.run.bursts == 0) writes_.pop_front();
    }
    book(true);
    for (const Piece& p : pieces_) ends_.push_back({p.last, p.run.bursts});
  }
  constexpr std::size_t kKept = 64;  // more than the queue leaves behind
  if (ends_.size() < 2 * kKept) return;
  std::nth_element(ends_.begin(), ends_.begin() + kKept, ends_.end(), std::greater<>());
  ends_.resize(kKept);
}

void StreamChannel::begin_drain() {
  // The queue was full, or there was nothing to read.
  const double full = bus_ - static_cast<double>(config_.read_queue * timing_[P::ccd_s]);
  drain_due_ = pending_ >= config_.write_high ? std::max(admitted_, full) : bus_;
  drain_start_ = std::max(bus_, drain_due_);
  ends_.clear();
  displaced_.clear();
}

void StreamChannel::end_drain() {
  // The writes that stay behind are the youngest as often as those that would be last.
  std::int64_t behind = pending_ / 2;
  double end = 0.0;
  std::sort(ends_.begin(), ends_.end(), std::greater<>());
  for (const LeavingQueue::Leaving& write : ends_) {
    end = write.time;
    behind -= write.bursts;
    if (behind < 0) break;
  }
  bus_ = std::max(bus_, end) + to_read_;
  bus_ += reopen();
  delay_reads(drain_start_, bus_);
}

/// A write takes its bank from reads that wait in the queue: their row is closed, and opened again after the drain.
/// Its own row may have been open before the reads came.
void StreamChannel::displace(const Write& w) {
  Bank& bank = banks_[at_index(w.run.at.bank)];
  if (bank.row == w.run.at.row || bank.row < 0 || bank.written) return;
  if (std::max(bank.vacant, w.admitted) < bank.wanted) ++activity_.commands[index(Command::activate)];
  bank.wanted = 0.0;
  if (bank.act > drain_due_ || bank.last <= drain_due_) return;
  const auto pending = static_cast<std::int64_t>((bank.last - drain_due_) / timing_[P::ccd_s]);
  displaced_.push_back({w.run.at, bank.row, std::min(bank.recent, pending)});
  bank.closes = std::max(bank.act + timing_[P::ras], drain_start_);
}

/// Opens the rows that a drain closed under waiting reads; returns the time that the bus loses by it.
double StreamChannel::reopen() {
  double ready = 0.0;
  std::int64_t blocked = 0;
  for (const Displaced& d : displaced_) {
    Bank& bank = banks_[at_index(d.at.bank)];
    if (bank.row == d.row) continue;
    const double act = activates_.book(std::max(bank.opens, bank.closes + timing_[P::rp]));
    bank = Bank{
        .row = d.row, .closes = act + timing_[P::ras], .opens = act + timing_[P::rcd], .act = act, .used = served_};
    ++activity_.commands[index(Command::activate)];
    ready = std::max(ready, bank.opens);
    blocked += d.bursts;
  }
  const auto others = static_cast<double>(std::max<std::int64_t>(0, config_.read_queue - blocked));
  return std::max(0.0, ready - others * timing_[P::ccd_s] - bus_);
}

/// Reads that a drain found in the queue, because their rows were not open yet, go on after it. Their rows may open
/// during the drain, one per bank.
void StreamChannel::delay_reads(double from, double to) {
  if (latest_[0] <= from) return;
  end_batch();
  const double resume = queue_[0].postpone(from, to, timing_[P::ccd_s]);
  const double cycle = std::max(timing_[P::rc], timing_[P::rcd] + timing_[P::rtp] + timing_[P::rp]);
  for (Bank& bank : banks_) {
    if (bank.written || bank.last <= from || bank.opens <= from) continue;
    const double first = bank.opens - std::floor((bank.opens - from) / cycle) * cycle;
    const double delay = std::max(0.0, resume - first);
    bank.opens += delay;
    bank.closes += delay;
  }
  latest_[0] = std::max(latest_[0], to);
}

}  // namespace chipcast::dram
