// SPDX-License-Identifier: Apache-2.0
#include "models/dram/activate_calendar.h"

#include <algorithm>

namespace chipcast::dram {
namespace {

using P = Param;
constexpr std::ptrdiff_t kWindow = 4;
/// Activates that are remembered: more than the queues of a channel hold rows.
constexpr std::size_t kKept = 48;

/// Whether row and column commands use the same pins.
bool shares_bus(const Standard& standard) {
  return std::any_of(standard.rules.begin(), standard.rules.end(), [](const Rule& rule) {
    return rule.scope == Scope::channel && rule.from.contains(Command::read) && rule.to.contains(Command::activate);
  });
}

}  // namespace

ActivateCalendar::ActivateCalendar(const Standard& standard)
    : rrd_(standard.timing[P::rrd_s]), faw_(standard.timing[P::faw]), bus_wait_(0.0) {
  // On a full bus a column command of c cycles goes every tCCD_S: one activate in tCCD_S / c finds it and waits for
  // the (c - 1) / 2 cycles that are left of it.
  const Timing& t = standard.timing;
  if (shares_bus(standard)) bus_wait_ = 0.5 * (t[P::bus_col] - 1) * t[P::bus_col] / t[P::ccd_s];
}

double ActivateCalendar::book(double from) {
  const double at = first_free(from) + bus_wait_;
  booked_.insert(std::upper_bound(booked_.begin(), booked_.end(), at), at);
  if (booked_.size() > kKept) booked_.erase(booked_.begin());
  return at;
}

double ActivateCalendar::first_free(double from) const {
  auto next = std::upper_bound(booked_.begin(), booked_.end(), from);
  for (bool moved = true; moved;) {
    moved = false;
    const auto later = [&](double t) {
      if (t <= from) return;
      from = t;
      moved = true;
    };
    while (next != booked_.end() && *next <= from) ++next;
    if (next != booked_.begin()) later(*(next - 1) + rrd_);
    if (next != booked_.end() && *next < from + rrd_) later(*next + rrd_);
    // Of any five in a row the last keeps tFAW from the first.
    for (std::ptrdiff_t before = 0; before <= kWindow && !moved; ++before) {
      const std::ptrdiff_t after = kWindow - before;
      if (before > next - booked_.begin() || after > booked_.end() - next) continue;
      const double first = before == 0 ? from : *(next - before);
      const double last = after == 0 ? from : *(next + after - 1);
      if (last - first < faw_) later(after == 0 ? first + faw_ : *next + rrd_);
    }
  }
  return from;
}

}  // namespace chipcast::dram
