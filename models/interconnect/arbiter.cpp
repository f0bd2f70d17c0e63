// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/arbiter.h"

#include <algorithm>

namespace chipcast::interconnect {

Arbiter::Arbiter(Arbitration policy, const std::vector<Port>& ports)
    : policy_(policy), ports_(ports), last_(ports.empty() ? 0 : ports.size() - 1), finish_(ports.size(), 0.0) {}

bool Arbiter::goes_before(const Candidate& a, const Candidate& b) const {
  const auto turn = [&](const Candidate& c) { return c.requester > last_ ? c.requester : c.requester + ports_.size(); };
  switch (policy_) {
    case Arbitration::first_come:
      return a.order < b.order;
    case Arbitration::round_robin:
      return turn(a) < turn(b);
    case Arbitration::priority: {
      const int pa = ports_[a.requester].priority, pb = ports_[b.requester].priority;
      return pa != pb ? pa > pb : a.order < b.order;
    }
    case Arbitration::weighted: {
      const double sa = start_of(a.requester), sb = start_of(b.requester);
      return sa != sb ? sa < sb : a.order < b.order;
    }
  }
  return a.order < b.order;
}

std::size_t Arbiter::choose(const std::vector<Candidate>& candidates) const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    if (goes_before(candidates[i], candidates[best])) best = i;
  }
  return best;
}

void Arbiter::served(std::size_t requester, Bytes bytes) {
  last_ = requester;
  if (policy_ != Arbitration::weighted) return;
  virtual_time_ = start_of(requester);
  finish_[requester] = virtual_time_ + static_cast<double>(bytes.count()) / ports_[requester].weight;
}

}  // namespace chipcast::interconnect
