// SPDX-License-Identifier: Apache-2.0
#include "models/dram/leaving_queue.h"

#include <algorithm>

namespace chipcast::dram {

void LeavingQueue::add(std::int64_t bursts, double last, double step, std::int64_t places) {
  const std::int64_t few = std::max<std::int64_t>(8, std::min(bursts, places) / 2);
  waiting_ += bursts;
  for (std::int64_t rest = bursts; rest > 0;) {
    const std::int64_t chunk = bursts - rest >= places ? rest : std::min(rest, few);
    queue_.push({last, chunk});
    last -= static_cast<double>(chunk) * step;
    rest -= chunk;
  }
}

double LeavingQueue::left_until(std::int64_t most) {
  double time = 0.0;
  while (waiting_ > most && !queue_.empty()) {
    time = queue_.top().time;
    waiting_ -= queue_.top().bursts;
    queue_.pop();
  }
  return time;
}

double LeavingQueue::postpone(double from, double to, double step) {
  all_.clear();
  std::int64_t late = 0;
  for (; !queue_.empty(); queue_.pop()) {
    all_.push_back(queue_.top());
    if (queue_.top().time > from) late += queue_.top().bursts;
  }
  const double resume = std::max(from, to - static_cast<double>(late) * step);
  double next = resume;
  for (Leaving& l : all_) {
    if (l.time > from) {
      next += static_cast<double>(l.bursts) * step;
      l.time = std::max(l.time, next);
    }
    queue_.push(l);
  }
  return resume;
}

}  // namespace chipcast::dram
