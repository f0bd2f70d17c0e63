// SPDX-License-Identifier: Apache-2.0
#include "accelerators/shell/shell.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast::shell {

bool SemaphoreBank::reached(SemaphoreId id, std::int64_t value, Engine& engine) {
  if (counts_.at(id.index()) >= value) return true;
  waiting_[id.index()].push_back({value, &engine});
  return false;
}

void SemaphoreBank::signal(SemaphoreId id) {
  const std::int64_t count = ++counts_.at(id.index());
  auto& waiters = waiting_[id.index()];
  std::erase_if(waiters, [count](const Waiter& waiter) {
    if (waiter.value > count) return false;
    waiter.engine->wake();
    return true;
  });
}

Engine::Engine(sc_core::sc_module_name name, const Setup& setup)
    : sc_module(name),
      device_(setup.device),
      kind_(setup.kind),
      program_(setup.program),
      queue_(setup.program.queue(setup.kind)),
      clock_(setup.clock),
      semaphores_(setup.semaphores),
      observer_(setup.observer) {
  if (kind_ != EngineKind::compute) dma_ = std::make_unique<dma::Engine>("dma", setup.dma);
  SC_METHOD(run);
}

void Engine::run() {
  while (next_ < queue_.size()) {
    if (!perform(queue_[next_])) return;
    ++next_;
  }
}

bool Engine::perform(const Command& command) {
  switch (command.kind) {
    case CommandKind::wait:
      if (semaphores_.reached(command.semaphore, command.value, *this)) return true;
      next_trigger(wake_);
      return false;
    case CommandKind::signal:
      semaphores_.signal(command.semaphore);
      return true;
    case CommandKind::compute:
      return perform_compute(command);
    case CommandKind::load:
    case CommandKind::store:
      return perform_transfer(command);
  }
  return true;
}

bool Engine::perform_compute(const Command& command) {
  if (busy_) {
    ended(command);
    return true;
  }
  begin_ = now();
  const Time end = clock_.after(begin_, program_.works.at(command.work).cycles);
  busy_ = true;
  next_trigger(to_sc_time(end - begin_));
  return false;
}

bool Engine::perform_transfer(const Command& command) {
  CHIPCAST_ASSERT(dma_ != nullptr);
  if (!busy_) {
    begin_ = now();
    busy_ = true;
    dma_->begin({.what = program_.descriptor(command), .write = command.kind == CommandKind::store, .op = command.op});
  }
  const std::optional<Time> again = dma_->step();
  if (dma_->done()) {
    ended(command);
    return true;
  }
  if (again) {
    next_trigger(to_sc_time(*again - now()));
  } else {
    next_trigger(dma_->progressed());
  }
  return false;
}

void Engine::ended(const Command& command) {
  busy_ = false;
  observer_.on_command(device_, kind_, command, begin_, now());
}

std::string Engine::state() const {
  const std::string self = program_.device + "." + std::string(name_of(kind_));
  if (finished()) return self + " has finished";
  const Command& command = queue_[next_];
  const std::string where = " (command " + std::to_string(next_) + " of " + std::to_string(queue_.size()) + ")";
  if (command.kind != CommandKind::wait) return self + " is in a " + std::string(name_of(command.kind)) + where;
  return self + " waits for semaphore " + std::to_string(command.semaphore.index()) + " to reach " +
         std::to_string(command.value) + ", it is at " + std::to_string(semaphores_.count(command.semaphore)) + where;
}

}  // namespace chipcast::shell
