// SPDX-License-Identifier: Apache-2.0
#include "platform/power/power_trace.h"

namespace chipcast {
namespace {

void draw(Trace& trace, TrackId track, const std::vector<double>& values, Time window) {
  Time at;
  for (const double value : values) {
    trace.sample({.track = track, .at = at, .value = value});
    at += window;
  }
}

}  // namespace

void draw_power(Trace& trace, const Platform& platform, const Meter& meter, const PowerSeries& total) {
  const TrackId power = trace.add_track({.name = "power", .parent = std::nullopt, .counter = true, .unit = "W"});
  std::vector<double> watts;
  for (const Watts sample : total.samples) watts.push_back(sample.count());
  draw(trace, power, watts, total.window);
  for (std::size_t d = 0; d < meter.domains().size(); ++d) {
    if (meter.states(d).energy() <= 0.0) continue;
    const TrackId track =
        trace.add_track({.name = meter.domains()[d].name + " power", .parent = power, .counter = true, .unit = "W"});
    draw(trace, track, rates(meter.energies(d), meter.window(), meter.end()), meter.window());
  }
  if (!meter.has_heat()) return;
  const auto& nodes = platform.file().thermal.nodes;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const TrackId track = trace.add_track(
        {.name = nodes[n].first + " temperature", .parent = power, .counter = true, .unit = "degrees C"});
    draw(trace, track, meter.heat().means(n, meter.window(), meter.end()), meter.window());
  }
}

}  // namespace chipcast
