// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "accelerators/shell/dispatcher.h"
#include "sim/kernel/simulation_context.h"

// Computing tiles in the order in which they were chosen, storing them as they come.
namespace chipcast::shell {

void Dispatcher::compute() {
  while (!order_.empty()) {
    Tile& tile = *order_.front();
    if (tile.compute_at < tile.unit->compute.end) {
      if (!step_compute(tile)) return;
    } else if (tile.loaded) {
      end_tile();
    } else {
      break;
    }
  }
  next_trigger(compute_wake_);
}

/// Performs the command at hand; false when the engine has to be called again later.
bool Dispatcher::step_compute(Tile& tile) {
  const Command& command = queue(*tile.job, EngineKind::compute)[tile.compute_at];
  if (command.kind == CommandKind::wait && !tile.job->reached(command.semaphore, command.value)) {
    next_trigger(compute_wake_);
    return false;
  }
  if (command.kind == CommandKind::compute && !compute_tile(tile, command)) return false;
  if (command.kind == CommandKind::signal) signal(*tile.job, command.semaphore);
  part(*tile.job).computed = ++tile.compute_at;
  return true;
}

bool Dispatcher::compute_tile(Tile& tile, const Command& command) {
  const TileWork& work = program_.works.at(command.work);
  if (compute_busy_) {
    compute_busy_ = false;
    observer_.on_command(device_, EngineKind::compute, command, compute_begin_, now());
    if (!work.overhead) engine_off();
    if (pace_ != nullptr) pace_->computing(device_, false);
    return true;
  }
  const bool output = tile.unit->stores && tile.compute_at == tile.unit->last_work && !work.overhead;
  if ((output && outputs_ >= kHalves) || !may_compute()) {
    next_trigger(compute_wake_);
    return false;
  }
  if (output) {
    tile.output = true;
    ++outputs_;
  }
  compute_busy_ = true;
  compute_begin_ = now();
  compute_end_ = end_of(work);
  began(*tile.job);
  if (pace_ != nullptr) pace_->computing(device_, true);
  if (!work.overhead) engine_on();
  next_trigger(to_sc_time(compute_end_ - compute_begin_));
  return false;
}

Time Dispatcher::end_of(const TileWork& work) const {
  return (pace_ == nullptr || work.overhead ? clock_ : pace_->clock(device_)).after(now(), work.cycles);
}

std::optional<Dispatcher::Computing> Dispatcher::computing() const {
  if (!compute_busy_) return std::nullopt;
  const Tile& tile = *order_.front();
  return Computing{.job = tile.job, .command = tile.compute_at, .begin = compute_begin_, .end = compute_end_};
}

void Dispatcher::end_tile() {
  Tile& tile = *order_.front();
  Job& job = *tile.job;
  order_.pop_front();
  if (!tile.unit->store.empty()) {
    stores_.push_back({.job = &job, .unit = tile.unit, .at = tile.unit->store.begin, .output = tile.output});
    store_wake_.notify(sc_core::SC_ZERO_TIME);
  }
  free_tile(tile);
  load_wake_.notify(sc_core::SC_ZERO_TIME);
  part_done(job);
}

void Dispatcher::store() {
  while (storing_ || choose_store()) {
    if (!continue_storing()) return;
    end_store();
  }
  if (store_waits_ == 0) store_waits_ = ++waits_;
  next_trigger(store_wake_);
}

/// The one that was computed first, among those that have all they wait for; a job's come in order.
bool Dispatcher::choose_store() {
  std::vector<const Job*> blocked;
  for (auto it = stores_.begin(); it != stores_.end(); ++it) {
    if (std::find(blocked.begin(), blocked.end(), it->job) != blocked.end()) continue;
    if (store_ready(*it)) {
      std::rotate(stores_.begin(), it, it + 1);
      store_waits_ = 0;
      return storing_ = true;
    }
    blocked.push_back(it->job);
  }
  return false;
}

bool Dispatcher::store_ready(const Stored& stored) const {
  const auto& commands = queue(*stored.job, EngineKind::store);
  for (auto i = stored.at; i < stored.unit->store.end; ++i) {
    if (commands[i].kind != CommandKind::wait) continue;
    if (!stored.job->reached(commands[i].semaphore, commands[i].value)) return false;
  }
  return true;
}

bool Dispatcher::continue_storing() {
  Stored& stored = stores_.front();
  const auto& commands = queue(*stored.job, EngineKind::store);
  for (; stored.at < stored.unit->store.end; ++stored.at) {
    const Command& command = commands[stored.at];
    if (command.kind == CommandKind::store && !store_bytes(*stored.job, command)) return false;
    if (command.kind == CommandKind::signal) signal(*stored.job, command.semaphore);
  }
  return true;
}

bool Dispatcher::store_bytes(Job& job, const Command& command) {
  if (!store_busy_) {
    if (!may_transfer()) {
      next_trigger(store_wake_);
      return false;
    }
    store_busy_ = true;
    store_begin_ = now();
    began(job);
    engine_on();
    store_dma_.begin({.what = descriptor(command, job.own_base), .write = true, .op = command.op});
  }
  if (!step(store_dma_)) return false;
  store_busy_ = false;
  observer_.on_command(device_, EngineKind::store, command, store_begin_, now());
  engine_off();
  return true;
}

void Dispatcher::end_store() {
  Job& job = *stores_.front().job;
  if (stores_.front().output) --outputs_;
  stores_.pop_front();
  storing_ = false;
  compute_wake_.notify(sc_core::SC_ZERO_TIME);
  part_done(job);
}

bool Dispatcher::step(dma::Engine& dma) {
  const std::optional<Time> again = dma.step();
  if (dma.done()) return true;
  if (again) {
    next_trigger(to_sc_time(*again - now()));
  } else {
    next_trigger(dma.progressed());
  }
  return false;
}

dma::Descriptor Dispatcher::descriptor(const Command& command, std::uint64_t base) const {
  dma::Descriptor out = program_.descriptor(command);
  out.address += base;
  return out;
}

void Dispatcher::signal(Job& job, SemaphoreId semaphore) {
  const std::int64_t count = ++job.counts.at(semaphore.index());
  moved();
  const auto& wakes = job.plan->wakes.at(semaphore.index());
  const auto before = [](const JobPlan::Wake& wake, std::int64_t value) { return wake.value < value; };
  for (auto it = std::lower_bound(wakes.begin(), wakes.end(), count, before); it != wakes.end() && it->value == count;
       ++it) {
    fleet_.devices.at(it->device.index())->moved();
  }
}

void Dispatcher::part_done(Job& job) {
  if (--job.left == 0) fleet_.done(job);
}

void Dispatcher::began(Job& job) {
  if (!job.began) job.began = now();
}

void Dispatcher::engine_on() {
  if (working_++ > 0) return;
  working_since_ = now();
  if (pace_ != nullptr) pace_->working(device_);
}

void Dispatcher::engine_off() {
  if (--working_ > 0) return;
  statistics_.busy += now() - working_since_;
  if (pace_ != nullptr) pace_->resting(device_);
}

}  // namespace chipcast::shell
