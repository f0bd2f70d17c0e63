// SPDX-License-Identifier: Apache-2.0
#include "platform/power/steady_start.h"

#include <algorithm>
#include <cmath>

#include "sim/config/json.h"

namespace chipcast {
namespace {

constexpr int kRuns = 10;
constexpr double kClose = 0.1, kHottest = 300.0;

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
  if (hottest > kHottest) {
    warning_ = "power.start \"steady\": the platform would go beyond " + Json(kHottest).dump() +
               " degrees Celsius; it needs better cooling or less to do. Temperatures are those of a colder start";
    return false;
  }
  if (runs_ == kRuns) {
    warning_ = "power.start \"steady\": after " + std::to_string(kRuns) + " runs temperatures still move by " +
               Json(moved).dump() + " K; energies of leakage are as inexact as that";
    return false;
  }
  celsius_ = to;
  return true;
}

}  // namespace chipcast
