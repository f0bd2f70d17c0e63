// SPDX-License-Identifier: Apache-2.0
#include "platform/power/steady_start.h"

#include <algorithm>
#include <cmath>

#include "models/technology/leakage.h"
#include "platform/power/celsius_text.h"

namespace chipcast {
namespace {

constexpr int kRuns = 10;
constexpr double kClose = 0.1;

}  // namespace

bool SteadyStart::again(const Meter& meter) {
  if (!wanted_ || !meter.has_heat()) return false;
  ++runs_;
  const std::vector<double>& from = meter.heat().start();
  const std::vector<double> to = meter.heat().steady();
  double moved = 0.0, hottest = to.front();
  for (std::size_t i = 0; i < to.size(); ++i) {
    moved = std::max(moved, std::abs(to[i] - from[i]));
    hottest = std::max(hottest, to[i]);
  }
  if (moved < kClose) return false;
  if (hottest > technology::kHottestCelsius) {
    warning_ = "power.start \"steady\": the platform would go beyond " + degrees(technology::kHottestCelsius) +
               "; it needs better cooling or less to do. Temperatures are those of a colder start";
    return false;
  }
  if (runs_ == kRuns) {
    warning_ = "power.start \"steady\": after " + std::to_string(kRuns) + " runs temperatures still move by " +
               kelvin(moved) + "; energies of leakage are as inexact as that";
    return false;
  }
  celsius_ = to;
  return true;
}

std::string too_hot(const Meter& meter, const thermal::Config& config) {
  if (!meter.has_heat()) return {};
  const std::vector<double>& peak = meter.heat().peak();
  const auto hottest = std::max_element(peak.begin(), peak.end());
  if (*hottest <= technology::kHottestCelsius) return {};
  return "thermal node \"" + config.nodes.at(static_cast<std::size_t>(hottest - peak.begin())).first + "\" reaches " +
         degrees(*hottest) + ", where the board would have shut down; leakage is held at that of " +
         degrees(technology::kHottestCelsius);
}

}  // namespace chipcast
