// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <vector>

namespace chipcast::bench {

/// Times of several programs that run in turns, in seconds of processor time of this thread: [program][round]. A round
/// runs each program once, for at least `slice_s`, so that whatever else the machine does falls on all alike.
std::vector<std::vector<double>> in_turns(const std::vector<std::function<void()>>& programs, int rounds,
                                          double slice_s);

double median(std::vector<double> values);

/// Median over the rounds of time[a] / time[b].
double paired_ratio(const std::vector<double>& a, const std::vector<double>& b);

double geometric_mean(const std::vector<double>& values);

}  // namespace chipcast::bench
