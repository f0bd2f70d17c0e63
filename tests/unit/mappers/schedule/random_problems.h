// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>

#include "mappers/schedule/problem.h"

namespace chipcast::schedule {

/// A random graph on unlike devices, as studies of list scheduling draw them: every task has a weight, every device a
/// speed, every pair of both a factor besides (heterogeneity); edges carry data that take `ratio` times a mean task's
/// time between devices on average.
struct RandomShape {
  std::size_t tasks = 10, devices = 3;
  double edges = 0.3;  ///< chance of each possible edge
  double ratio = 1.0;
};

class RandomProblems {
 public:
  explicit RandomProblems(std::uint64_t seed) : bits_(seed) {}

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(bits_() % count); }
  double between(double low, double high) {
    return low + (high - low) * (static_cast<double>(bits_() >> 11U) * 0x1p-53);
  }

  Problem draw(const RandomShape& shape) {
    Problem problem;
    std::vector<double> speeds;
    for (std::size_t d = 0; d < shape.devices; ++d) {
      problem.devices.push_back("d" + std::to_string(d));
      speeds.push_back(between(0.5, 2.0));
    }
    problem.latency.assign(shape.devices * shape.devices, 0.0);
    problem.seconds_per_byte.assign(shape.devices * shape.devices, 1.0);
    for (std::size_t t = 0; t < shape.tasks; ++t) problem.tasks.push_back(task(shape, t, speeds));
    problem.link();
    return problem;
  }

 private:
  Task task(const RandomShape& shape, std::size_t number, const std::vector<double>& speeds) {
    Task out{.name = "t" + std::to_string(number)};
    const double weight = between(1.0, 10.0);
    for (std::size_t d = 0; d < shape.devices; ++d) {
      Part part{.device = d};
      part.cold = part.local = {.work = weight * speeds[d] * between(0.5, 1.5), .energy = between(0.5, 2.0) * weight};
      out.modes.push_back({.parts = {part}});
    }
    for (std::size_t from = 0; from < number; ++from) {
      if (between(0.0, 1.0) >= shape.edges) continue;
      out.inputs.push_back({.task = from, .bytes = shape.ratio * between(0.0, 2.0) * 5.5});
    }
    return out;
  }

  std::mt19937_64 bits_;
};

}  // namespace chipcast::schedule
