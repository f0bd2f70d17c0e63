// SPDX-License-Identifier: Apache-2.0
#include "platform/power/speed.h"

#include "platform/power/governors.h"

namespace chipcast {
namespace {

using power::GovernorKind;

/// Where a run begins: a governor that always wants the same point has it from the start, others without work.
std::size_t first_wish(const PowerDomain& domain, const power::Governor& governor) {
  const bool follows_load = governor.kind == GovernorKind::ondemand || governor.kind == GovernorKind::schedutil;
  if (!can_change_speed(domain) || follows_load) return domain.opp;
  return power::choose_opp(governor, domain.config.opps, {.opp = domain.opp, .due = std::nullopt}, domain.opp);
}

}  // namespace

Speed::Speed(const PowerDomain& domain, const power::Governor& governor, std::optional<Trip> trip)
    : sampler(Time::from_seconds(governor.period)),
      governor_(governor),
      trip_(trip),
      changes_(can_change_speed(domain)),
      points_(std::max<std::size_t>(1, domain.config.opps.size())),
      wish_(first_wish(domain, governor)),
      heat_limit_(points_ - 1),
      cap_limit_(points_ - 1) {}

bool Speed::by_load() const {
  return changes_ && (governor_.kind == GovernorKind::ondemand || governor_.kind == GovernorKind::schedutil);
}

bool Speed::by_work() const {
  return changes_ && (governor_.kind == GovernorKind::race_to_idle || governor_.kind == GovernorKind::deadline);
}

void Speed::feel(double celsius) {
  const bool cools = celsius < celsius_;
  celsius_ = celsius;
  if (!trip_) return;
  const bool hot = celsius > trip_->throttle;
  if (hot && !cools && (!changes_ || target() == 0)) ++too_hot_;
  if (!changes_) return;
  if (hot) {
    heat_limit_ = target() > 0 ? target() - 1 : 0;
  } else if (celsius < trip_->release && heated()) {
    ++heat_limit_;
  }
}

}  // namespace chipcast
