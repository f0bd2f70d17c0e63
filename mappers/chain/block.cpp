// SPDX-License-Identifier: Apache-2.0
#include "mappers/chain/block.h"

#include <algorithm>

namespace chipcast::chain {
namespace {

/// More combinations than this are not tried one by one.
constexpr std::size_t kMostCombinations = 64;

}  // namespace

Block::Block(const schedule::Problem& problem, std::optional<std::size_t> begin, std::size_t first, std::size_t end)
    : first_(first), tasks_(end - first), has_begin_(begin.has_value()) {
  block_.devices = problem.devices;
  block_.handoff = problem.handoff;
  block_.latency = problem.latency;
  block_.seconds_per_byte = problem.seconds_per_byte;
  block_.idle_power = problem.idle_power;
  block_.objective = problem.objective;
  const std::size_t shift = has_begin_ ? 1 : 0;
  if (begin) {
    schedule::Task joint = problem.tasks[*begin];
    joint.inputs.clear();
    for (auto& mode : joint.modes) {
      for (auto& part : mode.parts) part.cold = part.local = {};
    }
    block_.tasks.push_back(std::move(joint));
  }
  for (std::size_t t = first; t < end; ++t) {
    schedule::Task task = problem.tasks[t];
    for (auto& input : task.inputs) input.task = begin && input.task == *begin ? 0 : input.task - first + shift;
    block_.tasks.push_back(std::move(task));
  }
  block_.link();
  inner_ = inner_choices();
}

/// Empty where there are too many, or nothing stands between the ends.
std::vector<std::vector<std::uint32_t>> Block::inner_choices() const {
  const std::size_t shift = has_begin_ ? 1 : 0;
  std::vector<std::vector<std::uint32_t>> out{{}};
  for (std::size_t i = 0; i + 1 < tasks_; ++i) {
    const auto& modes = block_.tasks[i + shift].modes;
    std::vector<std::vector<std::uint32_t>> grown;
    for (const auto& before : out) {
      for (std::uint32_t m = 0; m < modes.size(); ++m) {
        if (modes[m].split()) continue;
        grown.push_back(before);
        grown.back().push_back(m);
        if (grown.size() > kMostCombinations) return {};
      }
    }
    out = std::move(grown);
  }
  return out;
}

Block::Way Block::run(std::uint32_t from, const std::vector<std::uint32_t>& modes) const {
  schedule::ListScheduler scheduler(block_);
  const std::size_t shift = has_begin_ ? 1 : 0;
  if (has_begin_) scheduler.place(0, from);
  for (std::size_t i = 0; i < modes.size(); ++i) scheduler.place(i + shift, modes[i]);
  return {.seconds = scheduler.makespan(), .energy = scheduler.energy(), .modes = modes};
}

/// Inner tasks one by one: on `device` where they run there, otherwise where they end first.
Block::Way Block::greedy(std::uint32_t from, std::uint32_t to, std::optional<std::size_t> device) const {
  schedule::ListScheduler scheduler(block_);
  const std::size_t shift = has_begin_ ? 1 : 0;
  if (has_begin_) scheduler.place(0, from);
  Way way;
  for (std::size_t i = 0; i < tasks_; ++i) {
    const std::size_t task = i + shift;
    std::size_t chosen = to;
    if (i + 1 < tasks_) {
      double least = schedule::kNever;
      for (std::size_t m = 0; m < block_.tasks[task].modes.size(); ++m) {
        const auto& mode = block_.tasks[task].modes[m];
        const bool asked = device && !mode.split() && mode.parts.front().device == *device;
        const double value =
            asked ? -1.0 : schedule::objective_so_far(block_, scheduler, task, m, scheduler.finish(task, m));
        if (value >= least) continue;
        least = value;
        chosen = m;
      }
    }
    scheduler.place(task, chosen);
    way.modes.push_back(static_cast<std::uint32_t>(chosen));
  }
  way.seconds = scheduler.makespan();
  way.energy = scheduler.energy();
  return way;
}

double Block::judge(const Way& way) const {
  const double energy = way.energy + block_.idle_power * way.seconds;
  return schedule::Value{.makespan = way.seconds, .energy = energy}.of(block_.objective);
}

Block::Way Block::best(std::uint32_t from, std::uint32_t to) const {
  std::optional<Way> best;
  const auto consider = [&](Way way) {
    if (!best || judge(way) < judge(*best)) best = std::move(way);
  };
  for (const auto& inner : inner_) {
    std::vector<std::uint32_t> modes = inner;
    modes.push_back(to);
    consider(run(from, modes));
  }
  if (tasks_ > 1) {
    consider(greedy(from, to, std::nullopt));
    for (std::size_t d = 0; d < block_.devices.size() && inner_.empty(); ++d) consider(greedy(from, to, d));
  }
  return *best;
}

}  // namespace chipcast::chain
