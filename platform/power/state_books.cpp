// SPDX-License-Identifier: Apache-2.0
#include "platform/power/state_books.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast {

StateBooks::StateBooks(const power::Domain& config, const DomainState& first)
    : state_(first), points_(std::max<std::size_t>(1, config.opps.size())) {
  for (const char* name : {"working", "waiting", "switching"}) totals_.push_back({.name = name});
  for (const auto& idle : config.idle) {
    totals_.push_back({.name = "entering " + idle.name});
    totals_.push_back({.name = idle.name});
    totals_.push_back({.name = "leaving " + idle.name});
  }
  totals_.at(index()).entries = 1;
}

std::size_t StateBooks::index_of(const DomainState& state) const {
  using Activity = DomainState::Activity;
  const std::size_t idle = 3 + 3 * state.idle.value_or(0);
  switch (state.activity) {
    case Activity::working:
      return kWorking;
    case Activity::waiting:
      return kWaiting;
    case Activity::switching:
      return kSwitching;
    case Activity::entering:
      return idle;
    case Activity::idle:
      return idle + 1;
    case Activity::leaving:
      return idle + 2;
  }
  CHIPCAST_ASSERT(false);
}

void StateBooks::enter(const DomainState& state, Time now) {
  settle(now);
  const std::size_t before = index(), next = index_of(state);
  if (now == Time() && totals_.at(before).time == Time() && before != next) totals_.at(before).entries -= 1;
  if (before != next) totals_.at(next).entries += 1;
  state_ = state;
}

void StateBooks::settle(Time now) {
  CHIPCAST_ASSERT(since_ <= now);
  totals_.at(index()).time += now - since_;
  points_.at(state_.opp) += now - since_;
  since_ = now;
}

double StateBooks::energy() const {
  CompensatedSum sum;
  for (const auto& state : totals_) sum.add(state.energy);
  return sum.value();
}

}  // namespace chipcast
