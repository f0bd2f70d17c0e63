// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/bounds.h"

#include <algorithm>

namespace chipcast::schedule {
namespace {

double least(const Part& part) { return std::min(part.cold.seconds(), part.local.seconds()); }

/// Every reader needs everything that a task makes, however both are cut.
bool read_whole(const Problem& problem, std::size_t task) {
  for (const std::size_t reader : problem.readers[task]) {
    for (const Input& input : problem.tasks[reader].inputs) {
      if (input.task != task) continue;
      if (input.need.rows_cut != Need::Kind::all || input.need.channels_cut != Need::Kind::all) return false;
    }
  }
  return true;
}

/// The least time from its start until some reader may go on.
double step_of(const Problem& problem, std::size_t task) {
  const bool all = read_whole(problem, task);
  double best = kNever;
  for (const Mode& mode : problem.tasks[task].modes) {
    double shortest = kNever, longest = 0.0;
    for (const Part& part : mode.parts) {
      shortest = std::min(shortest, least(part));
      longest = std::max(longest, least(part));
    }
    best = std::min(best, all ? longest : shortest);
  }
  return best;
}

}  // namespace

Bounds bounds(const Problem& problem) {
  Bounds out;
  std::vector<double> ends(problem.tasks.size(), 0.0);
  double work = 0.0;
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
    const Task& task = problem.tasks[t];
    for (const Input& input : task.inputs) ends[t] = std::max(ends[t], ends[input.task]);
    ends[t] += step_of(problem, t);
    out.path = std::max(out.path, ends[t]);
    double least_work = kNever, least_energy = kNever;
    for (const Mode& mode : task.modes) {
      double seconds = 0.0, energy = 0.0;
      for (const Part& part : mode.parts) {
        seconds += least(part);
        energy += std::min(part.cold.energy, part.local.energy);
      }
      least_work = std::min(least_work, seconds);
      least_energy = std::min(least_energy, energy);
    }
    work += least_work;
    out.energy += least_energy;
  }
  out.work = problem.devices.empty() ? 0.0 : work / static_cast<double>(problem.devices.size());
  out.energy += problem.idle_power * out.makespan();
  return out;
}

double gap(double value, double bound) { return value > 0.0 ? std::max(0.0, (value - bound) / value) : 0.0; }

}  // namespace chipcast::schedule
