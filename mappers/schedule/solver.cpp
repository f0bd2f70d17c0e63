// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/solver.h"

#include <algorithm>
#include <numeric>

#include "mappers/schedule/evaluator.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast::schedule {
namespace {

/// With more devices than this, not all sets are tried.
constexpr std::size_t kEnumeratedDevices = 10;
/// What a solution beyond a cap is worth less, at least.
constexpr double kPenalty = 1e3;

double excess(const std::optional<double>& cap, double value) { return cap && value > *cap ? value / *cap - 1.0 : 0.0; }

/// Sets of devices, the largest first; of many devices those without one, then each alone.
std::vector<std::vector<std::uint8_t>> device_sets(std::size_t devices) {
  std::vector<std::vector<std::uint8_t>> sets;
  if (devices > kEnumeratedDevices) {
    for (const std::uint8_t alone : {std::uint8_t{0}, std::uint8_t{1}}) {
      for (std::size_t d = 0; d < devices; ++d) {
        sets.emplace_back(devices, static_cast<std::uint8_t>(1 - alone)).at(d) = alone;
      }
    }
    return sets;
  }
  for (std::size_t bits = 1; bits + 1 < (std::size_t{1} << devices); ++bits) {
    std::vector<std::uint8_t> set(devices, 0);
    for (std::size_t d = 0; d < devices; ++d) set[d] = static_cast<std::uint8_t>((bits >> d) & 1U);
    sets.push_back(std::move(set));
  }
  const auto size = [](const auto& set) { return std::accumulate(set.begin(), set.end(), 0); };
  std::stable_sort(sets.begin(), sets.end(), [&](const auto& a, const auto& b) { return size(a) > size(b); });
  return sets;
}

bool inside(const Mode& mode, const std::vector<std::uint8_t>& devices) {
  return std::all_of(mode.parts.begin(), mode.parts.end(), [&](const Part& part) { return devices[part.device] != 0; });
}

bool runs_on(const Problem& problem, const std::vector<std::uint8_t>& devices) {
  return std::all_of(problem.tasks.begin(), problem.tasks.end(), [&](const Task& task) {
    return std::any_of(task.modes.begin(), task.modes.end(), [&](const Mode& mode) { return inside(mode, devices); });
  });
}

std::string bytes_text(double bytes) { return to_text(Bytes(static_cast<std::int64_t>(std::min(bytes, 9e18)))); }

[[noreturn]] void refuse_caps(const Problem& problem, const Value& least_power, const Value& least_memory) {
  if (problem.power_cap && least_power.peak_power > *problem.power_cap) {
    throw InputError("power_cap", to_text(Watts(*problem.power_cap)) + " is less than the " +
                                      to_text(Watts(least_power.peak_power)) +
                                      " of the thriftiest mapping found; raise it, or use slower devices");
  }
  throw InputError("memory_cap", bytes_text(problem.memory_cap.value_or(0.0)) + " is less than the " +
                                     bytes_text(least_memory.peak_memory) +
                                     " of the smallest mapping found; raise it, or use a narrower number format");
}

}  // namespace

bool keeps_caps(const Problem& problem, const Value& value) {
  return excess(problem.power_cap, value.peak_power) + excess(problem.memory_cap, value.peak_memory) == 0.0;
}

double judged(const Problem& problem, const Value& value) {
  const double over = excess(problem.power_cap, value.peak_power) + excess(problem.memory_cap, value.peak_memory);
  const double objective = value.of(problem.objective);
  return over > 0.0 ? objective * kPenalty * (1.0 + over) : objective;
}

std::optional<Problem> restricted(const Problem& problem, const std::vector<std::uint8_t>& devices,
                                  std::vector<std::vector<std::uint32_t>>& modes) {
  Problem out = problem;
  modes.assign(problem.tasks.size(), {});
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
    const auto& all = problem.tasks[t].modes;
    out.tasks[t].modes.clear();
    for (std::size_t m = 0; m < all.size(); ++m) {
      if (!inside(all[m], devices)) continue;
      out.tasks[t].modes.push_back(all[m]);
      modes[t].push_back(static_cast<std::uint32_t>(m));
    }
    if (modes[t].empty()) return std::nullopt;
  }
  return out;
}

Found solve_within_caps(const Problem& problem, const Effort& effort, const Solver& solver) {
  Evaluator evaluator(problem);
  Found best = solver(problem, effort);
  Value value = evaluator.evaluate(best.solution);
  if (keeps_caps(problem, value)) return best;
  Value least_power = value, least_memory = value;
  std::optional<Found> kept;
  double kept_value = kNever;
  auto sets = device_sets(problem.devices.size());
  std::erase_if(sets, [&](const auto& set) { return !runs_on(problem, set); });
  Effort share = effort;
  if (!sets.empty()) share.budget = std::max<std::int64_t>(1, effort.budget / static_cast<std::int64_t>(sets.size()));
  std::int64_t evaluations = best.evaluations, budget = best.budget;
  std::vector<std::vector<std::uint32_t>> modes;
  for (const auto& set : sets) {
    const auto part = restricted(problem, set, modes);
    if (!part) continue;
    Found found = solver(*part, share);
    evaluations += found.evaluations;
    budget += found.budget;
    for (std::size_t t = 0; t < modes.size(); ++t) found.solution.modes[t] = modes[t][found.solution.modes[t]];
    value = evaluator.evaluate(found.solution);
    if (value.peak_power < least_power.peak_power) least_power = value;
    if (value.peak_memory < least_memory.peak_memory) least_memory = value;
    if (!keeps_caps(problem, value) || value.of(problem.objective) >= kept_value) continue;
    kept_value = value.of(problem.objective);
    kept = std::move(found);
  }
  if (!kept) refuse_caps(problem, least_power, least_memory);
  kept->evaluations = evaluations;
  kept->budget = budget;
  return *kept;
}

std::vector<std::vector<std::uint8_t>> unsplit_modes(const Problem& problem) {
  std::vector<std::vector<std::uint8_t>> out;
  for (const Task& task : problem.tasks) {
    auto& mask = out.emplace_back();
    for (const Mode& mode : task.modes) mask.push_back(mode.split() ? 0 : 1);
    if (std::find(mask.begin(), mask.end(), 1) == mask.end()) mask.assign(mask.size(), 1);
  }
  return out;
}

Solution single_device(const Problem& problem, std::size_t device) {
  Solution out;
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
    const auto& modes = problem.tasks[t].modes;
    std::size_t best = 0;
    double least = kNever;
    for (std::size_t m = 0; m < modes.size(); ++m) {
      if (modes[m].split()) continue;
      const Part& part = modes[m].parts.front();
      const double seconds = part.device == device ? -1.0 : part.cold.seconds();
      if (seconds >= least) continue;
      least = seconds;
      best = m;
    }
    out.modes.push_back(static_cast<std::uint32_t>(best));
    out.order.push_back(static_cast<std::uint32_t>(t));
  }
  return out;
}

}  // namespace chipcast::schedule
