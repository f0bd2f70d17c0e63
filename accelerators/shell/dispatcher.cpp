// SPDX-License-Identifier: Apache-2.0
#include "accelerators/shell/dispatcher.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"

// Whose tile comes next, and loading it. dispatcher_engines.cpp computes and stores.
namespace chipcast::shell {
namespace {

Boundary boundary_for(Preemption preemption) {
  switch (preemption) {
    case Preemption::tile:
      return Boundary::tile;
    case Preemption::op:
      return Boundary::op;
    case Preemption::none:
      break;
  }
  return Boundary::job;
}

}  // namespace

Dispatcher::Dispatcher(sc_core::sc_module_name name, const Setup& setup)
    : sc_module(name),
      device_(setup.device),
      program_(setup.program),
      clock_(setup.clock),
      preemption_(setup.preemption),
      observer_(setup.observer),
      fleet_(setup.fleet),
      pace_(setup.pace),
      load_dma_("load_dma", setup.load),
      store_dma_("store_dma", setup.store) {
  SC_METHOD(load);
  SC_METHOD(compute);
  SC_METHOD(store);
}

void Dispatcher::admit(Job& job) {
  if (plan(job).units.empty()) return;
  const auto before = [](const Job* a, const Job* b) { return a->rank < b->rank; };
  parts_.insert(std::upper_bound(parts_.begin(), parts_.end(), &job, before), &job);
  moved();
}

void Dispatcher::moved() {
  if (loading_ != nullptr && !loading_->ordered && readiness(*loading_->job).ready) order(*loading_);
  wake();
}

void Dispatcher::wake() {
  // At one instant they go on in the order in which they began to wait, as plain engines do.
  if (store_waits_ < load_waits_) store_wake_.notify(sc_core::SC_ZERO_TIME);
  load_wake_.notify(sc_core::SC_ZERO_TIME);
  compute_wake_.notify(sc_core::SC_ZERO_TIME);
  store_wake_.notify(sc_core::SC_ZERO_TIME);
}

const std::vector<Command>& Dispatcher::queue(const Job& job, EngineKind kind) const {
  return job.program->devices.at(device_.index()).queue(kind);
}

const Unit& Dispatcher::next_unit(const Job& job) const { return plan(job).units.at(part(job).next); }

bool Dispatcher::finished(const Job& job) const { return part(job).next == plan(job).units.size(); }

Dispatcher::Readiness Dispatcher::readiness(const Job& job) const {
  const Unit& unit = next_unit(job);
  const auto& needs = plan(job).needs;
  Readiness out{.ready = true, .own_only = true, .may_lead = unit.transfers};
  for (auto i = unit.needs.begin; i < unit.needs.end; ++i) {
    if (job.reached(needs[i].semaphore, needs[i].value)) continue;
    out.ready = false;
    out.own_only = out.own_only && needs[i].own;
    if (i - unit.needs.begin < unit.lead) out.may_lead = false;
  }
  return out;
}

/// Between two tiles of the job served last, where the device may not turn away from it.
bool Dispatcher::keeps_holder() const {
  if (holder_ == nullptr) return false;
  return plan(*holder_).units.at(part(*holder_).next - 1).after < boundary_for(preemption_);
}

bool Dispatcher::choose() {
  if (keeps_holder()) {
    const Readiness next = readiness(*holder_);
    if (next.ready) return take_ready(*holder_);
    // It goes on by itself. A wait for another device lets others in: nobody may hold a device and wait for one.
    if (next.own_only) return next.may_lead && fetch_ahead(*holder_);
  }
  std::vector<Job*>::const_iterator leading = parts_.end();
  for (auto it = parts_.begin(); it != parts_.end(); ++it) {
    const Readiness next = readiness(**it);
    if (next.ready) return take_ready(**it);
    if (next.may_lead && leading == parts_.end()) leading = it;
  }
  return leading != parts_.end() && fetch_ahead(**leading);
}

bool Dispatcher::take_ready(Job& job) {
  if (Tile* parked = part(job).parked) {
    loading_ = parked;
    parked_ = part(job).parked = nullptr;
  } else {
    // Nothing to fetch, nothing to choose early for: whoever comes until the device is free may still go first.
    if (!next_unit(job).transfers && !order_.empty()) return false;
    if (order_.size() >= kHalves) return false;
    if (order_.size() + (parked_ != nullptr ? 1 : 0) >= kHalves) give_up_parked();
    loading_ = &begin_tile(job);
  }
  load_waits_ = 0;
  order(*loading_);
  return true;
}

bool Dispatcher::fetch_ahead(Job& job) {
  if (parked_ != nullptr || order_.size() >= kHalves) return false;
  load_waits_ = 0;
  loading_ = &begin_tile(job);
  return true;
}

void Dispatcher::give_up_parked() {
  Tile& tile = *parked_;
  const auto& loads = queue(*tile.job, EngineKind::load);
  for (std::size_t i = 0; i < tile.at; ++i) statistics_.fetched_again += loads[tile.loads[i]].bytes;
  part(*tile.job).parked = nullptr;
  parked_ = nullptr;
  free_tile(tile);
}

Tile& Dispatcher::take_tile() {
  if (free_tiles_.empty()) {
    tiles_.push_back(std::make_unique<Tile>());
    free_tiles_.push_back(tiles_.back().get());
  }
  Tile& tile = *free_tiles_.back();
  free_tiles_.pop_back();
  std::vector<std::uint32_t> loads = std::move(tile.loads);
  loads.clear();
  tile = Tile{};
  tile.loads = std::move(loads);
  return tile;
}

Tile& Dispatcher::begin_tile(Job& job) {
  Tile& tile = take_tile();
  tile.job = &job;
  tile.unit = &next_unit(job);
  tile.compute_at = tile.unit->compute.begin;
  if (fetched_last_ != job.rank.sequence) add_kept(tile);
  for (auto i = tile.unit->load.begin; i < tile.unit->load.end; ++i) tile.loads.push_back(i);
  fetched_last_ = job.rank.sequence;
  return tile;
}

/// What this tile takes from earlier ones of its operator is no longer in the buffers.
void Dispatcher::add_kept(Tile& tile) {
  const DevicePlan& device = plan(*tile.job);
  const auto& loads = queue(*tile.job, EngineKind::load);
  for (std::size_t operand = 0; operand < tile.unit->kept.size(); ++operand) {
    const auto from = tile.unit->kept[operand];
    if (!from) continue;
    const CommandRange range = device.units.at(*from).load;
    for (auto i = range.begin; i < range.end; ++i) {
      if (loads[i].kind == CommandKind::load && device.loads[i].first_operand == (operand == 0))
        tile.loads.push_back(i);
    }
  }
  tile.again = tile.loads.size();
}

void Dispatcher::order(Tile& tile) {
  Job& job = *tile.job;
  count_preemption(job);
  tile.ordered = true;
  order_.push_back(&tile);
  ++part(job).next;
  holder_ = &job;
  if (finished(job)) {
    parts_.erase(std::find(parts_.begin(), parts_.end(), &job));
    holder_ = nullptr;
  }
  compute_wake_.notify(sc_core::SC_ZERO_TIME);
}

void Dispatcher::count_preemption(const Job& next) {
  if (holder_ == nullptr || holder_ == &next) return;
  if (plan(*holder_).units.at(part(*holder_).next - 1).after < Boundary::op) ++statistics_.preemptions;
}

void Dispatcher::load() {
  while (loading_ != nullptr ? continue_loading() : choose()) {
  }
  if (loading_ != nullptr) return;
  if (load_waits_ == 0) load_waits_ = ++waits_;
  next_trigger(load_wake_);
}

bool Dispatcher::continue_loading() {
  Tile& tile = *loading_;
  const auto& commands = queue(*tile.job, EngineKind::load);
  for (; tile.at < tile.loads.size(); ++tile.at) {
    const Command& command = commands[tile.loads[tile.at]];
    if (command.kind == CommandKind::load) {
      if (!load_bytes(tile, command)) return false;
    } else if (!tile.ordered &&
               (command.kind == CommandKind::signal || !tile.job->reached(command.semaphore, command.value))) {
      return park();
    } else if (command.kind == CommandKind::signal) {
      signal(*tile.job, command.semaphore);
    } else {
      CHIPCAST_ASSERT(tile.job->reached(command.semaphore, command.value));
    }
  }
  if (!tile.ordered) return park();
  tile.loaded = true;
  loading_ = nullptr;
  compute_wake_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

bool Dispatcher::park() {
  parked_ = part(*loading_->job).parked = loading_;
  loading_ = nullptr;
  return true;
}

bool Dispatcher::load_bytes(Tile& tile, const Command& command) {
  if (!load_busy_) {
    if (!may_transfer()) {
      next_trigger(load_wake_);
      return false;
    }
    const bool parameter = !plan(*tile.job).loads.empty() && plan(*tile.job).loads[tile.loads[tile.at]].parameter;
    load_busy_ = true;
    load_begin_ = now();
    began(*tile.job);
    engine_on();
    load_dma_.begin({.what = descriptor(command, parameter ? tile.job->shared_base : tile.job->own_base),
                     .write = false,
                     .op = command.op});
  }
  if (!step(load_dma_)) return false;
  load_busy_ = false;
  if (tile.at < tile.again) statistics_.fetched_again += command.bytes;
  observer_.on_command(device_, EngineKind::load, command, load_begin_, now());
  engine_off();
  return true;
}

std::string Dispatcher::state() const {
  const auto jobs = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " job" : " jobs"); };
  std::string text = program_.device + " has " + jobs(parts_.size()) + " to serve";
  for (const Job* job : parts_) {
    const Unit& unit = next_unit(*job);
    for (auto i = unit.needs.begin; i < unit.needs.end; ++i) {
      const Need& need = plan(*job).needs[i];
      if (job->reached(need.semaphore, need.value)) continue;
      return text + "; job " + std::to_string(job->rank.sequence) + " waits for semaphore " +
             std::to_string(need.semaphore.index()) + " to reach " + std::to_string(need.value) + ", it is at " +
             std::to_string(job->counts[need.semaphore.index()]) + " (tile " + std::to_string(part(*job).next) +
             " of " + std::to_string(plan(*job).units.size()) + ")";
    }
  }
  return text + ", " + std::to_string(order_.size()) + " tiles to compute, " + std::to_string(stores_.size()) +
         " to store";
}

}  // namespace chipcast::shell
