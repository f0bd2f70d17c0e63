// SPDX-License-Identifier: Apache-2.0
#include "models/dram/memory.h"

#include <algorithm>

namespace chipcast::dram {
namespace {

/// Bursts that wait in front of a channel before it is set going.
constexpr std::size_t kBacklog = 4096;

}  // namespace

CommandMemory::CommandMemory(const Standard& standard, const MemoryConfig& config)
    : standard_(standard),
      map_(standard.organisation, config.channels,
           config.order.empty() ? usual_order(standard.organisation) : config.order, config.hash) {
  for (int c = 0; c < config.channels; ++c) channels_.push_back({Controller(standard_, config.controller), {}});
}

std::int64_t CommandMemory::submit(const Transfer& transfer) {
  const auto id = static_cast<std::int64_t>(finished_.size());
  finished_.push_back(transfer.arrival);
  const std::int64_t burst = standard_.organisation.burst_bytes();
  const std::int64_t end = transfer.address + transfer.bytes;
  for (std::int64_t byte = transfer.address / burst * burst; byte < end; byte += burst) {
    const Location where = map_.locate(byte);
    Channel& channel = channels_[static_cast<std::size_t>(where.channel)];
    channel.waiting.push_back({where.at, transfer.write, transfer.arrival, id});
    if (channel.waiting.size() >= 2 * kBacklog) pump(channel, kBacklog);
  }
  return id;
}

void CommandMemory::pump(Channel& channel, std::size_t leave) {
  Controller& controller = channel.controller;
  auto& waiting = channel.waiting;
  while (waiting.size() > leave || (leave == 0 && !controller.idle())) {
    const Cycle next = controller.next_time();
    if (!waiting.empty() && controller.accepts(waiting.front().write) && waiting.front().arrival <= next) {
      controller.enqueue(waiting.front());
      waiting.pop_front();
    } else {
      controller.advance(next);
    }
  }
  for (const Completion& done : controller.completions()) {
    Cycle& cycle = finished_[static_cast<std::size_t>(done.id)];
    cycle = std::max(cycle, done.cycle);
    end_ = std::max(end_, done.cycle);
  }
  controller.completions().clear();
}

Cycle CommandMemory::drain() {
  for (Channel& channel : channels_) pump(channel, 0);
  return end_;
}

Activity CommandMemory::activity() const {
  Activity sum;
  for (const Channel& channel : channels_) sum += channel.controller.activity(end_);
  return sum;
}

}  // namespace chipcast::dram
