// SPDX-License-Identifier: Apache-2.0
#include "platform/power/heat.h"

#include <algorithm>
#include <utility>

namespace chipcast {
namespace {

constexpr double kPartOfTimeConstant = 1.0 / 20.0;
constexpr std::int64_t kSteps = 100'000;
constexpr Time kShortest = Time::ps(1'000'000), kLongest = Time::ps(1'000'000'000'000);

}  // namespace

Heat::Heat(const Setup& setup)
    : network_(setup.config),
      total_(network_.size()),
      soon_(network_.size()),
      series_(network_.size(), WindowSeries(setup.window, setup.windows)) {
  if (!setup.celsius.empty()) network_.set(setup.celsius);
  start_ = peak_ = network_.celsius();
  const Seconds shortest = network_.time_constants().front() * kPartOfTimeConstant;
  shortest_ = shortest < kLongest.seconds() ? std::max(kShortest, Time::from_seconds(shortest)) : kLongest;
}

Time Heat::step() const { return std::max(shortest_, Time::ps(now_.ps() / kSteps)); }

void Heat::add(std::size_t node, double joules, Time begin, Time end) {
  if (joules == 0.0) return;
  const Time from = std::max(begin, now_), until = from + (end - begin);
  if (until <= now_ + step()) {
    soon_[node] += joules;
  } else {
    spans_.push_back({.node = node, .begin = from, .end = until, .watts = joules / (until - from).seconds().count()});
  }
}

void Heat::advance(Time now, const std::vector<double>& joules) {
  if (now <= now_) return;
  const double seconds = (now - now_).seconds().count();
  std::vector<double> heat = joules;
  for (std::size_t i = 0; i < heat.size(); ++i) heat[i] += std::exchange(soon_[i], 0.0);
  for (const Span& span : spans_) {
    const Time from = std::max(span.begin, now_), until = std::min(span.end, now);
    if (from < until) heat[span.node] += span.watts * (until - from).seconds().count();
  }
  std::erase_if(spans_, [&](const Span& span) { return span.end <= now; });
  std::vector<double> watts = heat;
  for (std::size_t i = 0; i < heat.size(); ++i) {
    total_[i] += heat[i];
    watts[i] /= seconds;
  }
  const std::vector<double> before = network_.celsius();
  network_.advance(Seconds(seconds), watts);
  for (std::size_t i = 0; i < peak_.size(); ++i) {
    peak_[i] = std::max(peak_[i], network_.celsius()[i]);
    series_[i].add((before[i] + network_.celsius()[i]) / 2.0 * seconds, now_, now);
  }
  now_ = now;
}

std::vector<double> Heat::steady() const {
  if (now_ == Time()) return start_;
  std::vector<double> watts = total_;
  for (std::size_t i = 0; i < watts.size(); ++i) watts[i] += soon_[i];
  for (const Span& span : spans_)
    watts[span.node] += span.watts * (span.end - std::max(span.begin, now_)).seconds().count();
  for (double& power : watts) power /= now_.seconds().count();
  return network_.steady(watts);
}

std::vector<double> Heat::means(std::size_t node, Time window, Time end) const {
  WindowSeries series = series_.at(node);
  series.widen(window);
  return rates(series.amounts(end), window, end);
}

}  // namespace chipcast
