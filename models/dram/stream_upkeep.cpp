// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "models/dram/stream_channel.h"

/// Refresh, sleep and what the ranks did.
namespace chipcast::dram {
namespace {

using P = Param;
std::size_t at_index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

void StreamChannel::refresh_until(double time) {
  for (int r = 0; r < organisation_.ranks; ++r) {
    const int first = r * organisation_.banks_per_rank();
    double& due = due_[at_index(r)];
    for (; due <= time; due += interval_) {
      if (config_.bank_refresh) {
        refresh_bank(r, due);
        continue;
      }
      refreshing_ += timing_[P::rfc];
      double opens = due + timing_[P::rp_all] + timing_[P::rfc];
      if (organisation_.ranks == 1) {
        bus_ += refresh_loss_;
        time = std::max(time, bus_);
        opens = bus_ - timing_[P::rcd];
      }  // else the other ranks go on
      for (int b = first; b < first + organisation_.banks_per_rank(); ++b) banks_[at_index(b)] = Bank{.opens = opens};
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

/// In a long pause one round of refreshes is like the next: they are counted, not stepped through. The last ones are
/// left to `refresh_until`, so that every bank is as if each had been done.
void StreamChannel::skip_refresh_rounds(double until) {
  const int per_round = config_.bank_refresh ? organisation_.banks_per_rank() : 1;
  const double round = per_round * interval_;
  const double settled = *std::min_element(due_.begin(), due_.end()) + 2.0 * round;
  if (until < settled + 2.0 * round) return;
  refresh_until(settled);  // from here on the banks of a rank take their turns in one order
  for (double& due : due_) {
    const double rounds = std::floor((until - due) / round) - 1.0;
    if (rounds <= 0.0) continue;
    due += rounds * round;
    const auto refreshes = static_cast<std::int64_t>(rounds) * per_round;
    if (config_.bank_refresh) {
      activity_.commands[index(Command::refresh_bank)] += refreshes;
      continue;
    }
    activity_.commands[index(Command::refresh_all)] += refreshes;
    refreshing_ += rounds * timing_[P::rfc];
    if (organisation_.ranks == 1) bus_ += rounds * refresh_loss_;
  }
}

/// Time without requests: writes are drained, refreshes disturb nobody, ranks may sleep.
void StreamChannel::pass_idle(double arrival) {
  if (arrival <= bus_) return;
  drain(0);
  if (arrival <= bus_) return;
  const double gap = arrival - bus_;
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
  skip_refresh_rounds(arrival);
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

}  // namespace chipcast::dram
