// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/evaluator.h"

#include <algorithm>
#include <array>

#include "sim/base/check.h"

namespace chipcast::schedule {
namespace {

constexpr std::uint32_t kUnplaced = std::numeric_limits<std::uint32_t>::max();

}  // namespace

Evaluator::Evaluator(const Problem& problem, bool contention)
    : problem_(problem), contention_(contention && problem.bandwidth > 0.0), queues_(problem.devices.size()) {
  CHIPCAST_ASSERT(problem.readers.size() == problem.tasks.size());
}

Value Evaluator::evaluate(const Solution& solution) {
  CHIPCAST_ASSERT(solution.modes.size() == problem_.tasks.size() && solution.order.size() == problem_.tasks.size());
  flatten(solution);
  add_publishing(solution);
  const double last = contention_ ? run_shared() : run_free();
  double makespan = last;
  for (std::size_t t = 0; t < problem_.tasks.size(); ++t) {
    if (!problem_.tasks[t].leaves) continue;
    const auto& parts = problem_.tasks[t].modes[solution.modes[t]].parts;
    for (std::size_t p = 0; p < parts.size(); ++p) {
      makespan = std::max(makespan, spans_[first_job_[t] + p].end + parts[p].publish);
    }
  }
  Value value{.makespan = makespan, .energy = energy_ + problem_.idle_power * makespan};
  value.peak_power = peak_power();
  value.peak_memory = peak_memory(solution);
  return value;
}

void Evaluator::flatten(const Solution& solution) {
  jobs_.clear();
  waits_.clear();
  spans_.clear();
  energy_ = 0.0;
  first_job_.assign(problem_.tasks.size(), kUnplaced);
  position_.resize(problem_.tasks.size());
  for (auto& queue : queues_) queue.clear();
  for (std::uint32_t i = 0; i < solution.order.size(); ++i) {
    const std::size_t task = solution.order[i];
    CHIPCAST_ASSERT(first_job_[task] == kUnplaced);
    position_[task] = i;
    const auto first = static_cast<std::uint32_t>(jobs_.size());
    const std::size_t parts = problem_.tasks[task].modes[solution.modes[task]].parts.size();
    for (std::size_t part = 0; part < parts; ++part) add_part(solution, task, part);
    first_job_[task] = first;
  }
}

void Evaluator::add_part(const Solution& solution, std::size_t index, std::size_t number) {
  const Task& task = problem_.tasks[index];
  const Part& part = task.modes[solution.modes[index]].parts[number];
  const auto first_wait = static_cast<std::uint32_t>(waits_.size());
  bool foreign = false;
  for (const Input& input : task.inputs) {
    const std::uint32_t producer = first_job_[input.task];
    CHIPCAST_ASSERT(producer != kUnplaced);
    const auto& others = problem_.tasks[input.task].modes[solution.modes[input.task]].parts;
    for (std::uint32_t p = 0; p < others.size(); ++p) {
      if (!overlaps(input.need, others[p].range, part.range)) continue;
      const bool here = others[p].device == part.device;
      foreign = foreign || !here;
      waits_.push_back({producer + p, here ? 0.0 : problem_.delay(others[p], part.device, input.bytes)});
    }
  }
  const Cost& cost = foreign || task.inputs.empty() ? part.cold : part.local;
  const double call = queues_[part.device].empty() ? problem_.call_of(part.device) : 0.0;
  jobs_.push_back({.overhead = cost.overhead + call + (foreign ? problem_.handoff : 0.0),
                   .work = cost.work,
                   .demand = cost.work > 0.0 ? cost.bytes / cost.work : 0.0,
                   .power = part.power,
                   .first_input = first_wait,
                   .inputs = static_cast<std::uint32_t>(waits_.size()) - first_wait});
  queues_[part.device].push_back(static_cast<std::uint32_t>(jobs_.size() - 1));
  spans_.push_back({.task = index, .part = number, .device = part.device, .foreign = foreign});
  energy_ += cost.energy;
}

/// Stores that happen only because somebody else reads.
void Evaluator::add_publishing(const Solution& solution) {
  published_.assign(jobs_.size(), 0);
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    for (std::uint32_t w = 0; w < jobs_[j].inputs; ++w) {
      const std::uint32_t producer = waits_[jobs_[j].first_input + w].job;
      if (spans_[producer].device != spans_[j].device) published_[producer] = 1;
    }
  }
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    const Task& task = problem_.tasks[spans_[j].task];
    if (published_[j] == 0 && !task.leaves) continue;
    energy_ += task.modes[solution.modes[spans_[j].task]].parts[spans_[j].part].publish_energy;
  }
}

double Evaluator::ready(const Job& job) const {
  double time = 0.0;
  for (std::uint32_t w = 0; w < job.inputs; ++w) {
    const Wait& wait = waits_[job.first_input + w];
    time = std::max(time, spans_[wait.job].end + wait.delay);
  }
  return time;
}

double Evaluator::run_free() {
  released_.assign(queues_.size(), 0.0);
  double last = 0.0;
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    Span& span = spans_[j];
    span.begin = std::max(released_[span.device], ready(jobs_[j]));
    span.end = span.begin + jobs_[j].overhead + jobs_[j].work;
    released_[span.device] = span.end;
    last = std::max(last, span.end);
  }
  return last;
}

double Evaluator::run_shared() {
  enum class Phase : std::uint8_t { idle, overhead, work };
  struct Engine {
    std::size_t next = 0;
    Phase phase = Phase::idle;
    double until = 0.0;  ///< of overhead
    double left = 0.0;   ///< of work, at full speed
  };
  static thread_local std::vector<Engine> engines;
  engines.assign(queues_.size(), {});
  for (Span& span : spans_) span.end = kNever;
  std::size_t open = jobs_.size();
  double now = 0.0;
  while (open > 0) {
    double demand = 0.0, next = kNever;
    for (std::size_t d = 0; d < engines.size(); ++d) {
      Engine& engine = engines[d];
      if (engine.phase == Phase::idle && engine.next < queues_[d].size()) {
        const std::uint32_t j = queues_[d][engine.next];
        const double start = ready(jobs_[j]);
        if (start > now) {
          next = std::min(next, start);
        } else {
          spans_[j].begin = now;
          engine.phase = Phase::overhead;
          engine.until = now + jobs_[j].overhead;
        }
      }
      if (engine.phase == Phase::overhead && engine.until <= now) {
        engine.phase = Phase::work;
        engine.left = jobs_[queues_[d][engine.next]].work;
      }
      if (engine.phase == Phase::overhead) next = std::min(next, engine.until);
      if (engine.phase == Phase::work) demand += jobs_[queues_[d][engine.next]].demand;
    }
    const double speed = demand > problem_.bandwidth ? problem_.bandwidth / demand : 1.0;
    double ends = kNever;
    for (const Engine& engine : engines) {
      if (engine.phase == Phase::work) ends = std::min(ends, now + engine.left / speed);
    }
    const double then = std::min(next, ends);
    CHIPCAST_ASSERT(then < kNever);
    for (std::size_t d = 0; d < engines.size(); ++d) {
      Engine& engine = engines[d];
      if (engine.phase != Phase::work) continue;
      if (now + engine.left / speed <= then) {
        spans_[queues_[d][engine.next]].end = then;
        engine.phase = Phase::idle;
        ++engine.next;
        --open;
      } else {
        engine.left -= (then - now) * speed;
      }
    }
    now = then;
  }
  return now;
}

double Evaluator::peak_power() {
  if (!problem_.power_cap) return 0.0;
  steps_.clear();
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    steps_.emplace_back(spans_[j].begin, jobs_[j].power);
    steps_.emplace_back(spans_[j].end, -jobs_[j].power);
  }
  std::sort(steps_.begin(), steps_.end());  // what ends comes before what starts
  double power = 0.0, peak = 0.0;
  for (const auto& [time, step] : steps_) peak = std::max(peak, power += step);
  return peak + problem_.idle_power;
}

/// As addresses are planned (AddressPlan::live): a tensor has its bytes from its writer, or from the start where it is
/// the graph's input, to its last reader in the order of issue.
double Evaluator::peak_memory(const Solution& solution) {
  if (!problem_.memory_cap) return 0.0;
  const auto end = static_cast<std::uint32_t>(problem_.tasks.size());
  released_.assign(problem_.tasks.size() + 1, 0.0);
  const auto release = [&](double bytes, std::uint32_t first, const std::vector<std::size_t>& readers, bool leaves) {
    std::uint32_t last = leaves ? end : first;
    for (const std::size_t reader : readers) last = std::max(last, position_[reader]);
    released_[last] += bytes;
  };
  double live = problem_.fixed_bytes;
  for (const GraphInput& input : problem_.graph_inputs) {
    live += input.bytes;
    release(input.bytes, 0, input.readers, input.leaves);
  }
  for (std::size_t t = 0; t < problem_.tasks.size(); ++t) {
    release(problem_.tasks[t].result_bytes, position_[t], problem_.readers[t], problem_.tasks[t].leaves);
  }
  double peak = live;
  for (std::uint32_t i = 0; i < solution.order.size(); ++i) {
    const Task& task = problem_.tasks[solution.order[i]];
    live += task.result_bytes;
    peak = std::max(peak, live + task.scratch_bytes);
    live -= released_[i];
  }
  return peak;
}

}  // namespace chipcast::schedule
