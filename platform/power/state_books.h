// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/power/config.h"
#include "platform/power/observer.h"
#include "sim/ledger/compensated_sum.h"

namespace chipcast {

/// What a domain has spent in one of its states.
struct StateTotals {
  std::string name{};  ///< "working", "waiting", "switching", "entering <idle>", "<idle>", "leaving <idle>"
  Time time{};
  std::int64_t entries = 0;
  CompensatedSum energy{};  ///< J
};

/// Residencies of one domain's states and operating points. Pure; times ascend.
class StateBooks {
 public:
  /// The state that a domain is in at time zero is `first`.
  StateBooks(const power::Domain& config, const DomainState& first);

  const DomainState& state() const { return state_; }
  /// Index of the present state in totals().
  std::size_t index() const { return index_of(state_); }
  std::size_t index_of(const DomainState& state) const;
  /// From `now` on. At time zero it takes the place of the first.
  void enter(const DomainState& state, Time now);
  /// Brings times up to date.
  void settle(Time now);
  void add(std::size_t state, double joules) { totals_.at(state).energy.add(joules); }

  static constexpr std::size_t kWorking = 0, kWaiting = 1, kSwitching = 2;
  const std::vector<StateTotals>& totals() const { return totals_; }
  /// By operating point; one where the domain has none.
  const std::vector<Time>& point_times() const { return points_; }
  /// J of all states.
  double energy() const;

 private:
  DomainState state_;
  Time since_;
  std::vector<StateTotals> totals_;
  std::vector<Time> points_;
};

}  // namespace chipcast
