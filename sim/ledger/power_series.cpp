// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "sim/base/check.h"
#include "sim/ledger/compensated_sum.h"
#include "sim/ledger/ledger.h"

namespace chipcast {
namespace {

constexpr std::int64_t kMostWindows = 1'000'000;

/// Energy per window. A span that covers whole windows is entered as a step up and a step down of power, so
/// that its cost does not depend on how many windows it covers; its two ends are added directly.
class WindowSums {
 public:
  WindowSums(Time end, Time window)
      : end_(end), window_(window), cells_(static_cast<std::size_t>(ceil_div(end.ps(), window.ps()))) {}

  void add(const LedgerEntry& entry) {
    const double energy = entry.energy().count();
    const std::size_t first = cell_of(entry.begin);
    if (entry.begin == entry.end) {
      cells_[first].partial.add(energy);
      return;
    }
    const double per_ps = energy / static_cast<double>((entry.end - entry.begin).ps());
    const std::size_t last = cell_of(entry.end - Time::ps(1));
    if (first == last) {
      cells_[first].partial.add(energy);
      return;
    }
    add_part(first, per_ps, start_of(first + 1) - entry.begin);
    add_part(last, per_ps, entry.end - start_of(last));
    if (last > first + 1) {
      cells_[first + 1].step.add(per_ps);
      cells_[last].step.add(-per_ps);
      cells_[first + 1].spans += 1;
      cells_[last].spans -= 1;
    }
  }

  std::vector<Watts> powers() const {
    std::vector<Watts> out;
    out.reserve(cells_.size());
    CompensatedSum running;
    std::int64_t spans = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const Time length = std::min(start_of(i + 1), end_) - start_of(i);
      spans += cells_[i].spans;
      running.add(cells_[i].step);
      if (spans == 0) running = CompensatedSum();  // steps up and down cancel: keep no rounding error of theirs
      CompensatedSum energy = cells_[i].partial;
      energy.add(running.value() * static_cast<double>(length.ps()));
      out.push_back(Joules(energy.value()) / length.seconds());
    }
    return out;
  }

 private:
  struct Cell {
    CompensatedSum partial;  ///< energy of spans that do not cover the window, J
    CompensatedSum step;     ///< change of the power of the spans that do, J/ps
    std::int64_t spans = 0;  ///< change of their number
  };

  Time start_of(std::size_t cell) const { return window_ * static_cast<std::int64_t>(cell); }
  std::size_t cell_of(Time t) const {
    return std::min(static_cast<std::size_t>(t.ps() / window_.ps()), cells_.size() - 1);
  }
  void add_part(std::size_t cell, double per_ps, Time length) {
    cells_[cell].partial.add(per_ps * static_cast<double>(length.ps()));
  }

  Time end_, window_;
  std::vector<Cell> cells_;
};

void check_windows(Time end, Time window) {
  CHIPCAST_ASSERT(end >= Time());
  if (window <= Time()) {
    throw InputError("power window", std::to_string(window.ps()) + " ps; give a length above zero");
  }
  if (ceil_div(end.ps(), window.ps()) > kMostWindows) {
    throw InputError("power window", std::to_string(window.ps()) + " ps cuts a run of " + std::to_string(end.ps()) +
                                         " ps into more than " + std::to_string(kMostWindows) +
                                         " windows; give at least " + std::to_string(ceil_div(end.ps(), kMostWindows)) +
                                         " ps");
  }
}

}  // namespace

Watts PowerSeries::peak() const {
  const auto highest = std::max_element(samples.begin(), samples.end());
  return highest == samples.end() ? Watts() : *highest;
}

PowerSeries power_over_time(const Ledger& ledger, Time end, Time window) {
  check_windows(end, window);
  PowerSeries series{.window = window, .end = end, .samples = {}};
  if (end == Time()) return series;
  WindowSums sums(end, window);
  for (const auto& entry : ledger.entries()) {
    CHIPCAST_ASSERT(Time() <= entry.begin && entry.begin <= entry.end && entry.end <= end);
    sums.add(entry);
  }
  series.samples = sums.powers();
  return series;
}

}  // namespace chipcast
