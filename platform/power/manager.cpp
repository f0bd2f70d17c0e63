// SPDX-License-Identifier: Apache-2.0
#include "platform/power/manager.h"

#include <algorithm>

#include "platform/power/governors.h"
#include "platform/power/standing.h"
#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast {
namespace {

/// Domains that a device needs: its own, and those that every transfer passes.
std::vector<std::size_t> needs_of(const std::vector<PowerDomain>& domains, std::size_t own) {
  std::vector<std::size_t> out{own};
  for (std::size_t i = 0; i < domains.size(); ++i) {
    const auto& memories = domains[i].memories;
    const bool shared = domains[i].interconnect || std::find(memories.begin(), memories.end(), 0u) != memories.end();
    if (shared && i != own) out.push_back(i);
  }
  return out;
}

}  // namespace

PowerManager::PowerManager(sc_core::sc_module_name name, const StreamsSetup& setup, const shell::Fleet& fleet,
                           const WorkAhead& ahead)
    : sc_module(name),
      setup_(setup),
      domains_(setup.power->domains),
      observer_(setup.power->observer),
      fleet_(fleet),
      ahead_(ahead),
      governing_({.streams = setup,
                  .power = *setup.power,
                  .fleet = fleet,
                  .ahead = ahead,
                  .controls = controls_,
                  .standing = standing_power(setup.platform, domains_),
                  .clock = [this](std::size_t device) { return clock(DeviceId(device)).frequency(); }}),
      users_(domains_.size()),
      held_(domains_.size()) {
  const auto own = domain_of_devices(domains_, setup.platform.devices().size());
  for (std::size_t d = 0; d < own.size(); ++d) {
    needs_.push_back({.domains = needs_of(domains_, own[d])});
    for (const std::size_t domain : needs_.back().domains) users_[domain].push_back(d);
  }
  const auto governors = governors_of(domains_, setup.power->management);
  const auto standing = standing_power(setup.platform, domains_);
  for (std::size_t i = 0; i < domains_.size(); ++i) {
    const PowerDomain& domain = domains_[i];
    auto& clocks = clocks_.emplace_back();
    if (can_change_speed(domain)) {
      for (const auto& opp : domain.config.opps) clocks.emplace_back(opp.clock);
    }
    const bool on = draws_always(setup.platform.file(), domain);
    manages_ = manages_ || (!on && !domain.config.idle.empty() && governors[i].idle != power::IdlePolicy::none);
    controls_.emplace_back(DomainControl::Setup{.config = domain.config,
                                                .policy = governors[i].idle,
                                                .standing = standing[i],
                                                .opp = governing_.first_point(i),
                                                .sleeps = !on,
                                                .always_working = on && users_[i].empty(),
                                                .outlook = [this, i] { return outlook(i); }});
    told_.push_back(controls_.back().state());
    if (observer_ != nullptr) observer_->on_state(i, told_.back(), Time());
  }
  manages_ = manages_ || governing_.acts();
  SC_METHOD(run);
}

void PowerManager::run() {
  if (over_ || !manages_) return;
  next_trigger(timer_);
  scheduled_.reset();
  settle();
}

DomainControl::Outlook PowerManager::outlook(std::size_t domain) const {
  const auto& devices = users_[domain];
  DomainControl::Outlook out;
  out.pending = std::any_of(devices.begin(), devices.end(), [&](auto d) { return !fleet_.devices.at(d)->idle(); });
  const WorkAhead::Releases next = ahead_.next_releases(devices);
  out.next = next.any;
  out.next_at_once = next.at_once;
  return out;
}

bool PowerManager::ready(const Needs& needs, bool compute) const {
  if (compute && !controls_[needs.domains.front()].may_compute()) return false;
  return std::all_of(needs.domains.begin(), needs.domains.end(), [&](auto d) { return controls_[d].up(); });
}

bool PowerManager::ask(DeviceId device, bool compute) {
  Needs& needs = needs_.at(device.index());
  if (ready(needs, compute)) return true;
  const bool waited = needs.waits();
  (compute ? needs.to_compute : needs.to_work) = true;
  if (waited) return false;
  const Time at = now();
  for (const std::size_t domain : needs.domains) controls_[domain].want(true, at);
  governing_.activity(at);
  settle();
  return ready(needs, compute);
}

bool PowerManager::may_work(DeviceId device) { return ask(device, false); }

bool PowerManager::may_compute(DeviceId device) { return ask(device, true); }

Clock PowerManager::clock(DeviceId device) const {
  const std::size_t domain = needs_.at(device.index()).domains.front();
  const auto& clocks = clocks_[domain];
  if (clocks.empty()) return Clock(setup_.platform.devices()[device.index()].device->clock());
  return clocks.at(controls_[domain].state().opp);
}

template <class Change>
void PowerManager::change(DeviceId device, const Change& to) {
  const Time at = now();
  flush();
  for (const std::size_t domain : needs_.at(device.index()).domains) {
    to(controls_[domain], at);
    if (!manages_) settle_domain(domain);
  }
}

void PowerManager::working(DeviceId device) {
  change(device, [](DomainControl& control, Time at) { control.work(true, at); });
  if (!manages_) return;
  governing_.activity(now());
  settle();
}

void PowerManager::resting(DeviceId device) {
  change(device, [](DomainControl& control, Time at) { control.work(false, at); });
  if (!manages_) return;
  governing_.rest(now());
  settle();
}

void PowerManager::computing(DeviceId device, bool begun) {
  if (!manages_) return;
  change(device, [begun](DomainControl& control, Time at) { control.compute(begun, at); });
  if (begun) governing_.activity(now());
  settle();
}

void PowerManager::jobs_changed() {
  if (over_ || !manages_) return;
  governing_.jobs_changed(now());
  for (auto& control : controls_) control.look_again();
  settle();
}

void PowerManager::finish() {
  flush();
  for (std::size_t i = 0; i < domains_.size(); ++i) {
    if (observer_ != nullptr && held_[i]) observer_->on_state(i, controls_[i].state(), *held_[i]);
    held_[i].reset();
  }
  over_ = true;
  timer_.cancel();
}

void PowerManager::settle() {
  if (over_) return;
  flush();
  governing_.settle(now());
  settle_domains();
  if (grant()) settle_domains();
  schedule();
}

void PowerManager::settle_domains() {
  for (std::size_t i = 0; i < controls_.size(); ++i) settle_domain(i);
}

void PowerManager::settle_domain(std::size_t domain) {
  controls_[domain].settle(now());
  tell(domain);
}

/// Devices that have waited and may work now are told so, and no longer keep domains awake.
bool PowerManager::grant() {
  bool any = false;
  for (std::size_t d = 0; d < needs_.size(); ++d) {
    Needs& needs = needs_[d];
    if (!needs.waits() || !ready(needs, needs.to_compute && !needs.to_work)) continue;
    needs.to_work = needs.to_compute = false;
    for (const std::size_t domain : needs.domains) controls_[domain].want(false, now());
    fleet_.devices.at(d)->powered();
    any = true;
  }
  return any;
}

void PowerManager::tell(std::size_t domain) {
  if (observer_ == nullptr) return;
  const DomainState& state = controls_[domain].state();
  if (state == told_[domain]) {
    held_[domain].reset();
    return;
  }
  if (state.activity == DomainState::Activity::waiting && told_[domain].activity == DomainState::Activity::working &&
      state.opp == told_[domain].opp) {
    if (!held_[domain]) held_[domain] = now();
    return;
  }
  held_[domain].reset();
  told_[domain] = state;
  observer_->on_state(domain, state, now());
}

/// Tells what was held back at an earlier instant.
void PowerManager::flush() {
  for (std::size_t i = 0; i < held_.size(); ++i) {
    if (!held_[i] || *held_[i] >= now()) continue;
    DomainState state = told_[i];
    state.activity = DomainState::Activity::waiting;
    told_[i] = state;
    observer_->on_state(i, state, *held_[i]);
    held_[i].reset();
  }
}

void PowerManager::schedule() {
  std::optional<Time> next = governing_.due();
  for (const auto& control : controls_) {
    if (control.due()) next = std::min(next.value_or(*control.due()), *control.due());
  }
  if (next == scheduled_) return;
  timer_.cancel();
  scheduled_ = next;
  if (next) timer_.notify(to_sc_time(*next - now()));
}

}  // namespace chipcast
