// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace chipcast::crosscheck {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Effort Effort::scaled(double factor) const {
  Effort out = *this;
  out.runs = std::max(3, static_cast<int>(std::lround(runs * factor)));
  out.budget = budget * factor;
  out.most = most * factor;
  return out;
}

Timing summary(std::vector<double> seconds) {
  if (seconds.empty()) return {};
  std::sort(seconds.begin(), seconds.end());
  return {.minimum = Seconds(seconds.front()),
          .median = Seconds(seconds[seconds.size() / 2]),
          .runs = static_cast<std::int64_t>(seconds.size())};
}

Timing time_of(const std::function<void()>& work, const Effort& effort) {
  work();
  double start = seconds_now();
  work();
  const double once = std::max(seconds_now() - start, 1e-9);
  const auto repeats = std::max<std::int64_t>(1, std::llround(std::ceil(effort.sample.count() / once)));
  std::vector<double> samples;
  const double begin = seconds_now();
  double passed = 0.0;
  while (passed < effort.most.count() &&
         (static_cast<int>(samples.size()) < effort.runs || passed < effort.budget.count())) {
    start = seconds_now();
    for (std::int64_t i = 0; i < repeats; ++i) work();
    samples.push_back((seconds_now() - start) / static_cast<double>(repeats));
    passed = seconds_now() - begin;
  }
  return summary(std::move(samples));
}

ClockFigures measured_clock(const Effort& effort) {
  constexpr int kRounds = 2000, kUnrolled = 16;
  const auto chain = [] {
    std::uint64_t sum = 1;
    for (int round = 0; round < kRounds; ++round) {
      for (int i = 0; i < kUnrolled; ++i) {
        sum += 3;
        asm volatile("" : "+r"(sum));  // keeps additions apart
      }
    }
    keep(sum);
  };
  const Timing timing = time_of(chain, effort);
  return {(Cycles(kRounds) * kUnrolled) / timing.minimum, timing.spread()};
}

}  // namespace chipcast::crosscheck
