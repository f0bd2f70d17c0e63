// SPDX-License-Identifier: Apache-2.0
#include "platform/power/window_series.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast {

void WindowSeries::coarsen() {
  for (std::size_t i = 0; i < cells_.size(); i += 2) {
    cells_[i / 2] = cells_[i] + (i + 1 < cells_.size() ? cells_[i + 1] : 0.0);
  }
  cells_.resize((cells_.size() + 1) / 2);
  window_ = window_ + window_;
}

void WindowSeries::make_room(Time until) {
  while (ceil_div(until.ps(), window_.ps()) > static_cast<std::int64_t>(most_)) coarsen();
  const auto needed = static_cast<std::size_t>(std::max<std::int64_t>(1, ceil_div(until.ps(), window_.ps())));
  if (cells_.size() < needed) cells_.resize(needed);
}

void WindowSeries::add(double amount, Time begin, Time end) {
  CHIPCAST_ASSERT(Time() <= begin && begin <= end);
  if (amount == 0.0) return;
  make_room(begin == end ? begin + Time::ps(1) : end);
  const auto first = static_cast<std::size_t>(begin.ps() / window_.ps());
  const auto last = begin == end ? first : static_cast<std::size_t>((end - Time::ps(1)).ps() / window_.ps());
  if (first == last) {
    cells_[first] += amount;
    return;
  }
  const double per_ps = amount / static_cast<double>((end - begin).ps());
  for (std::size_t i = first; i <= last; ++i) {
    const Time from = std::max(begin, window_ * static_cast<std::int64_t>(i));
    const Time to = std::min(end, window_ * static_cast<std::int64_t>(i + 1));
    cells_[i] += per_ps * static_cast<double>((to - from).ps());
  }
}

void WindowSeries::widen(Time window) {
  while (window_ < window) coarsen();
  CHIPCAST_ASSERT(window_ == window);
}

std::vector<double> WindowSeries::amounts(Time end) const {
  std::vector<double> out(static_cast<std::size_t>(ceil_div(end.ps(), window_.ps())));
  if (out.empty()) return out;
  for (std::size_t i = 0; i < cells_.size(); ++i) out[std::min(i, out.size() - 1)] += cells_[i];
  return out;
}

Time window_for(Time end, Time first, std::size_t most) {
  Time window = first;
  while (window * static_cast<std::int64_t>(most) < end) window = window + window;
  return window;
}

std::vector<double> rates(const std::vector<double>& amounts, Time window, Time end) {
  std::vector<double> out;
  out.reserve(amounts.size());
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const auto n = static_cast<std::int64_t>(i);
    out.push_back(amounts[i] / (std::min(window * (n + 1), end) - window * n).seconds().count());
  }
  return out;
}

}  // namespace chipcast
