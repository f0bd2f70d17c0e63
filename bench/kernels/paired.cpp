// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/paired.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace chipcast::bench {

namespace {

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double timed(const std::function<void()>& program, long repeats) {
  const double start = processor_seconds();
  for (long i = 0; i < repeats; ++i) program();
  return (processor_seconds() - start) / static_cast<double>(repeats);
}

/// How often a program runs in a slice of a round; also warms it up.
long repeats_for(const std::function<void()>& program, double slice_s) {
  program();
  const double once = std::max(timed(program, 1), 1e-8);
  return std::max(1L, static_cast<long>(slice_s / once));
}

}  // namespace

std::vector<std::vector<double>> in_turns(const std::vector<std::function<void()>>& programs, int rounds,
                                          double slice_s) {
  std::vector<long> repeats;
  for (const auto& program : programs) repeats.push_back(repeats_for(program, slice_s));
  std::vector<std::vector<double>> times(programs.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < programs.size(); ++i) times[i].push_back(timed(programs[i], repeats[i]));
  }
  return times;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double paired_ratio(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.size(); ++i) ratios.push_back(a[i] / b[i]);
  return median(ratios);
}

double geometric_mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

}  // namespace chipcast::bench
