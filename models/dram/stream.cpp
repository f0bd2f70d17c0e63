// SPDX-License-Identifier: Apache-2.0
#include "models/dram/stream.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"

namespace chipcast::dram {
namespace {

using P = Param;
std::size_t at_index(int i) { return static_cast<std::size_t>(i); }

/// Whether row and column commands use the same pins.
bool standard_shares_bus(const Standard& standard) {
  return std::any_of(standard.rules.begin(), standard.rules.end(), [](const Rule& rule) {
    return rule.scope == Scope::channel && rule.from.contains(Command::read) && rule.to.contains(Command::activate);
  });
}

}  // namespace

StreamChannel::StreamChannel(const Standard& standard, const ControllerConfig& config)
    : organisation_(standard.organisation),
      timing_(standard.timing),
      config_(checked(config, standard)),
      banks_(at_index(organisation_.banks_total())),
      groups_(at_index(organisation_.groups_total()), 0.0),
      refreshed_(banks_.size(), false) {
  const Timing& t = timing_;
  // What a change of direction adds to the regular distance of two column commands.
  to_write_ = t[P::rl] + t[P::dqsck] + t[P::bl] + t[P::rtw_gap] - t[P::wl] - t[P::ccd_s];
  // The first read finds its bank group just written.
  to_read_ = t[P::wl] + t[P::dqss] + t[P::bl] + std::max(t[P::wtr_s], t[P::wtr_l]) - t[P::ccd_s];
  // Banks close (tRTP, tRP), refresh, and open again (tRCD).
  // An activate waits for the rest of a column command, or not: one in a burst's time.
  bus_wait_ = standard_shares_bus(standard) ? 0.5 * t[P::bus_col] * t[P::bus_col] / t[P::ccd_s] : 0.0;
  refresh_loss_ = t[P::rtp] + t[P::rp_all] + t[P::rfc] + t[P::rcd] - t[P::ccd_s];
  interval_ = t[P::refi];
  if (config_.bank_refresh) interval_ = std::floor(interval_ / organisation_.banks_per_rank());
  for (int r = 0; r < organisation_.ranks; ++r) due_.push_back(interval_ + r * interval_ / organisation_.ranks);
}

Cycle StreamChannel::serve(const Run& run, bool write, Cycle arrival) {
  pass_idle(static_cast<double>(arrival));
  if (!write) {
    if (draining_) drain(config_.write_low);
    draining_ = false;
    const double last = book(run, false, admit(run, false, static_cast<double>(arrival)));
    return static_cast<Cycle>(std::ceil(last)) - timing_[P::ccd_s] + timing_[P::rl] + timing_[P::dqsck] +
           timing_[P::bl];
  }
  if (pending_ + run.bursts > config_.write_queue) drain(std::max<std::int64_t>(0, config_.write_queue - run.bursts));
  const double admitted = admit(run, true, static_cast<double>(arrival));
  writes_.push_back({run, admitted});
  pending_ += run.bursts;
  draining_ = draining_ || pending_ >= config_.write_high;
  if (pending_ <= config_.write_queue) return static_cast<Cycle>(std::ceil(admitted));
  drain(config_.write_queue);  // a place for the last burst
  return static_cast<Cycle>(std::ceil(std::max(admitted, bus_)));
}

/// Books a run at all the servers; returns the cycle in which its last column command ends.
double StreamChannel::book(const Run& run, bool write, double admitted) {
  coming_ = run.at.bank;
  refresh_until(bus_);
  turn_to(write);
  if (run.part != part_.number) begin_part(run.part, write);
  Bank& bank = banks_[at_index(run.at.bank)];
  const double ready = open_row(bank, run.at, admitted);
  const auto n = static_cast<double>(run.bursts);
  // While a row opens, the bus serves what else the queue holds, no more.
  const int places = write ? config_.write_queue : config_.read_queue;
  const auto others = static_cast<double>(std::max<std::int64_t>(0, places - run.together));
  if (2 * run.together >= places) bus_ = std::max(bus_, ready - others * timing_[P::ccd_s]);
  bus_ = std::max(bus_, admitted) + n * timing_[P::ccd_s];
  double last = std::max(bus_, ready + n * timing_[P::ccd_s]);
  if (organisation_.groups > 1) {
    double& group = groups_[at_index(run.at.group)];
    group = std::max(group, std::min(admitted, part_.start)) + n * timing_[P::ccd_l];
    last = std::max(last, group);
  }
  const double recovery = write ? timing_[P::wl] + timing_[P::dqss] + timing_[P::bl] + timing_[P::wr] : timing_[P::rtp];
  // The rows of a part are used in turn to its end.
  const double part_end = part_.start + static_cast<double>(run.together * timing_[P::ccd_s]);
  bank.closes = std::max(bank.closes, std::max(last, part_end) - timing_[P::ccd_s] + recovery);
  part_.bursts += run.bursts;
  part_.last = std::max(part_.last, last);
  latest_[write] = std::max(latest_[write], last);
  served_ += run.bursts;
  bank.used = served_;
  activity_.commands[index(write ? Command::write : Command::read)] += run.bursts;
  return last;
}

/// Notes when the bursts of the part before leave their queue.
void StreamChannel::begin_part(std::int64_t number, bool write) {
  if (part_.bursts > 0) hold(part_.write, part_.last, part_.bursts);
  part_ = {.number = number, .bursts = 0, .write = write, .start = bus_, .last = 0.0};
}

/// Turns the data bus. Reads that are not ready yet wait for the next turn; a drain ends with its last write.
void StreamChannel::turn_to(bool write) {
  if (writing_ == write) return;
  bus_ = write ? bus_ + to_write_ : std::max(bus_, drained_) + to_read_;
  writing_ = write;
}

/// Serves the oldest writes until `leave` bursts wait.
void StreamChannel::drain(std::int64_t leave) {
  ends_.clear();
  const std::int64_t in_drain = pending_ - leave;
  while (pending_ > leave) {
    Write& w = writes_.front();
    Run now = w.run;
    now.bursts = std::min(w.run.bursts, pending_ - leave);
    now.together = std::min(now.together, in_drain);
    ends_.push_back({book(now, true, w.admitted), now.bursts});
    pending_ -= now.bursts;
    w.run.bursts -= now.bursts;
    if (w.run.bursts == 0) writes_.pop_front();
  }
  // The writes that stay behind are the youngest as often as those that would be last.
  std::int64_t behind = leave / 2;
  std::sort(ends_.begin(), ends_.end(), [](const Held& a, const Held& b) { return a > b; });
  for (const Held& end : ends_) {
    drained_ = end.leaves;
    behind -= end.bursts;
    if (behind < 0) break;
  }
}

Cycle StreamChannel::flush() {
  drain(0);
  return static_cast<Cycle>(std::ceil(std::max(latest_[0] + timing_[P::rl] + timing_[P::dqsck],
                                               latest_[1] + timing_[P::wl] + timing_[P::dqss]))) -
         timing_[P::ccd_s] + timing_[P::bl];
}

/// When the first burst of a run gets a place in its queue. Requests come in order.
double StreamChannel::admit(const Run& run, bool write, double arrival) {
  if (run.part == admitted_part_) return admitted_;
  admitted_part_ = run.part;
  if (part_.write == write) begin_part(-1, write);
  Queue& queue = held_[write];
  const int places = write ? config_.write_queue : config_.read_queue;
  double time = std::max(arrival, admitted_);
  while (waiting_[write] >= places) {
    time = std::max(time, queue.top().leaves);
    waiting_[write] -= queue.top().bursts;
    queue.pop();
  }
  admitted_ = time;
  return time;
}

/// The bursts of a run leave its queue one by one; noted in chunks, as no more than the queue holds matters.
void StreamChannel::hold(bool write, double last, std::int64_t bursts) {
  constexpr std::int64_t kChunk = 8;
  waiting_[write] += bursts;
  const std::int64_t places = write ? config_.write_queue : config_.read_queue;
  double leaves = last;
  for (std::int64_t rest = bursts; rest > 0;) {
    const std::int64_t chunk = bursts - rest >= places ? rest : std::min(rest, kChunk);
    held_[write].push({leaves, chunk});
    leaves -= static_cast<double>(chunk * timing_[P::ccd_s]);
    rest -= chunk;
  }
}

/// The cycle from which the bank takes column commands for the row.
double StreamChannel::open_row(Bank& bank, const Address& at, double admitted) {
  const auto near = [&](std::int64_t used) { return served_ - used < config_.read_queue / 2; };
  if (bank.row == at.row) return std::max(admitted, bank.opens);
  if (bank.old_row == at.row && near(bank.old_used)) {
    bank.old_used = served_;  // a hit that overtook the requests for the row that is open by now
    return admitted;
  }
  double opens = bank.opens;
  if (bank.row >= 0) {
    const double closes = std::max(bank.closes, config_.page == PagePolicy::closed ? 0.0 : admitted);
    opens = std::max(opens, closes + timing_[P::rp]);
  }
  const double act = activate_slot(std::max(opens, admitted));
  bank.old_row = bank.row;
  bank.old_used = bank.used;
  bank.row = at.row;
  bank.opens = act + timing_[P::rcd];
  bank.closes = act + timing_[P::ras];
  ++activity_.commands[index(Command::activate)];
  return bank.opens;
}

/// The first cycle from `from` on that keeps tRRD and tFAW with all activates booked, before and after.
double StreamChannel::activate_slot(double from) {
  constexpr std::size_t kKept = 48;
  constexpr std::size_t kWindow = 4;
  const double rrd = timing_[P::rrd_s], faw = timing_[P::faw];
  auto& booked = activates_;
  auto next = std::upper_bound(booked.begin(), booked.end(), from);
  for (bool moved = true; moved;) {
    moved = false;
    const auto later = [&](double t) {
      if (t <= from) return;
      from = t;
      moved = true;
    };
    while (next != booked.end() && *next <= from) ++next;
    if (next != booked.begin()) later(*(next - 1) + rrd);
    if (next != booked.end() && *next < from + rrd) later(*next + rrd);
    // Of any five in a row the last keeps tFAW from the first.
    for (std::size_t before = 0; before <= kWindow && !moved; ++before) {
      const std::size_t after = kWindow - before;
      const auto have_before = static_cast<std::size_t>(next - booked.begin());
      const auto have_after = static_cast<std::size_t>(booked.end() - next);
      if (before > have_before || after > have_after) continue;
      const double first = before == 0 ? from : *(next - static_cast<std::ptrdiff_t>(before));
      const double last = after == 0 ? from : *(next + static_cast<std::ptrdiff_t>(after) - 1);
      if (last - first < faw) later(after == 0 ? first + faw : *next + rrd);
    }
  }
  from += bus_wait_;
  booked.insert(std::upper_bound(booked.begin(), booked.end(), from), from);
  if (booked.size() > kKept) booked.erase(booked.begin());
  return from;
}

void StreamChannel::refresh_until(double time) {
  for (int r = 0; r < organisation_.ranks; ++r) {
    const int first = r * organisation_.banks_per_rank();
    double& due = due_[at_index(r)];
    for (; due <= time; due += interval_) {
      if (config_.bank_refresh) {
        refresh_bank(r, due);
        continue;
      }
      bus_ += refresh_loss_;
      time = std::max(time, bus_);
      refreshing_ += timing_[P::rfc];
      for (int b = first; b < first + organisation_.banks_per_rank(); ++b) {
        banks_[at_index(b)] = Bank{.opens = bus_ - timing_[P::rcd]};
      }
      ++activity_.commands[index(Command::refresh_all)];
    }
  }
}

/// Of the banks that this round has still to refresh, the first that the queue does not hold requests for.
void StreamChannel::refresh_bank(int rank, double due) {
  const int first = rank * organisation_.banks_per_rank(), end = first + organisation_.banks_per_rank();
  int chosen = -1;
  const auto since = [&](int b) {
    return b == coming_ ? -1 : std::min<std::int64_t>(served_ - banks_[at_index(b)].used, config_.read_queue);
  };
  for (int b = first; b < end; ++b) {
    if (!refreshed_[at_index(b)] && (chosen < 0 || since(b) > since(chosen))) chosen = b;
  }
  if (chosen < 0) {
    std::fill(refreshed_.begin() + first, refreshed_.begin() + end, false);
    return refresh_bank(rank, due);
  }
  Bank& bank = banks_[at_index(chosen)];
  const double start = bank.row >= 0 ? std::max(bank.closes, due) + timing_[P::rp] : std::max(bank.opens, due);
  bank = Bank{.opens = start + timing_[P::rfc_bank], .used = bank.used};
  refreshed_[at_index(chosen)] = true;
  ++activity_.commands[index(Command::refresh_bank)];
}

/// Time without requests: writes are drained, refreshes disturb nobody, ranks may sleep.
void StreamChannel::pass_idle(double arrival) {
  if (arrival <= bus_) return;
  drain(0);
  if (arrival <= bus_) return;
  const double gap = arrival - bus_;
  draining_ = false;
  const double light = static_cast<double>(config_.power_down_after.count()),
               deep = static_cast<double>(config_.self_refresh_after.count());
  const double dozing = deep > 0.0 ? std::min(gap, deep) : gap;
  if (light > 0.0) asleep_ += std::max(0.0, dozing - light);
  if (deep > 0.0) deep_asleep_ += std::max(0.0, gap - deep);
  const bool slept = (light > 0.0 && gap > light) || (deep > 0.0 && gap > deep);
  for (double& due : due_) {
    if (deep > 0.0 && gap > deep) due = std::max(due, arrival + interval_);
  }
  const double busy = bus_;
  refresh_until(arrival);
  bus_ = std::max(arrival - timing_[P::ccd_s], busy);
  if (!slept) return;
  bus_ += deep > 0.0 && gap > deep ? timing_[P::xs] : timing_[P::xp];
  for (Bank& bank : banks_) bank = Bank{.opens = bus_};
}

Activity StreamChannel::activity(Cycle end) const {
  Activity a = activity_;
  const double all = static_cast<double>(end);
  const double idle = std::min(all, refreshing_);
  a.cycles[index(RankState::power_down)] = std::llround(asleep_ * organisation_.ranks);
  a.cycles[index(RankState::self_refresh)] = std::llround(deep_asleep_ * organisation_.ranks);
  a.cycles[index(RankState::idle)] = std::llround(idle);
  a.cycles[index(RankState::active)] =
      std::llround(std::max(0.0, all - asleep_ - deep_asleep_) * organisation_.ranks - idle);
  return a;
}

StreamMemory::StreamMemory(const Standard& standard, const MemoryConfig& config)
    : standard_(standard),
      map_(standard.organisation, config.channels,
           config.order.empty() ? usual_order(standard.organisation) : config.order, config.hash) {
  for (int c = 0; c < config.channels; ++c) channels_.emplace_back(standard_, config.controller);
  drain_ = config.controller.write_high - config.controller.write_low;
}

Served StreamMemory::submit(const Transfer& transfer) {
  CHIPCAST_ASSERT(transfer.address >= 0 && transfer.bytes > 0);
  const std::int64_t burst = standard_.organisation.burst_bytes();
  const std::int64_t first = transfer.address / burst;
  const std::int64_t bursts = ceil_div(transfer.address + transfer.bytes, burst) - first;
  runs_.clear();
  map_.split(first, bursts, runs_);
  const double before = backlog(transfer.arrival);
  Cycle done = transfer.arrival;
  for (std::size_t next = 0; next < runs_.size();) {
    std::size_t last = next;
    while (last < runs_.size() && runs_[last].part == runs_[next].part) ++last;
    count_together(next, last);
    done = std::max(done, serve_part(next, last, transfer));
    next = last;
  }
  parts_ += runs_.back().part + 1;
  end_ = std::max(end_, done);

  const Timing& t = standard_.timing;
  const int to_data = transfer.write ? t[P::wl] + t[P::dqss] : t[P::rl] + t[P::dqsck];
  const double service = static_cast<double>(bursts * t[P::ccd_s]) / static_cast<double>(channels_.size());
  const double begin = std::max(pins_free_, before + to_data);
  pins_free_ = std::max(begin + service, backlog(transfer.arrival) + to_data);
  return {static_cast<Cycle>(std::ceil(begin)), static_cast<Cycle>(std::ceil(pins_free_)), done};
}

/// When the channels would be done with all that they have taken, the mean over them.
double StreamMemory::backlog(Cycle arrival) const {
  double sum = 0.0;
  for (const StreamChannel& channel : channels_) sum += std::max(static_cast<double>(arrival), channel.backlog());
  return sum / static_cast<double>(channels_.size());
}

/// The rows of a part, one after the other; short writes in slices, as a drain takes a few bursts of each.
Cycle StreamMemory::serve_part(std::size_t first, std::size_t last, const Transfer& transfer) {
  const auto rows = static_cast<std::int64_t>(last - first);
  const std::int64_t all = *std::max_element(together_.begin(), together_.end());
  const bool slices = transfer.write && rows > 1 && all <= 4 * drain_;
  const std::int64_t slice = slices ? std::max<std::int64_t>(1, drain_ / rows) : all;
  Cycle done = transfer.arrival;
  for (std::int64_t taken = 0; taken < all; taken += slice) {
    for (std::size_t i = first; i < last; ++i) {
      const AddressMap::Run& run = runs_[i];
      const std::int64_t bursts = std::min(slice, run.bursts - taken);
      if (bursts <= 0) continue;
      const auto c = static_cast<std::size_t>(run.where.channel);
      done = std::max(done, channels_[c].serve({run.where.at, bursts, parts_ + run.part, together_[c]}, transfer.write,
                                               transfer.arrival));
    }
  }
  return done;
}

/// Bursts by channel of the runs from `first` to before `last`.
void StreamMemory::count_together(std::size_t first, std::size_t last) {
  together_.assign(channels_.size(), 0);
  for (std::size_t i = first; i < last; ++i)
    together_[static_cast<std::size_t>(runs_[i].where.channel)] += runs_[i].bursts;
}

Cycle StreamMemory::drain() {
  for (StreamChannel& channel : channels_) end_ = std::max(end_, channel.flush());
  return end_;
}

Counts StreamMemory::take_counts() {
  Activity sum;
  for (const StreamChannel& channel : channels_) sum += channel.commands();
  const Counts all = Counts::of(sum);
  const Counts fresh = all - taken_counts_;
  taken_counts_ = all;
  return fresh;
}

Activity StreamMemory::activity(Cycle end) const {
  Activity sum;
  for (const StreamChannel& channel : channels_) sum += channel.activity(end);
  return sum;
}

}  // namespace chipcast::dram
