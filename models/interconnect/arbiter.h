// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/interconnect/config.h"

namespace chipcast::interconnect {

/// Chooses whose transfer crosses a link next. Never interrupts one that has begun.
///   first_come   the one that has waited longest
///   round_robin  the next requester in turn after the one served last
///   priority     the highest priority; among equals the one that has waited longest
///   weighted     start-time fair queueing (Goyal, Vin, Cheng, 1996): bytes served in proportion to the weights of
///                those that want to be served
class Arbiter {
 public:
  Arbiter(Arbitration policy, const std::vector<Port>& ports);

  struct Candidate {
    std::size_t requester;
    std::uint64_t order;  ///< of arrival
  };
  /// Index of the winner. Needs at least one candidate, no requester twice.
  std::size_t choose(const std::vector<Candidate>& candidates) const;
  void served(std::size_t requester, Bytes bytes);

 private:
  double start_of(std::size_t requester) const { return std::max(finish_[requester], virtual_time_); }
  bool goes_before(const Candidate& a, const Candidate& b) const;

  Arbitration policy_;
  std::vector<Port> ports_;
  std::size_t last_;            ///< requester served last
  std::vector<double> finish_;  ///< virtual finish time of each requester's last transfer
  double virtual_time_ = 0.0;   ///< virtual start of the transfer served last
};

}  // namespace chipcast::interconnect
