// SPDX-License-Identifier: Apache-2.0
#include "platform/power/governing.h"

#include <algorithm>

#include "platform/power/governors.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

using power::GovernorKind;

std::optional<Speed::Trip> trip_of(const Platform& platform, const PowerDomain& domain, const PowerSetup& setup) {
  const auto& thermal = platform.file().thermal;
  if (!domain.node || domain.devices.empty() || setup.observer == nullptr) return std::nullopt;
  const auto& throttle = thermal.nodes.at(*domain.node).second.throttle_c;
  if (!throttle) return std::nullopt;
  return Speed::Trip{.throttle = *throttle, .release = *throttle - thermal.hysteresis_k};
}

}  // namespace

Governing::Governing(const Setup& setup) : setup_(setup), cap_(setup.streams.platform, setup.power, setup.standing) {
  const auto& domains = setup.power.domains;
  const auto governors = governors_of(domains, setup.power.management);
  bool deadlines = false;
  for (std::size_t i = 0; i < domains.size(); ++i) {
    speeds_.emplace_back(domains[i], governors[i], trip_of(setup.streams.platform, domains[i], setup.power));
    deadlines = deadlines || (speeds_[i].changes() && governors[i].kind == GovernorKind::deadline);
  }
  if (deadlines) {
    deadlines_ = std::make_unique<Deadlines>(Deadlines::Setup{.streams = setup.streams,
                                                              .domains = domains,
                                                              .fleet = setup.fleet,
                                                              .ahead = setup.ahead,
                                                              .clock = setup.clock});
  }
}

bool Governing::acts() const {
  return cap_.kept() || std::any_of(speeds_.begin(), speeds_.end(), [](const Speed& speed) {
           return speed.watches_heat() || (speed.changes() && speed.governor().kind != GovernorKind::fixed);
         });
}

bool Governing::pending(std::size_t domain) const {
  const auto& devices = setup_.power.domains[domain].devices;
  return std::any_of(devices.begin(), devices.end(),
                     [&](std::size_t d) { return !setup_.fleet.devices.at(d)->idle(); });
}

bool Governing::any_needed() const {
  return std::any_of(setup_.controls.begin(), setup_.controls.end(), [](const auto& c) { return c.needed(); });
}

void Governing::activity(Time now) {
  for (std::size_t i = 0; i < speeds_.size(); ++i) {
    Speed& speed = speeds_[i];
    if (speed.sampler.armed()) continue;
    const bool own = speed.by_load() || (speed.by_work() && speed.governor().kind == GovernorKind::deadline);
    if (!speed.watches_heat() && !(own && setup_.controls[i].needed())) continue;
    speed.sampler.arm(now);
    speed.worked = setup_.controls[i].worked(now);
  }
  cap_.arm(now, setup_.controls);
}

void Governing::jobs_changed(Time now) {
  for (std::size_t i = 0; i < speeds_.size(); ++i) follow_work(i, now, true);
}

void Governing::rest(Time now) {
  const bool any = std::any_of(speeds_.begin(), speeds_.end(), [](const Speed& speed) { return speed.by_work(); });
  if (any && !look_) look_ = now + Time::ps(1);
}

/// `again`: although the domain has work, or has none, as before.
void Governing::follow_work(std::size_t domain, Time now, bool again) {
  Speed& speed = speeds_[domain];
  if (!speed.by_work()) return;
  const bool pending = this->pending(domain);
  if (!again && pending == speed.pending) return;
  speed.pending = pending;
  const auto& config = setup_.power.domains[domain];
  if (speed.governor().kind == GovernorKind::deadline) {
    speed.set_wish(deadline_point(domain, now));
  } else {
    const power::Demand demand{.opp = setup_.controls[domain].state().opp, .pending = pending, .due = std::nullopt};
    speed.set_wish(power::choose_opp(speed.governor(), config.config.opps, demand, config.opp));
  }
  aim(domain);
}

std::size_t Governing::deadline_point(std::size_t domain, Time now) const {
  const auto& config = setup_.power.domains[domain].config;
  const DomainState& state = setup_.controls[domain].state();
  Seconds latency = config.switch_latency;
  if (state.idle) latency += config.idle.at(*state.idle).exit;
  return deadlines_->choose(domain, speeds_[domain].governor(), state.opp, latency, now);
}

void Governing::aim(std::size_t domain) { setup_.controls[domain].aim(speeds_[domain].target()); }

void Governing::sample(std::size_t domain, Time now) {
  Speed& speed = speeds_[domain];
  const DomainControl& control = setup_.controls[domain];
  const auto& config = setup_.power.domains[domain];
  const Time worked = control.worked(now) - speed.worked;
  if (speed.by_load()) {
    const power::Demand demand{.load = worked.seconds() / speed.sampler.period().seconds(),
                               .opp = control.state().opp,
                               .pending = control.needed(),
                               .due = std::nullopt};
    speed.set_wish(power::choose_opp(speed.governor(), config.config.opps, demand, config.opp));
  }
  if (speed.by_work() && speed.governor().kind == GovernorKind::deadline) speed.set_wish(deadline_point(domain, now));
  if (speed.watches_heat()) speed.feel(setup_.power.observer->celsius(now).at(domain));
  if (speed.changes()) aim(domain);
  const bool cooling = speed.watches_heat() && (any_needed() || (speed.heated() && setup_.ahead.expects()));
  if (!cooling && !control.needed() && worked == Time()) return;
  speed.sampler.arm(now);
  speed.worked = control.worked(now);
}

void Governing::settle(Time now) {
  for (std::size_t i = 0; i < speeds_.size(); ++i) {
    if (speeds_[i].sampler.take(now)) sample(i, now);
  }
  if (cap_.due() && *cap_.due() <= now) {
    if (cap_.sample(now, speeds_, setup_.controls)) {
      for (std::size_t i = 0; i < speeds_.size(); ++i) aim(i);
    }
    const bool limited =
        std::any_of(speeds_.begin(), speeds_.end(), [](const Speed& speed) { return speed.limited(); });
    if (any_needed() || (limited && setup_.ahead.expects())) cap_.arm(now, setup_.controls);
  }
  if (look_ && *look_ <= now) {
    look_.reset();
    for (std::size_t i = 0; i < speeds_.size(); ++i) follow_work(i, now, false);
  }
}

std::optional<Time> Governing::due() const {
  std::optional<Time> first = cap_.due();
  const auto take = [&](std::optional<Time> at) {
    if (at) first = std::min(first.value_or(*at), *at);
  };
  take(look_);
  for (const auto& speed : speeds_) take(speed.sampler.due());
  return first;
}

std::vector<std::string> Governing::warnings() const {
  std::vector<std::string> out = cap_.warnings();
  const auto& domains = setup_.power.domains;
  bool any = false;
  for (std::size_t i = 0; i < domains.size(); ++i) {
    any = any || speeds_[i].changes();
    if (speeds_[i].too_hot() == 0) continue;
    const std::string times = " in " + std::to_string(speeds_[i].too_hot()) + " periods";
    if (!speeds_[i].changes()) {
      out.push_back("domain " + domains[i].name + " was above its throttle_c" + times +
                    " and cannot throttle: it has no operating points to slow down to");
    } else {
      out.push_back("domain " + domains[i].name + " stayed above its throttle_c at its slowest operating point" +
                    times + "; it needs a slower one or better cooling");
    }
  }
  const auto& management = setup_.power.management;
  if (!any && management.governor.kind != GovernorKind::fixed) {
    out.push_back("power.governor \"" + std::string(name_of(management.governor.kind)) +
                  "\" changes nothing: no domain has operating points");
  }
  return out;
}

}  // namespace chipcast
