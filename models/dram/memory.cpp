// SPDX-License-Identifier: Apache-2.0
#include "models/dram/memory.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast::dram {
namespace {

/// Cycles by which one channel runs ahead of another in drain(), at most.
constexpr Cycle kSlice = 4096;

}  // namespace

CommandMemory::CommandMemory(const Standard& standard, const MemoryConfig& config)
    : standard_(standard),
      map_(standard.organisation, config.channels,
           config.order.empty() ? usual_order(standard.organisation) : config.order, config.hash),
      queue_(config.queue) {
  for (int c = 0; c < config.channels; ++c) channels_.push_back({Controller(standard_, config.controller), {}, 0});
}

std::int64_t CommandMemory::submit(const Transfer& transfer) {
  CHIPCAST_ASSERT(transfer.address >= 0 && transfer.bytes > 0);
  const std::int64_t burst = standard_.organisation.burst_bytes();
  const std::int64_t first = transfer.address / burst, end = ceil_div(transfer.address + transfer.bytes, burst);
  coming_.push_back({transfer, first * burst});
  flights_.push_back({end - first, kNever, transfer.arrival});
  return first_flight_ + static_cast<std::int64_t>(flights_.size()) - 1;
}

Cycle CommandMemory::next_of(Channel& channel) {
  split_for(channel);
  const Cycle next = channel.controller.next_time();
  if (channel.waiting.empty() || !channel.controller.accepts(channel.waiting.front().write)) return next;
  return std::min(next, std::max(channel.now, channel.waiting.front().arrival));
}

Cycle CommandMemory::next_time() {
  Cycle next = kNever;
  for (Channel& channel : channels_) next = std::min(next, next_of(channel));
  return next;
}

void CommandMemory::advance(Cycle until) {
  finished_.clear();
  for (Channel& channel : channels_) step(channel, until, true);
  retire();
}

/// Sets one channel going: bursts enter the queues in order, as early as there is room.
void CommandMemory::step(Channel& channel, Cycle until, bool refresh_when_idle) {
  for (;;) {
    if (take(channel, until)) continue;
    if (!refresh_when_idle && still(channel)) break;
    const Cycle next = channel.controller.next_time();
    if (next > until) break;
    channel.controller.advance(next);
    channel.now = next;
    collect(channel);
  }
}

bool CommandMemory::take(Channel& channel, Cycle until) {
  split_for(channel);
  if (channel.waiting.empty()) return false;
  const Request& burst = channel.waiting.front();
  if (!channel.controller.accepts(burst.write)) return false;
  if (burst.arrival > std::min(until, channel.controller.next_time())) return false;
  if (burst.write) {
    const Cycle taken = std::max(channel.now, burst.arrival);
    count_burst(burst.id, taken, taken);
  }
  --coming_[static_cast<std::size_t>(burst.id - first_coming_)].outside;
  channel.controller.enqueue(burst);
  channel.waiting.pop_front();
  forget_split();
  return true;
}

/// Splits transfers until the channel has a burst to wait for, if it gets one.
void CommandMemory::split_for(const Channel& channel) {
  while (channel.waiting.empty() && splitting_ < first_coming_ + static_cast<std::int64_t>(coming_.size())) {
    split_next();
  }
}

void CommandMemory::split_next() {
  Coming& coming = coming_[static_cast<std::size_t>(splitting_ - first_coming_)];
  const Transfer& t = coming.transfer;
  const Location where = map_.locate(coming.next);
  channels_[static_cast<std::size_t>(where.channel)].waiting.push_back(
      Request{where.at, t.write, t.arrival, splitting_});
  ++coming.outside;
  coming.next += standard_.organisation.burst_bytes();
  if (coming.next >= t.address + t.bytes) ++splitting_;
}

/// Forgets transfers, in order, all of whose bursts got a place in a controller's queue.
void CommandMemory::forget_split() {
  while (first_coming_ < splitting_ && coming_.front().outside == 0) {
    coming_.pop_front();
    ++first_coming_;
  }
}

void CommandMemory::collect(Channel& channel) {
  for (const Completion& burst : channel.controller.completions()) {
    end_ = std::max(end_, burst.cycle);
    if (!burst.write) count_burst(burst.id, burst.cycle - standard_.timing[Param::bl], burst.cycle);
  }
  channel.controller.completions().clear();
}

void CommandMemory::count_burst(std::int64_t transfer, Cycle first, Cycle done) {
  Flight& flight = flights_[static_cast<std::size_t>(transfer - first_flight_)];
  flight.first = std::min(flight.first, first);
  flight.done = std::max(flight.done, done);
  if (--flight.left == 0) finished_.push_back({transfer, flight.first, flight.done});
}

/// Forgets what is done, in order: a transfer that is done waits for those before it.
void CommandMemory::retire() {
  while (!flights_.empty() && flights_.front().left == 0) {
    flights_.pop_front();
    ++first_flight_;
  }
}

Cycle CommandMemory::drain() {
  finished_.clear();
  while (!idle()) {
    Cycle next = kNever;
    for (Channel& channel : channels_) {
      const Cycle own = next_of(channel);
      if (!still(channel)) next = std::min(next, own);
    }
    for (Channel& channel : channels_) step(channel, next + kSlice, false);
    retire();
  }
  return end_;
}

Counts CommandMemory::take_counts() {
  const Counts all = Counts::of(activity(end_));
  const Counts fresh = all - taken_counts_;
  taken_counts_ = all;
  return fresh;
}

Activity CommandMemory::activity(Cycle end) const {
  Activity sum;
  for (const Channel& channel : channels_) sum += channel.controller.activity(end);
  return sum;
}

}  // namespace chipcast::dram
