// SPDX-License-Identifier: Apache-2.0
#include "platform/power/cap.h"

#include "models/power/supply.h"
#include "models/technology/leakage.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

constexpr double kLow = 0.95;

}  // namespace

PowerCap::PowerCap(const Platform& platform, const PowerSetup& setup, std::vector<Watts> standing)
    : platform_(platform),
      domains_(setup.domains),
      observer_(setup.observer),
      cap_(setup.management.cap),
      standing_(std::move(standing)),
      sampler_(Time::from_seconds(setup.management.governor.period)) {}

void PowerCap::arm(Time now, const std::vector<DomainControl>& controls) {
  if (!kept() || sampler_.armed()) return;
  sampler_.arm(now);
  since_ = now;
  drawn_ = observer_->drawn(now);
  stood_.clear();
  for (const auto& control : controls) stood_.push_back(control.standing(now));
}

std::vector<Watts> PowerCap::dynamic(const std::vector<Watts>& drawn, Seconds period, Time now,
                                     const std::vector<DomainControl>& controls) {
  std::vector<Watts> out;
  const std::vector<double> celsius = observer_->celsius(now);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const auto& opps = domains_[i].config.opps;
    double leakage = 1.0;
    if (!opps.empty()) {
      leakage = technology::leakage_factor(platform_.file().technology, opps.at(controls[i].state().opp).volts,
                                           opps.at(domains_[i].opp).volts, celsius.at(i));
    }
    const Seconds stood = controls[i].standing(now);
    out.push_back(std::max(Watts(0.0), drawn[i] - leakage * standing_.at(i) * ((stood - stood_.at(i)) / period)));
    stood_[i] = stood;
  }
  return out;
}

Watts PowerCap::at_the_wall(const std::vector<Watts>& drawn) const {
  const auto& rails = platform_.file().power.rails;
  std::vector<Watts> out(rails.size());
  Watts sum;
  for (std::size_t i = 0; i < drawn.size(); ++i) (domains_[i].rail ? out.at(*domains_[i].rail) : sum) += drawn[i];
  for (std::size_t r = 0; r < rails.size(); ++r) sum += power::rail_input(rails[r].second, out[r]);
  return sum;
}

bool PowerCap::sample(Time now, std::vector<Speed>& speeds, const std::vector<DomainControl>& controls) {
  if (!sampler_.take(now)) return false;
  const std::vector<Joules> drawn = observer_->drawn(now);
  const Seconds period = (now - since_).seconds();
  std::vector<Watts> power;
  for (std::size_t i = 0; i < drawn.size(); ++i) power.push_back((drawn[i] - drawn_.at(i)) / period);
  const std::vector<Watts> dynamic = this->dynamic(power, period, now, controls);
  since_ = now;
  drawn_ = drawn;
  const Watts total = at_the_wall(power);
  if (total > *cap_) {
    if (slow_one(dynamic, speeds)) return true;
    ++above_;
    most_ = std::max(most_, total);
    return false;
  }
  return total < kLow * *cap_ && speed_one_up(total, dynamic, speeds, controls);
}

bool PowerCap::slow_one(const std::vector<Watts>& dynamic, std::vector<Speed>& speeds) {
  std::optional<std::size_t> most;
  for (std::size_t i = 0; i < speeds.size(); ++i) {
    if (speeds[i].can_slow() && (!most || dynamic[i] > dynamic[*most])) most = i;
  }
  if (most) speeds[*most].slow();
  return most.has_value();
}

bool PowerCap::speed_one_up(Watts total, const std::vector<Watts>& dynamic, std::vector<Speed>& speeds,
                            const std::vector<DomainControl>& controls) {
  const auto gap = [&](std::size_t i) { return speeds[i].wish() - speeds[i].target(); };
  std::optional<std::size_t> furthest;
  for (std::size_t i = 0; i < speeds.size(); ++i) {
    if (speeds[i].can_speed_up() && (!furthest || gap(i) > gap(*furthest))) furthest = i;
  }
  if (!furthest) return false;
  const auto& opps = domains_[*furthest].config.opps;
  const power::OperatingPoint &from = opps.at(controls[*furthest].state().opp),
                              &to = opps.at(speeds[*furthest].target() + 1);
  const double volts = to.volts / from.volts;
  const Watts more = dynamic[*furthest] * ((to.clock / from.clock) * volts * volts - 1.0);
  const auto& rails = platform_.file().power.rails;
  const double efficiency = domains_[*furthest].rail ? rails.at(*domains_[*furthest].rail).second.efficiency : 1.0;
  if (total + more * (1.0 / efficiency) > *cap_) return false;
  speeds[*furthest].speed_up();
  return true;
}

std::vector<std::string> PowerCap::warnings() const {
  if (above_ == 0) return {};
  return {"power.cap of " + to_text(*cap_) + " was not kept in " + std::to_string(above_) + " periods, up to " +
          to_text(most_) + ": nothing could run slower; raise it, or give more domains operating points"};
}

}  // namespace chipcast
