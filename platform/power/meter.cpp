// SPDX-License-Identifier: Apache-2.0
#include "platform/power/meter.h"

#include <algorithm>

#include "models/technology/leakage.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

using Doing = DomainState::Activity;

bool sleeping(const DomainState& state) { return state.activity == Doing::idle; }

}  // namespace

Meter::DomainMeter::DomainMeter(const PowerDomain& domain, const Setup& setup)
    : states(domain.config, {.activity = Doing::waiting, .idle = std::nullopt, .opp = domain.opp}),
      series(setup.window, setup.windows),
      wakes(domain.config.idle.size()) {}

Meter::Meter(const Setup& setup)
    : platform_(setup.platform),
      domains_of_(setup.platform.domains()),
      parts_(standing_parts(setup.platform, domains_of_)),
      part_meters_(parts_.size()),
      first_window_(setup.window),
      window_(setup.window),
      windows_(setup.windows) {
  for (const PowerDomain& domain : domains_of_) {
    domains_.emplace_back(domain, setup);
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    DomainMeter& domain = domains_.at(parts_[i].domain);
    domain.parts.push_back(i);
    if (!parts_[i].memory) continue;
    part_meters_[i].by_state.resize(domain.states.totals().size());
    part_meters_[i].series.emplace(setup.window, setup.windows);
  }
  celsius_.assign(domains_.size(), platform_.file().thermal.ambient_c);
  if (platform_.file().thermal.nodes.empty()) return;
  heat_.emplace(Heat::Setup{
      .config = platform_.file().thermal, .celsius = setup.celsius, .window = setup.window, .windows = setup.windows});
  warmth_.resize(heat_->celsius().size());
  for (std::size_t i = 0; i < domains_.size(); ++i) celsius_[i] = heat_->celsius().at(*domains_of_[i].node);
}

double Meter::factor(const StandingPart& part) const {
  const PowerDomain& domain = domains_of_[part.domain];
  const DomainState& state = domains_[part.domain].states.state();
  double out = part.sleeps && sleeping(state) ? domain.config.idle.at(*state.idle).power_share : 1.0;
  if (!part.leaks) return out;
  const technology::Config& technology = platform_.file().technology;
  const auto& opps = domain.config.opps;
  double volts = technology.nominal_volts, reference = volts;
  if (domain.runs_at_opp) {
    volts = opps.at(state.opp).volts;
    if (!part.nominal) reference = opps.at(domain.opp).volts;
  }
  const double celsius = std::min(celsius_[part.domain], technology::kHottestCelsius);
  return out * technology::leakage_factor(technology, volts, reference, celsius);
}

void Meter::add(std::size_t domain, std::size_t state, double joules, Time begin, Time end) {
  DomainMeter& meter = domains_[domain];
  meter.states.add(state, joules);
  meter.series.add(joules, begin, end);
  meter.drawn.add(joules);
}

void Meter::meter(std::size_t domain, Time now) {
  DomainMeter& books = domains_[domain];
  if (now <= books.since) return;
  const double seconds = (now - books.since).seconds().count();
  const std::size_t state = books.states.index();
  double joules = 0.0;
  for (const std::size_t i : books.parts) {
    const StandingPart& part = parts_[i];
    PartMeter& meter = part_meters_[i];
    const double left = factor(part);
    meter.plain = meter.plain && left == 1.0;
    meter.seconds.add(seconds * left);
    const double drawn = part.power.count() * seconds * left;
    if (heat_ && part.warms) warmth_[*domains_of_[domain].node] += drawn;
    if (part.memory) {
      meter.by_state[state] += seconds * left;
      meter.series->add(seconds * left, books.since, now);
      books.drawn.add(drawn);
    } else {
      joules += drawn;
    }
  }
  if (joules > 0.0) add(domain, state, joules, books.since, now);
  books.since = now;
}

void Meter::step(Time now) {
  for (std::size_t i = 0; i < domains_.size(); ++i) meter(i, now);
  heat_->advance(now, warmth_);
  std::fill(warmth_.begin(), warmth_.end(), 0.0);
  for (std::size_t i = 0; i < domains_.size(); ++i) celsius_[i] = heat_->celsius().at(*domains_of_[i].node);
}

void Meter::advance(Time now) {
  if (heat_) {
    while (heat_->now() < now) step(std::min(now, heat_->now() + heat_->step()));
  }
  for (std::size_t i = 0; i < domains_.size(); ++i) meter(i, now);
}

void Meter::set_point(std::size_t domain, std::size_t opp) {
  const PowerDomain& known = domains_of_[domain];
  if (!known.runs_at_opp) return;
  const power::OperatingPoint &from = known.config.opps.at(known.opp), &to = known.config.opps.at(opp);
  const double volts = to.volts / from.volts;
  domains_[domain].switching = volts * volts;
  domains_[domain].clocking = (to.clock / from.clock) * domains_[domain].switching;
}

/// A domain that goes on into a deeper state pays for the one that it wakes from only.
void Meter::wake(std::size_t domain, const DomainState& before, const DomainState& after, Time now) {
  if (!before.idle || before.activity == Doing::leaving) return;
  const bool leaves = after.activity == Doing::leaving;
  if (after.idle && !leaves) return;
  DomainMeter& books = domains_[domain];
  const power::IdleState& idle = domains_of_[domain].config.idle.at(*before.idle);
  books.wakes.at(*before.idle) += 1;
  if (idle.energy == Joules(0.0)) return;
  const Time until = leaves ? now + Time::from_seconds(idle.exit) : now;
  add(domain, books.states.index_of(leaves ? after : before), idle.energy.count(), now, until);
  if (heat_) heat_->add(*domains_of_[domain].node, idle.energy.count(), now, until);
}

void Meter::on_state(std::size_t domain, const DomainState& state, Time now) {
  if (heat_ && now >= heat_->now() + heat_->step()) advance(now);
  meter(domain, now);
  DomainMeter& books = domains_.at(domain);
  const DomainState before = books.states.state();
  wake(domain, before, state, now);
  books.states.enter(state, now);
  if (state.opp != before.opp) set_point(domain, state.opp);
}

const std::vector<double>& Meter::celsius(Time now) {
  advance(now);
  return celsius_;
}

std::vector<Joules> Meter::drawn(Time now) {
  advance(now);
  std::vector<Joules> out;
  for (const auto& domain : domains_) out.emplace_back(domain.drawn.value());
  return out;
}

void Meter::booked(std::size_t domain, Joules energy, Time begin, Time end) {
  add(domain, StateBooks::kWorking, energy.count(), begin, end);
  if (heat_) heat_->add(*domains_of_[domain].node, energy.count(), begin, end);
}

void Meter::settle(Time end) {
  end_ = end;
  advance(end);
  window_ = window_for(end, first_window_, windows_);
  for (auto& domain : domains_) {
    domain.states.settle(end);
    window_ = std::max(window_, domain.series.window());
  }
  for (const auto& part : part_meters_) {
    if (part.series) window_ = std::max(window_, part.series->window());
  }
  if (heat_) window_ = std::max(window_, heat_->window());
  for (auto& domain : domains_) domain.series.widen(window_);
}

std::size_t Meter::part_of(std::size_t memory) const {
  const auto same = [memory](const StandingPart& part) { return part.memory == memory; };
  const auto it = std::find_if(parts_.begin(), parts_.end(), same);
  CHIPCAST_ASSERT(it != parts_.end());
  return static_cast<std::size_t>(it - parts_.begin());
}

double Meter::standby_share(std::size_t memory) const {
  const PartMeter& meter = part_meters_[part_of(memory)];
  if (meter.plain || end_ == Time()) return 1.0;
  return meter.seconds.value() / end_.seconds().count();
}

double Meter::sleep_share(std::size_t memory) const {
  const std::size_t domain = parts_[part_of(memory)].domain;
  const auto& idle = domains_of_[domain].config.idle;
  Time asleep;
  for (std::size_t i = 0; i < idle.size(); ++i) {
    if (idle[i].kind == power::IdleKind::clock_gated) continue;
    const DomainState state{.activity = Doing::idle, .idle = i, .opp = 0};
    asleep += domains_[domain].states.totals().at(domains_[domain].states.index_of(state)).time;
  }
  return end_ == Time() ? 0.0 : asleep.seconds() / end_.seconds();
}

void Meter::standby(std::size_t memory, Joules energy) {
  const std::size_t i = part_of(memory);
  const PartMeter& meter = part_meters_[i];
  DomainMeter& books = domains_[parts_[i].domain];
  const double seconds = meter.seconds.value();
  if (energy == Joules(0.0)) return;
  if (seconds <= 0.0) {
    add(parts_[i].domain, books.states.index(), energy.count(), Time(), end_);
    return;
  }
  for (std::size_t s = 0; s < meter.by_state.size(); ++s) {
    books.states.add(s, energy.count() * (meter.by_state[s] / seconds));
  }
  WindowSeries series = *meter.series;
  series.widen(window_);
  const std::vector<double> weights = series.amounts(end_);
  for (std::size_t w = 0; w < weights.size(); ++w) {
    const Time begin = window_ * static_cast<std::int64_t>(w);
    books.series.add(energy.count() * (weights[w] / seconds), begin, std::min(end_, begin + window_));
  }
}

std::vector<Meter::Bill> Meter::bills() const {
  std::vector<Bill> out;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].memory) continue;
    const PartMeter& meter = part_meters_[i];
    out.push_back({.component = parts_[i].component,
                   .action = parts_[i].action,
                   .count = meter.plain ? end_.seconds().count() : meter.seconds.value(),
                   .each = Joules(parts_[i].power.count())});
  }
  for (std::size_t d = 0; d < domains_.size(); ++d) {
    for (std::size_t k = 0; k < domains_[d].wakes.size(); ++k) {
      const Joules each = domains_of_[d].config.idle[k].energy;
      if (domains_[d].wakes[k] == 0 || each == Joules(0.0)) continue;
      out.push_back({.component = domains_of_[d].name + ".power",
                     .action = "wake",
                     .count = static_cast<double>(domains_[d].wakes[k]),
                     .each = each});
    }
  }
  return out;
}

std::vector<double> Meter::energies(std::size_t domain) const { return domains_.at(domain).series.amounts(end_); }

}  // namespace chipcast
