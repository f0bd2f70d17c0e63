// SPDX-License-Identifier: Apache-2.0
#include "platform/power/rails.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/ledger/compensated_sum.h"

namespace chipcast {
namespace {

/// J of a rail's own power in each window.
std::vector<double> quiescent(const power::Rail& rail, const Meter& meter) {
  std::vector<double> out;
  for (Time at; at < meter.end(); at += meter.window()) {
    const Time until = std::min(at + meter.window(), meter.end());
    out.push_back((rail.quiescent * (until - at).seconds()).count());
  }
  return out;
}

}  // namespace

std::vector<RailTotals> rail_totals(const Platform& platform, const Meter& meter) {
  std::vector<RailTotals> out;
  const auto& rails = platform.file().power.rails;
  const auto& domains = meter.domains();
  for (std::size_t r = 0; r < rails.size(); ++r) {
    const auto& [name, rail] = rails[r];
    RailTotals totals{.name = name, .in = {}, .loss = {}, .in_j = quiescent(rail, meter)};
    CompensatedSum in, loss;
    const double own = (rail.quiescent * meter.end().seconds()).count();
    in.add(own);
    loss.add(own);
    for (std::size_t d = 0; d < domains.size(); ++d) {
      if (domains[d].rail != r) continue;
      const double passed = meter.states(d).energy();
      in.add(passed / rail.efficiency);
      loss.add(passed / rail.efficiency - passed);
      const std::vector<double> windows = meter.energies(d);
      for (std::size_t w = 0; w < windows.size(); ++w) totals.in_j.at(w) += windows[w] / rail.efficiency;
    }
    totals.in = Joules(in.value());
    totals.loss = Joules(loss.value());
    out.push_back(std::move(totals));
  }
  return out;
}

PowerSeries domain_power(const Meter& meter) {
  std::vector<double> sum;
  for (std::size_t d = 0; d < meter.domains().size(); ++d) {
    const std::vector<double> windows = meter.energies(d);
    sum.resize(windows.size());
    for (std::size_t w = 0; w < windows.size(); ++w) sum[w] += windows[w];
  }
  PowerSeries out{.window = meter.window(), .end = meter.end(), .samples = {}};
  for (const double watts : rates(sum, out.window, out.end)) out.samples.emplace_back(watts);
  return out;
}

void add_losses(PowerSeries& power, const Platform& platform, const Meter& meter) {
  const auto& rails = platform.file().power.rails;
  const auto& domains = meter.domains();
  CHIPCAST_ASSERT(power.window == meter.window());
  for (std::size_t r = 0; r < rails.size(); ++r) {
    const power::Rail& rail = rails[r].second;
    std::vector<double> loss = quiescent(rail, meter);
    for (std::size_t d = 0; d < domains.size(); ++d) {
      if (domains[d].rail != r) continue;
      const std::vector<double> windows = meter.energies(d);
      for (std::size_t w = 0; w < windows.size(); ++w) loss.at(w) += windows[w] / rail.efficiency - windows[w];
    }
    const std::vector<double> watts = rates(loss, power.window, power.end);
    for (std::size_t w = 0; w < watts.size(); ++w) power.samples.at(w) += Watts(watts[w]);
  }
}

}  // namespace chipcast
