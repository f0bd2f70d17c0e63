// SPDX-License-Identifier: Apache-2.0
#include "models/dram/stream_channel.h"

#include <algorithm>
#include <cmath>

namespace chipcast::dram {
namespace {

using P = Param;
std::size_t at_index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

StreamChannel::StreamChannel(const Standard& standard, const ControllerConfig& config)
    : organisation_(standard.organisation),
      timing_(standard.timing),
      config_(checked(config, standard)),
      banks_(at_index(organisation_.banks_total())),
      groups_(at_index(organisation_.groups_total()), 0.0),
      activates_(standard),
      refreshed_(banks_.size(), false) {
  const Timing& t = timing_;
  // What a change of direction adds to the regular distance of two column commands.
  to_write_ = t[P::rl] + t[P::dqsck] + t[P::bl] + t[P::rtw_gap] - t[P::wl] - t[P::ccd_s];
  // The first read finds its bank group just written.
  to_read_ = t[P::wl] + t[P::dqss] + t[P::bl] + std::max(t[P::wtr_s], t[P::wtr_l]) - t[P::ccd_s];
  // Banks close (tRTP, tRP), refresh, and open again (tRCD).
  refresh_loss_ = t[P::rtp] + t[P::rp_all] + t[P::rfc] + t[P::rcd] - t[P::ccd_s];
  interval_ = t[P::refi];
  if (config_.bank_refresh) interval_ = std::floor(interval_ / organisation_.banks_per_rank());
  for (int r = 0; r < organisation_.ranks; ++r) due_.push_back(interval_ + r * interval_ / organisation_.ranks);
}

Cycle StreamChannel::serve(std::span<const Run> runs, bool write, Cycle arrival) {
  pass_idle(static_cast<double>(arrival));
  const double admitted = admit(runs.front(), write, static_cast<double>(arrival));
  if (!write) {
    pieces_.clear();
    for (const Run& run : runs) pieces_.push_back({run, admitted});
    const double last = book(false);
    return static_cast<Cycle>(std::ceil(last)) - timing_[P::ccd_s] + timing_[P::rl] + timing_[P::dqsck] +
           timing_[P::bl];
  }
  for (const Run& run : runs) {
    writes_.push_back({run, admitted});
    pending_ += run.bursts;
  }
  // A drain that no read ends goes on with the writes that come.
  if (writing_ || pending_ >= config_.write_high) drain(config_.write_low);
  end_batch();
  admitted_ = std::max(admitted_, left_until(true, config_.write_queue));  // a place for the last burst
  return static_cast<Cycle>(std::ceil(admitted_));
}

/// When the first burst of a run gets a place in its queue. Requests come in order.
double StreamChannel::admit(const Run& run, bool write, double arrival) {
  if (run.part == admitted_part_) return admitted_;
  admitted_part_ = run.part;
  end_batch();
  const int places[2] = {config_.read_queue, config_.write_queue};
  // Requests come in order: all of those before have their places.
  admitted_ = std::max({arrival, admitted_, left_until(!write, places[!write]), left_until(write, places[write] - 1)});
  return admitted_;
}

/// When no more than `most` bursts are left of those in a queue.
double StreamChannel::left_until(bool write, std::int64_t most) {
  return queue_[write].left_until(most - (write ? pending_ : 0));
}

/// What was booked for a transfer counts in its queue from the next transfer on: requests come in order.
void StreamChannel::end_batch() {
  for (const Leaves& l : batch_) {
    queue_[l.write].add(l.bursts, l.last, timing_[P::ccd_s], l.write ? config_.write_queue : config_.read_queue);
  }
  batch_.clear();
}

/// Books `pieces_`, of one part, at all the servers; returns the cycle in which the last column command ends.
double StreamChannel::book(bool write) {
  coming_ = pieces_.front().run.at.bank;
  refresh_until(bus_);
  turn_to(write);
  Stretch& part = part_of(pieces_.front().run, write);
  const double ccd = timing_[P::ccd_s];
  std::int64_t bursts = 0;
  double begin = bus_;
  for (Piece& p : pieces_) {
    p.ready = open_row(banks_[at_index(p.run.at.bank)], p.run, write, p.admitted);
    p.in_turn = begin + ccd * turns_end(p.run, part.left - bursts);
    begin += ccd * static_cast<double>(p.run.bursts);
    bursts += p.run.bursts;
  }
  // Rows that are open come first.
  std::stable_sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) { return a.ready < b.ready; });
  const double share = static_cast<double>(std::max(part.left, bursts)) / static_cast<double>(bursts);
  double blocked = share * static_cast<double>(bursts), latest = 0.0;
  for (Piece& p : pieces_) {
    const auto n = static_cast<double>(p.run.bursts);
    bus_ = std::max(bus_, p.admitted);
    if (p.run.at.rank != rank_) bus_ += timing_[P::bl] + timing_[P::rtrs] - ccd;
    rank_ = p.run.at.rank;
    bus_ += lost(p.ready, blocked, write) + n * ccd;
    block(p.ready, n);
    blocked -= share * n;
    p.last = std::max(bus_, p.ready + n * ccd);
    if (organisation_.groups > 1) {
      double& group = groups_[at_index(p.run.at.group)];
      group = std::max(group, std::min(p.admitted, part.start)) + n * timing_[P::ccd_l];
      p.last = std::max(p.last, group);
    }
    use_bank(p, write);
    latest = std::max(latest, p.last);
    leave_queue(p, write);
  }
  part.left -= bursts;
  latest_[write] = std::max(latest_[write], latest);
  activity_.commands[index(write ? Command::write : Command::read)] += bursts;
  return latest;
}

/// Rows that take turns leave the queue together, others one after the other.
void StreamChannel::leave_queue(const Piece& p, bool write) {
  const double last = p.last - overtaken(p.ready);
  const bool turns = p.run.bursts > p.run.grain;
  if (turns && !batch_.empty() && batch_.back().turns && batch_.back().write == write) {
    batch_.back().bursts += p.run.bursts;
    batch_.back().last = std::max(batch_.back().last, last);
  } else {
    batch_.push_back({p.run.bursts, write, turns, last});
  }
}

/// The share of time in which the bus finds nothing to do while `blocked` requests keep their places: the others need
/// theirs for the time to open a row.
double StreamChannel::idle_share(double blocked, bool write) const {
  const int places = write ? config_.write_queue : config_.read_queue;
  const double to_open = timing_[P::rp] + timing_[P::rcd];
  return 1.0 - std::min(1.0, std::max(0.0, places - blocked) * timing_[P::ccd_s] / to_open);
}

/// Time of the bus that is lost until a row is `ready`, with requests for rows that are not open in the queue.
double StreamChannel::lost(double ready, double blocked, bool write) {
  const double ccd = timing_[P::ccd_s];
  // The bus has still to serve what it was booked for by rows that are not open: it is that much behind.
  double time = bus_, sum = 0.0;
  for (const Blocked& b : blocked_) time -= b.bursts * ccd;
  auto opened = blocked_.begin();
  for (; opened != blocked_.end() && opened->until <= time; ++opened) time += opened->bursts * ccd;
  blocked_.erase(blocked_.begin(), opened);
  for (const Blocked& b : blocked_) blocked += b.bursts;
  for (const Blocked& b : blocked_) {
    if (b.until >= ready) break;
    sum += std::max(0.0, b.until - time) * idle_share(blocked, write);
    time = std::max(time, b.until) + b.bursts * ccd;
    blocked -= b.bursts;
  }
  return sum + std::max(0.0, ready - time) * idle_share(blocked, write);
}

/// Time of the bus that was booked before by rows that open after `ready`: their bursts are overtaken.
double StreamChannel::overtaken(double ready) const {
  double sum = 0.0;
  for (const Blocked& b : blocked_) sum += b.until > ready ? b.bursts * timing_[P::ccd_s] : 0.0;
  return sum;
}

void StreamChannel::block(double until, double bursts) {
  const Blocked b{until, bursts};
  blocked_.insert(std::upper_bound(blocked_.begin(), blocked_.end(), b), b);
}

void StreamChannel::use_bank(const Piece& p, bool write) {
  Bank& bank = banks_[at_index(p.run.at.bank)];
  const double recovery = write ? timing_[P::wl] + timing_[P::dqss] + timing_[P::bl] + timing_[P::wr] : timing_[P::rtp];
  bank.closes = std::max(bank.closes, std::max(p.last, p.in_turn) - timing_[P::ccd_s] + recovery);
  served_ += p.run.bursts;
  booked_[write] += p.run.bursts;
  bank.used = served_;
  bank.written = write;
  bank.recent = p.run.bursts;
  bank.last = p.last;
}

/// Bursts from the next one of a part to the last of this run: the rows that are still to be booked take turns with it.
double StreamChannel::turns_end(const Run& run, std::int64_t left) {
  const auto n = static_cast<double>(run.bursts);
  const double between = std::max(0.0, 1.0 - static_cast<double>(run.grain) / n);
  return n + static_cast<double>(left - run.bursts) * between;
}

StreamChannel::Stretch& StreamChannel::part_of(const Run& run, bool write) {
  Stretch& part = parts_[write];
  if (run.part != part.number) {
    end_batch();
    part = {.number = run.part, .left = run.together, .start = bus_};
  } else if (!batch_.empty() && batch_.back().write != write) {
    end_batch();
    part.start = bus_;
  }
  return part;
}

/// The cycle from which the bank takes column commands for the row.
double StreamChannel::open_row(Bank& bank, const Run& run, bool write, double admitted) {
  const Address& at = run.at;
  if (bank.written != write) bank.batches.clear();
  const RowBatches::Request request{at.row, run.bursts, booked_[write],
                                    static_cast<double>(run.bursts * timing_[P::ccd_s])};
  if (const auto ready = bank.batches.join(request, config_.row_hit_cap, unhindered_[write])) {
    if (bank.row != at.row) {  // it goes before the row that is open last
      bank.opens += request.time;
      bank.closes += request.time;
    }
    return std::max(admitted, *ready);
  }
  if (bank.row == at.row) {
    bank.batches.open(request, write ? config_.write_queue : config_.read_queue, bank.opens, unhindered_[write]);
    return std::max(admitted, bank.opens);
  }
  double opens = bank.opens;
  bank.vacant = bank.row < 0 ? opens : std::max(opens, bank.closes + timing_[P::rp]);
  if (bank.row >= 0) {
    const double closes = std::max(bank.closes, config_.page == PagePolicy::closed ? 0.0 : admitted);
    opens = std::max(opens, closes + timing_[P::rp]);
  }
  const double act = activates_.book(std::max(opens, admitted));
  bank.wanted = admitted;
  bank.row = at.row;
  bank.act = act;
  bank.opens = act + timing_[P::rcd];
  bank.closes = act + timing_[P::ras];
  bank.batches.open(request, write ? config_.write_queue : config_.read_queue, bank.opens, unhindered_[write]);
  ++activity_.commands[index(Command::activate)];
  return bank.opens;
}

Cycle StreamChannel::flush() {
  drain(0);
  return static_cast<Cycle>(std::ceil(std::max(latest_[0] + timing_[P::rl] + timing_[P::dqsck],
                                               latest_[1] + timing_[P::wl] + timing_[P::dqss]))) -
         timing_[P::ccd_s] + timing_[P::bl];
}

}  // namespace chipcast::dram
