// SPDX-License-Identifier: Apache-2.0
#include "models/dram/stream.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"

namespace chipcast::dram {

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
  const int to_data = transfer.write ? t[Param::wl] + t[Param::dqss] : t[Param::rl] + t[Param::dqsck];
  const double service = static_cast<double>(bursts * t[Param::ccd_s]) / static_cast<double>(channels_.size());
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

/// The rows of a part, channel by channel; short writes in slices, as a drain takes a few bursts of each.
Cycle StreamMemory::serve_part(std::size_t first, std::size_t last, const Transfer& transfer) {
  Cycle done = transfer.arrival;
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    if (together_[c] == 0) continue;
    rows_.clear();
    for (std::size_t i = first; i < last; ++i) {
      if (static_cast<std::size_t>(runs_[i].where.channel) != c) continue;
      rows_.push_back({runs_[i].where.at, runs_[i].bursts, parts_ + runs_[i].part, together_[c], map_.grain()});
    }
    if (transfer.write && rows_.size() > 1 && together_[c] <= 4 * drain_) slice_rows();
    done = std::max(done, channels_[c].serve(rows_, transfer.write, transfer.arrival));
  }
  return done;
}

/// Cuts `rows_` into pieces that a drain takes of each in turn.
void StreamMemory::slice_rows() {
  const auto rows = rows_.size();
  const std::int64_t slice = std::max<std::int64_t>(1, drain_ / static_cast<std::int64_t>(rows));
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < rows; ++i) {
      StreamChannel::Run cut = rows_[i];
      cut.bursts = std::min(slice, cut.bursts);
      if (cut.bursts == 0) continue;
      rows_[i].bursts -= cut.bursts;
      rows_.push_back(cut);
      more = true;
    }
  }
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(rows));
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
