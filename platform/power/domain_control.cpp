// SPDX-License-Identifier: Apache-2.0
#include "platform/power/domain_control.h"

#include <algorithm>

#include "models/power/idle.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

constexpr Seconds kLongest{9e6};  // less than the range of Time, which the simulated time stays in
constexpr Time kInstant = Time::ps(1);

std::vector<std::optional<Time>> rungs_of(const std::vector<power::IdleState>& idle, Watts standing) {
  std::vector<std::optional<Time>> out;
  for (const Seconds after : power::ladder_times(idle, standing)) {
    out.push_back(after < kLongest ? std::optional(Time::from_seconds(after)) : std::nullopt);
  }
  return out;
}

}  // namespace

DomainControl::DomainControl(Setup setup)
    : setup_(std::move(setup)), rungs_(rungs_of(setup_.config.idle, setup_.standing)) {
  state_.opp = setup_.opp;
  if (setup_.always_working) state_.activity = Activity::working;
}

void DomainControl::change(int& count, bool begun, Time now) {
  const bool before = needed();
  touched_ = true;
  count += begun ? 1 : -1;
  CHIPCAST_ASSERT(count >= 0);
  if (before && !needed()) quiet_since_ = now;
}

void DomainControl::work(bool begun, Time now) {
  if (working_ > 0) worked_ += now - working_since_;
  working_since_ = now;
  change(working_, begun, now);
}

void DomainControl::compute(bool begun, Time now) { change(computing_, begun, now); }

void DomainControl::want(bool begun, Time now) { change(wanting_, begun, now); }

void DomainControl::aim(std::size_t opp) {
  const std::size_t coming = state_.activity == Activity::switching ? next_opp_ : state_.opp;
  const std::optional<std::size_t> aim = opp == coming ? std::nullopt : std::optional(opp);
  touched_ = touched_ || aim != aim_;
  aim_ = aim;
}

void DomainControl::settle(Time now) {
  if (!touched_ && !(due_ && *due_ <= now)) return;
  touched_ = false;
  standing_ = standing(now);
  settled_ = now;
  due_.reset();
  while (step(now)) {
  }
}

double DomainControl::share() const {
  return state_.activity == Activity::idle ? setup_.config.idle.at(*state_.idle).power_share : 1.0;
}

bool DomainControl::later(Time at) {
  due_ = std::min(due_.value_or(at), at);
  return false;
}

bool DomainControl::step(Time now) {
  switch (state_.activity) {
    case Activity::waiting:
    case Activity::working:
      return step_up(now);
    case Activity::idle:
      return step_idle(now);
    default:
      break;
  }
  if (now < until_) return later(until_);
  if (state_.activity == Activity::entering) {
    state_.activity = Activity::idle;
    return true;
  }
  if (state_.activity == Activity::leaving) {
    state_.idle.reset();
    quiet_since_ = now;
  } else {
    state_.opp = next_opp_;
  }
  state_.activity = Activity::waiting;
  return true;
}

/// True where it has begun to switch.
bool DomainControl::change_point(Time now) {
  if (!aim_ || computing_ > 0) return false;
  next_opp_ = *aim_;
  aim_.reset();
  const Time latency = Time::from_seconds(setup_.config.switch_latency);
  if (latency == Time()) {
    state_.opp = next_opp_;
    return false;
  }
  state_.activity = Activity::switching;
  until_ = now + latency;
  return true;
}

bool DomainControl::step_up(Time now) {
  if (change_point(now)) return true;
  state_.activity = working_ > 0 || setup_.always_working ? Activity::working : Activity::waiting;
  if (needed() || !setup_.sleeps || rungs_.empty() || setup_.policy == power::IdlePolicy::none) return false;
  if (const Time decide = quiet_since_ + kInstant; now < decide) return later(decide);
  const Plan next = plan(now, setup_.outlook());
  if (next.enter) return enter(*next.enter, now);
  return next.again ? later(*next.again) : false;
}

bool DomainControl::step_idle(Time now) {
  const Outlook outlook = needed() ? Outlook{} : setup_.outlook();
  std::optional<Time> wake;
  if (setup_.policy == power::IdlePolicy::menu && !outlook.pending && outlook.next_at_once) {
    const Time exit = Time::from_seconds(setup_.config.idle.at(*state_.idle).exit);
    wake = *outlook.next_at_once > exit ? *outlook.next_at_once - exit : Time();
  }
  if (needed() || (wake && now >= *wake)) {
    leave(now);
    return true;
  }
  const Plan next = plan(now, outlook);
  if (next.enter && *next.enter > *state_.idle) return enter(*next.enter, now);
  if (wake) later(*wake);
  return next.again ? later(*next.again) : false;
}

DomainControl::Plan DomainControl::plan(Time now, const Outlook& outlook) const {
  const auto& states = setup_.config.idle;
  if (setup_.policy == power::IdlePolicy::deepest) return {states.size() - 1, std::nullopt};
  if (setup_.policy == power::IdlePolicy::menu && !outlook.pending && outlook.next) {
    const Time left = *outlook.next > now ? *outlook.next - now : Time();
    return {power::choose_idle(setup_.policy, states, setup_.standing, left.seconds()), std::nullopt};
  }
  Plan out;
  for (std::size_t i = 0; i < rungs_.size(); ++i) {
    if (!rungs_[i]) continue;
    if (const Time at = quiet_since_ + *rungs_[i]; at <= now) {
      out.enter = i;
    } else {
      out.again = std::min(out.again.value_or(at), at);
    }
  }
  return out;
}

bool DomainControl::enter(std::size_t idle, Time now) {
  state_.activity = Activity::entering;
  state_.idle = idle;
  until_ = now + Time::from_seconds(setup_.config.idle.at(idle).entry);
  return true;
}

void DomainControl::leave(Time now) {
  state_.activity = Activity::leaving;
  until_ = now + Time::from_seconds(setup_.config.idle.at(*state_.idle).exit);
}

}  // namespace chipcast
