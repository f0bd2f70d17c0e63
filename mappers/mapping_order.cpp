// SPDX-License-Identifier: Apache-2.0
#include "mappers/mapping_order.h"

#include <algorithm>

namespace chipcast {
namespace {

void raise(TaskOrder::Clock& clock, const TaskOrder::Clock& other) {
  std::transform(clock.begin(), clock.end(), other.begin(), clock.begin(),
                 [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
}

}  // namespace

TaskOrder::TaskOrder(const TaskList& tasks, const std::vector<TensorId>& roots)
    : tasks_(tasks), before_(tasks.size()), number_(tasks.size(), 0) {
  const std::size_t devices = tasks.problem().devices.size();
  std::vector<std::int64_t> issued(devices, 0);
  std::vector<Clock> made(roots.size(), Clock(devices, 0));  // by root, what is over once it has been written
  std::vector<Clock> device(devices, Clock(devices, 0));     // after the last task of each
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    Clock clock(devices, 0);
    const auto slot = tasks.task(i).slot;
    if (slot) clock = device[*slot];
    for (const auto& input : tasks.op(i).inputs) raise(clock, made[roots[input.tensor.index()].index()]);
    before_[i] = clock;
    if (!slot) continue;
    number_[i] = ++issued[*slot];
    clock[*slot] = number_[i];
    device[*slot] = clock;
    for (const auto& output : tasks.op(i).outputs) raise(made[output.tensor.index()], clock);
  }
}

void TaskOrder::pass(std::size_t task, Clock& clock) const {
  const auto slot = tasks_.task(task).slot;
  if (slot) clock[*slot] = std::max(clock[*slot], number_[task]);
}

bool TaskOrder::precedes(std::size_t first, std::size_t second) const {
  const auto slot = tasks_.task(first).slot;
  return !slot || before_[second][*slot] >= number_[first];
}

bool within(const TaskOrder::Clock& a, const TaskOrder::Clock& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](std::int64_t x, std::int64_t y) { return x <= y; });
}

}  // namespace chipcast
