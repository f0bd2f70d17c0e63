// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/list_scheduler.h"

#include <algorithm>
#include <queue>

#include "sim/base/check.h"

namespace chipcast::schedule {

ListScheduler::ListScheduler(const Problem& problem)
    : problem_(problem), busy_(problem.devices.size()), placed_(problem.tasks.size()) {}

double ListScheduler::gap(std::size_t device, double ready, double length) const {
  const auto& busy = busy_[device];
  auto next = std::lower_bound(busy.begin(), busy.end(), ready, [](const Busy& b, double t) { return b.end <= t; });
  double begin = ready;
  for (; next != busy.end() && next->begin < begin + length; ++next) begin = std::max(begin, next->end);
  return begin;
}

ListScheduler::Fit ListScheduler::fit(const Task& task, const Part& part) const {
  bool foreign = false;
  double ready = 0.0, energy = 0.0;
  for (const Input& input : task.inputs) {
    const Placed& producer = placed_[input.task];
    CHIPCAST_ASSERT(!producer.ends.empty());
    const auto& parts = problem_.tasks[input.task].modes[producer.mode].parts;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      if (!overlaps(input.need, parts[p].range, part.range)) continue;
      const bool here = parts[p].device == part.device;
      foreign = foreign || !here;
      if (!here && producer.published[p] == 0) energy += parts[p].publish_energy;
      ready = std::max(ready, producer.ends[p] + (here ? 0.0 : problem_.delay(parts[p], part.device, input.bytes)));
    }
  }
  const Cost& cost = foreign || task.inputs.empty() ? part.cold : part.local;
  const double call = busy_[part.device].empty() ? problem_.call_of(part.device) : 0.0;
  const double length = cost.seconds() + call + (foreign ? problem_.handoff : 0.0);
  const double begin = gap(part.device, ready, length);
  energy += cost.energy + (task.leaves ? part.publish_energy : 0.0);
  return {.begin = begin, .end = begin + length, .energy = energy};
}

double ListScheduler::finish(std::size_t task, std::size_t mode) const {
  double end = 0.0;
  for (const Part& part : problem_.tasks[task].modes[mode].parts) {
    end = std::max(end, fit(problem_.tasks[task], part).end);
  }
  return end;
}

double ListScheduler::added_energy(std::size_t task, std::size_t mode) const {
  double energy = 0.0;
  for (const Part& part : problem_.tasks[task].modes[mode].parts) energy += fit(problem_.tasks[task], part).energy;
  return energy;
}

void ListScheduler::place(std::size_t task, std::size_t mode) {
  Placed& placed = placed_[task];
  CHIPCAST_ASSERT(placed.ends.empty());
  placed.mode = mode;
  placed.begin = kNever;
  std::vector<double> ends;
  for (const Part& part : problem_.tasks[task].modes[mode].parts) {
    const Fit at = fit(problem_.tasks[task], part);
    auto& busy = busy_[part.device];
    const auto where =
        std::upper_bound(busy.begin(), busy.end(), at.begin, [](double t, const Busy& b) { return t < b.begin; });
    busy.insert(where, {at.begin, at.end});
    placed.begin = std::min(placed.begin, at.begin);
    energy_ += at.energy;
    makespan_ = std::max(makespan_, at.end + (problem_.tasks[task].leaves ? part.publish : 0.0));
    ends.push_back(at.end);
    publish_inputs(problem_.tasks[task], part);
  }
  placed.published.assign(ends.size(), problem_.tasks[task].leaves ? 1 : 0);
  placed.ends = std::move(ends);
}

void ListScheduler::publish_inputs(const Task& task, const Part& part) {
  for (const Input& input : task.inputs) {
    Placed& producer = placed_[input.task];
    const auto& parts = problem_.tasks[input.task].modes[producer.mode].parts;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      if (parts[p].device != part.device && overlaps(input.need, parts[p].range, part.range)) producer.published[p] = 1;
    }
  }
}

Solution ListScheduler::solution() const {
  Solution out;
  out.modes.resize(placed_.size());
  for (std::size_t t = 0; t < placed_.size(); ++t) {
    out.modes[t] = static_cast<std::uint32_t>(placed_[t].mode);
    if (!placed_[t].ends.empty()) out.order.push_back(static_cast<std::uint32_t>(t));
  }
  // Tasks are numbered topologically, so that equal starts keep precedence; a split task may begin on one device before
  // what another of its parts waits for has begun, so precedence is repaired after sorting.
  std::stable_sort(out.order.begin(), out.order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return placed_[a].begin < placed_[b].begin; });
  std::vector<std::uint8_t> done(placed_.size(), 0);
  std::vector<std::uint32_t> order;
  order.reserve(out.order.size());
  const std::function<void(std::uint32_t)> emit = [&](std::uint32_t task) {
    if (done[task] != 0) return;
    done[task] = 1;
    for (const Input& input : problem_.tasks[task].inputs) emit(static_cast<std::uint32_t>(input.task));
    order.push_back(task);
  };
  for (const std::uint32_t task : out.order) emit(task);
  out.order = std::move(order);
  return out;
}

Allowed all_modes(const Problem& problem) {
  Allowed out;
  for (const Task& task : problem.tasks) out.emplace_back(task.modes.size(), std::uint8_t{1});
  return out;
}

Solution list_schedule(const Problem& problem, const std::vector<double>& priority, const Allowed& allowed,
                       const Score& score) {
  const auto later = [&](std::size_t a, std::size_t b) {
    return priority[a] < priority[b] || (priority[a] == priority[b] && a > b);
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> open(later);
  std::vector<std::size_t> missing(problem.tasks.size(), 0);
  for (const auto& readers : problem.readers) {
    for (const std::size_t reader : readers) ++missing[reader];
  }
  for (std::size_t t = 0; t < missing.size(); ++t) {
    if (missing[t] == 0) open.push(t);
  }
  ListScheduler schedule(problem);
  while (!open.empty()) {
    const std::size_t task = open.top();
    open.pop();
    double best = kNever;
    std::optional<std::size_t> chosen;
    for (std::size_t m = 0; m < problem.tasks[task].modes.size(); ++m) {
      if (allowed[task][m] == 0) continue;
      const double value = score(schedule, task, m, schedule.finish(task, m));
      if (chosen && !(value < best)) continue;
      best = value;
      chosen = m;
    }
    CHIPCAST_ASSERT(chosen.has_value());
    schedule.place(task, *chosen);
    for (const std::size_t reader : problem.readers[task]) {
      if (--missing[reader] == 0) open.push(reader);
    }
  }
  return schedule.solution();
}

double objective_so_far(const Problem& problem, const ListScheduler& so_far, std::size_t task, std::size_t mode,
                        double finish) {
  if (problem.objective == Objective::latency) return finish;
  const double end = std::max(so_far.makespan(), finish);
  const double energy = so_far.energy() + so_far.added_energy(task, mode) + problem.idle_power * end;
  return problem.objective == Objective::energy ? energy : energy * end;
}

double mean_seconds(const Task& task) {
  double sum = 0.0;
  std::size_t count = 0;
  for (const bool split : {false, true}) {
    for (const Mode& mode : task.modes) {
      if (mode.split() != split) continue;
      double longest = 0.0;
      for (const Part& part : mode.parts) longest = std::max(longest, part.cold.seconds());
      sum += longest;
      ++count;
    }
    if (count > 0) break;
  }
  return sum / static_cast<double>(count);
}

double mean_delay(const Problem& problem, const Input& input) {
  double sum = 0.0;
  std::size_t pairs = 0;
  for (const Mode& mode : problem.tasks[input.task].modes) {
    if (mode.split()) continue;
    for (std::size_t to = 0; to < problem.devices.size(); ++to) {
      if (to == mode.parts.front().device) continue;
      sum += problem.delay(mode.parts.front(), to, input.bytes);
      ++pairs;
    }
  }
  return pairs == 0 ? 0.0 : sum / static_cast<double>(pairs) + problem.handoff;
}

std::vector<double> upward_ranks(const Problem& problem) {
  std::vector<double> ranks(problem.tasks.size(), 0.0);  // first the longest way behind a task
  for (std::size_t t = problem.tasks.size(); t-- > 0;) {
    ranks[t] += mean_seconds(problem.tasks[t]);
    for (const Input& input : problem.tasks[t].inputs) {
      ranks[input.task] = std::max(ranks[input.task], mean_delay(problem, input) + ranks[t]);
    }
  }
  return ranks;
}

}  // namespace chipcast::schedule
