// SPDX-License-Identifier: Apache-2.0
#include "platform/power/report.h"

#include <algorithm>

#include "models/power/supply.h"
#include "platform/power/rails.h"

namespace chipcast {
namespace {

double peak_of(const std::vector<double>& samples) {
  return samples.empty() ? 0.0 : *std::max_element(samples.begin(), samples.end());
}

double over(double amount, Time time) { return time > Time() ? amount / time.seconds().count() : 0.0; }

std::vector<ReportPowerState> states_of(const StateBooks& books) {
  std::vector<ReportPowerState> out;
  for (const StateTotals& state : books.totals()) {
    const double energy = state.energy.value();
    if (state.time == Time() && state.entries == 0 && energy == 0.0) continue;
    out.push_back(
        {.state = state.name, .time_s = state.time.seconds().count(), .energy_j = energy, .entries = state.entries});
  }
  return out;
}

std::vector<ReportOperatingPoint> points_of(const PowerDomain& domain, const StateBooks& books) {
  std::vector<ReportOperatingPoint> out;
  if (!domain.runs_at_opp) return out;
  for (std::size_t i = 0; i < domain.config.opps.size(); ++i) {
    const Time time = books.point_times().at(i);
    if (time == Time()) continue;
    const power::OperatingPoint& opp = domain.config.opps[i];
    out.push_back({.clock_hz = opp.clock.count(), .volts = opp.volts, .time_s = time.seconds().count()});
  }
  return out;
}

std::optional<ReportCelsius> celsius_of(const PowerDomain& domain, const Meter& meter) {
  if (!meter.has_heat()) return std::nullopt;
  const Heat& heat = meter.heat();
  return ReportCelsius{.start = heat.start().at(*domain.node),
                       .end = heat.celsius().at(*domain.node),
                       .peak = heat.peak().at(*domain.node)};
}

}  // namespace

ReportPower report_power(const Platform& platform, const Meter& meter, const PowerSeries& total, Joules energy) {
  ReportPower out;
  out.window_s = total.window.seconds().count();
  for (const Watts sample : total.samples) out.samples_w.push_back(sample.count());
  const Time end = meter.end();
  for (std::size_t d = 0; d < meter.domains().size(); ++d) {
    const PowerDomain& domain = meter.domains()[d];
    const StateBooks& books = meter.states(d);
    const std::vector<double> samples = rates(meter.energies(d), meter.window(), end);
    out.domains.push_back({.name = domain.name,
                           .rail = domain.config.rail,
                           .energy_j = books.energy(),
                           .average_w = over(books.energy(), end),
                           .peak_w = peak_of(samples),
                           .samples_w = samples,
                           .states = states_of(books),
                           .operating_points = points_of(domain, books),
                           .celsius = celsius_of(domain, meter)});
  }
  for (const RailTotals& rail : rail_totals(platform, meter)) {
    out.rails.push_back({.name = rail.name,
                         .energy_j = rail.in.count(),
                         .loss_j = rail.loss.count(),
                         .average_w = over(rail.in.count(), end),
                         .peak_w = peak_of(rates(rail.in_j, meter.window(), end))});
  }
  const auto& battery = platform.file().power.battery;
  const Watts average(over(energy.count(), end));
  if (battery && average > Watts(0.0)) {
    out.battery = ReportBattery{.hours = power::battery_life(*battery, average).count() / 3600.0,
                                .current_a = power::battery_current(*battery, average)};
  }
  return out;
}

}  // namespace chipcast
