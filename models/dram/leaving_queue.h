// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace chipcast::dram {

/// Bursts that are booked, by the time at which they leave their queue.
class LeavingQueue {
 public:
  struct Leaving {
    double time;
    std::int64_t bursts;
    bool operator>(const Leaving& o) const { return time > o.time; }
  };

  /// `bursts` that leave one by one, `step` apart, the last at `last`. No more than `places` matter one by one.
  void add(std::int64_t bursts, double last, double step, std::int64_t places);
  std::int64_t waiting() const { return waiting_; }
  /// When no more than `most` bursts are left; forgets those that left. Zero where it is so already.
  double left_until(std::int64_t most);
  /// Those that would leave after `from` do so one by one, `step` apart, from `to` on at the earliest, less their own
  /// time: it is booked before `from`. Returns when the first goes.
  double postpone(double from, double to, double step);

 private:
  std::priority_queue<Leaving, std::vector<Leaving>, std::greater<>> queue_;
  std::vector<Leaving> all_;
  std::int64_t waiting_ = 0;
};

}  // namespace chipcast::dram
