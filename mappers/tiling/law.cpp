// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/law.h"

#include <algorithm>
#include <cmath>

namespace chipcast::tiling {
namespace {

/// Time holds 106 days.
Time time_of(double ps) {
  constexpr double kExact = 9e15;
  if (ps < kExact) return Time::ps(std::llround(ps));
  return Time::from_seconds(Seconds(ps * 1e-12));
}

Limit limit_of(const Sums& sums, double launch, double total) {
  const double memory = sums.loads + sums.stores, busy = std::max(sums.compute, memory);
  const double fill = total - launch - busy, most = std::max({busy, launch, fill});
  if (most == launch) return Limit::launch;
  if (most == fill) return Limit::fill;
  return sums.compute >= memory ? Limit::compute : Limit::memory;
}

}  // namespace

void Sums::begin(const StepPrice& first) {
  first_load = first.load_ps();
  first_compute = first.compute.ps;
  load(first, 1);
}

Chain Sums::follow(const StepPrice& from, const StepPrice& to, std::int64_t count) {
  run(from, count);
  load(to, count);
  return {.run = std::max(from.compute.ps, to.load_ps()),
          .store = from.output.ps,
          .longest = from.compute.ps + from.output.ps};
}

void Sums::end(const Chain& before, const StepPrice& last) {
  run(last, 1);
  chain = before.then({.run = last.compute.ps, .store = last.output.ps, .longest = last.compute.ps + last.output.ps});
}

void Sums::load(const StepPrice& step, std::int64_t count) {
  const auto times = static_cast<double>(count);
  loads += step.load_ps() * times;
  load_bytes += (std::max<std::int64_t>(0, step.input.bytes) + std::max<std::int64_t>(0, step.weights.bytes)) * count;
  joules += (step.input.joules + step.weights.joules) * times;
}

void Sums::run(const StepPrice& step, std::int64_t count) {
  const auto times = static_cast<double>(count);
  compute += step.compute.ps * times;
  cycles += step.compute.cycles * count;
  stores += step.output.ps * times;
  store_bytes += std::max<std::int64_t>(0, step.output.bytes) * count;
  joules += (step.compute.joules + step.output.joules) * times;
  tiles += count;
}

double Sums::total_ps(double launch_ps) const {
  const double head = std::max(launch_ps, first_load);
  // The second load begins behind the first, which may be before the launch ends.
  const double second = std::max(0.0, second_load - (head - first_load));
  const double hidden = std::max(first_compute, second_load) - std::max(first_compute, second);
  const double pipeline = head + std::max(first_compute + stores, chain.longest - hidden);
  const double later = loads - first_load - second_load;
  return std::max(pipeline, std::max(loads, head + first_compute + later) + stores);
}

void RunSums::add(const StepPrice& step, std::int64_t count) {
  if (steps_ == 0) {
    sums_.begin(step);
  } else {
    chain_ = chain_.then(sums_.follow(before_, step, 1));
  }
  if (count > 1) chain_ = chain_.then(sums_.follow(step, step, count - 1).times(count - 1));
  if (steps_ < 2 && steps_ + count >= 2) sums_.second(step);
  before_ = step;
  steps_ += count;
}

Sums RunSums::finish() && {
  if (steps_ > 0) sums_.end(chain_, before_);
  return sums_;
}

double value_of(Objective objective, const Prices& prices, double total_ps, double dynamic) {
  const double seconds = total_ps * 1e-12;
  if (objective == Objective::latency) return seconds;
  const double joules = dynamic + prices.static_watts() * seconds;
  return objective == Objective::energy ? joules : joules * seconds;
}

void fill(Plan& plan, const Sums& sums, const Prices& prices) {
  const double launch = prices.launch_ps(), total = sums.total_ps(launch);
  plan.tiles = sums.tiles;
  plan.compute = Cycles(sums.cycles);
  plan.loads = Bytes(sums.load_bytes);
  plan.stores = Bytes(sums.store_bytes);
  plan.latency = time_of(total - launch);
  plan.dynamic = Joules(sums.joules);
  plan.energy = Joules(value_of(Objective::energy, prices, total, sums.joules));
  plan.limit = limit_of(sums, launch, total);
}

Sums sums_of(const Schedule& schedule, const Prices& prices) {
  RunSums sums;
  for (const ScheduleStep& step : schedule.steps) {
    sums.add({.input = prices.load(step.input),
              .weights = prices.load(step.weights),
              .output = prices.store(step.output),
              .compute = prices.compute(step.work)},
             step.count);
  }
  return std::move(sums).finish();
}

Sums sums_of_pieces(std::int64_t pieces, const Traffic& traffic, const Prices& prices) {
  RunSums sums;
  const Plan plan{.nested = false, .tile = {.pieces = pieces}};
  for_each_step_class(prices.op(), prices.device(), plan, traffic, [&](const StepClass& some) {
    sums.add({.input = prices.load(some.step.input),
              .weights = {},
              .output = prices.store(some.step.output),
              .compute = prices.compute(some.step.tile)},
             some.count);
  });
  return std::move(sums).finish();
}

}  // namespace chipcast::tiling
