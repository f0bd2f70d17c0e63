// SPDX-License-Identifier: Apache-2.0
#include "accelerators/shell/units.h"

#include <algorithm>
#include <map>

namespace chipcast::shell {
namespace {

struct Owner {
  std::size_t device;
  EngineKind engine;
};
using Owners = std::vector<std::optional<Owner>>;

Owners owners_of(const Program& program) {
  Owners owners(program.semaphores);
  for (std::size_t d = 0; d < program.devices.size(); ++d) {
    for (const auto& [kind, name] : enum_names(EngineKind{})) {
      for (const auto& command : program.devices[d].queue(kind)) {
        if (command.kind == CommandKind::signal) owners.at(command.semaphore.index()) = Owner{d, kind};
      }
    }
  }
  return owners;
}

bool is_transfer(const Command& command) {
  return command.kind == CommandKind::load || command.kind == CommandKind::store;
}

std::uint32_t index_of(std::size_t value) { return static_cast<std::uint32_t>(value); }

/// Cuts the queues of one device.
class Cutter {
 public:
  Cutter(const Program& program, std::size_t device, const Owners& owners)
      : device_(device), program_(program.devices[device]), owners_(owners) {}

  DevicePlan cut() {
    cut_compute();
    cut_load_rest();
    cut_stores();
    for (auto& unit : plan_.units) describe(unit);
    return std::move(plan_);
  }

 private:
  bool signalled_here(const Command& command, EngineKind engine) const {
    const auto& owner = owners_.at(command.semaphore.index());
    return owner && owner->device == device_ && owner->engine == engine;
  }

  /// Behind the load command that signals for the `value`-th time.
  std::uint32_t loads_until(SemaphoreId semaphore, std::int64_t value) {
    const auto& queue = program_.queue(EngineKind::load);
    auto& [at, count] = load_cursor_[semaphore.index()];
    while (count < value && at < queue.size()) {
      const Command& command = queue[at++];
      if (command.kind == CommandKind::signal && command.semaphore == semaphore) ++count;
    }
    return index_of(at);
  }

  void open() {
    if (open_) return;
    plan_.units.emplace_back();
    plan_.units.back().load = {loaded_, loaded_};
    open_ = true;
    worked_ = false;
  }

  void cut_compute() {
    const auto& queue = program_.queue(EngineKind::compute);
    std::map<std::size_t, std::int64_t> signals;
    const bool signalled = std::any_of(queue.begin(), queue.end(),
                                       [](const Command& command) { return command.kind == CommandKind::signal; });
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const Command& command = queue[i];
      const bool ends = !signalled || (i > 0 && queue[i - 1].kind == CommandKind::signal);
      if (open_ && worked_ && ends && command.kind != CommandKind::signal) open_ = false;
      if (!open_) {
        open();
        plan_.units.back().compute = {index_of(i), index_of(i)};
      }
      Unit& unit = plan_.units.back();
      unit.compute.end = index_of(i + 1);
      if (command.kind == CommandKind::wait && signalled_here(command, EngineKind::load)) {
        loaded_ = std::max(loaded_, loads_until(command.semaphore, command.value));
        unit.load.end = loaded_;
      } else if (command.kind == CommandKind::signal) {
        unit_of_signal_[{command.semaphore.index(), ++signals[command.semaphore.index()]}] = plan_.units.size() - 1;
      } else if (command.kind == CommandKind::compute) {
        const bool work = !program_.works.at(command.work).overhead;
        worked_ = worked_ || work;
        if (work) unit.last_work = index_of(i);
      }
    }
    open_ = false;
  }

  /// Loads that no compute command waits for.
  void cut_load_rest() {
    const auto& queue = program_.queue(EngineKind::load);
    while (loaded_ < queue.size()) {
      open();
      const bool ends = queue[loaded_].kind == CommandKind::signal;
      plan_.units.back().load.end = ++loaded_;
      if (ends) open_ = false;
    }
    open_ = false;
  }

  void cut_stores() {
    const auto& queue = program_.queue(EngineKind::store);
    if (queue.empty()) return;
    if (plan_.units.empty()) plan_.units.emplace_back();
    std::size_t after = 0;
    std::uint32_t begin = 0;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      if (queue[i].kind == CommandKind::wait) {
        const auto it = unit_of_signal_.find({queue[i].semaphore.index(), queue[i].value});
        if (it != unit_of_signal_.end()) after = std::max(after, it->second);
      }
      if (queue[i].kind != CommandKind::signal && i + 1 < queue.size()) continue;
      CommandRange& range = plan_.units[after].store;
      if (range.empty()) range.begin = begin;
      range.end = begin = index_of(i + 1);
    }
  }

  void describe(Unit& unit) {
    const auto& loads = program_.queue(EngineKind::load);
    const auto& computes = program_.queue(EngineKind::compute);
    const auto& stores = program_.queue(EngineKind::store);
    unit.needs.begin = index_of(plan_.needs.size());
    for (auto i = unit.load.begin; i < unit.load.end; ++i) {
      if (is_transfer(loads[i])) {
        if (!unit.transfers) unit.lead = index_of(plan_.needs.size()) - unit.needs.begin;
        unit.transfers = true;
        unit.op = loads[i].op;
      }
      if (loads[i].kind == CommandKind::wait && !signalled_here(loads[i], EngineKind::load)) need(unit, loads[i]);
    }
    if (!unit.transfers) unit.lead = index_of(plan_.needs.size()) - unit.needs.begin;
    for (auto i = unit.store.begin; i < unit.store.end; ++i) {
      if (!is_transfer(stores[i])) continue;
      unit.stores = true;
      unit.op = stores[i].op;
    }
    for (auto i = unit.compute.begin; i < unit.compute.end; ++i) {
      if (computes[i].kind == CommandKind::compute) unit.op = computes[i].op;
      // What this device's own engines still have to do comes by itself once the tile's turn has come.
      if (computes[i].kind == CommandKind::wait && !own(computes[i])) need(unit, computes[i]);
    }
    unit.needs.end = index_of(plan_.needs.size());
  }

  bool own(const Command& command) const {
    const auto& owner = owners_.at(command.semaphore.index());
    return owner && owner->device == device_;
  }

  void need(const Unit& unit, const Command& command) {
    for (auto i = unit.needs.begin; i < plan_.needs.size(); ++i) {
      if (plan_.needs[i].semaphore == command.semaphore && plan_.needs[i].value >= command.value) return;
    }
    plan_.needs.push_back({command.semaphore, command.value, own(command)});
  }

  std::size_t device_;
  const DeviceProgram& program_;
  const Owners& owners_;
  DevicePlan plan_;
  bool open_ = false, worked_ = false;
  std::uint32_t loaded_ = 0;
  std::map<std::size_t, std::pair<std::size_t, std::int64_t>> load_cursor_;
  std::map<std::pair<std::size_t, std::int64_t>, std::size_t> unit_of_signal_;
};

std::size_t operand_of(const LoadInfo& info) { return info.first_operand ? 0 : 1; }

/// What is loaded in one tile of an operator and used in later ones, too.
void find_kept(DevicePlan& plan, const std::vector<Command>& loads) {
  if (plan.loads.empty()) return;
  std::map<std::size_t, std::array<std::optional<std::uint32_t>, 2>> latest;
  for (std::uint32_t u = 0; u < plan.units.size(); ++u) {
    Unit& unit = plan.units[u];
    auto& seen = latest[unit.op.index()];
    std::array<bool, 2> brings{};
    for (auto i = unit.load.begin; i < unit.load.end; ++i) {
      if (is_transfer(loads[i])) brings[operand_of(plan.loads[i])] = true;
    }
    for (std::size_t c = 0; c < brings.size(); ++c) {
      if (brings[c]) {
        seen[c] = u;
      } else {
        unit.kept[c] = seen[c];
      }
    }
  }
}

/// A device may turn to another job where nothing that it still needs lies in its buffers alone: not between tiles of
/// operators that are interleaved (fused), not between tiles that add up partial sums.
void find_boundaries(DevicePlan& plan, const std::vector<Command>& computes, bool cached) {
  struct Span {
    std::size_t first, last;
    bool stores = false;
  };
  std::map<std::size_t, Span> spans;
  const auto extend = [&](OpId op, std::size_t u, bool stores) {
    Span& span = spans.try_emplace(op.index(), Span{u, u}).first->second;
    span.last = u;
    span.stores = span.stores || stores;
  };
  for (std::size_t u = 0; u < plan.units.size(); ++u) {
    const Unit& unit = plan.units[u];
    extend(unit.op, u, unit.stores);
    for (auto i = unit.compute.begin; i < unit.compute.end; ++i) {
      if (computes[i].kind == CommandKind::compute) extend(computes[i].op, u, false);
    }
  }
  const bool free = cached || std::none_of(spans.begin(), spans.end(), [](const auto& s) { return s.second.stores; });
  std::vector<int> change(plan.units.size() + 1, 0);
  for (const auto& [op, span] : spans) {
    ++change[span.first];
    --change[span.last];
  }
  int spanning = 0;
  for (std::size_t u = 0; u < plan.units.size(); ++u) {
    spanning += change[u];
    Unit& unit = plan.units[u];
    const Span& span = spans.at(unit.op.index());
    if (u + 1 == plan.units.size()) {
      unit.after = Boundary::job;
    } else if (spanning == 0) {
      unit.after = free || span.stores ? Boundary::op : Boundary::none;
    } else if (spanning == 1 && span.last > u) {
      unit.after = free || unit.stores ? Boundary::tile : Boundary::none;
    }
  }
}

void find_wakes(const Program& program, const Owners& owners, JobPlan& plan) {
  plan.wakes.resize(program.semaphores);
  for (std::size_t d = 0; d < program.devices.size(); ++d) {
    for (const auto& queue : program.devices[d].queues) {
      for (const auto& command : queue) {
        if (command.kind != CommandKind::wait) continue;
        const auto& owner = owners.at(command.semaphore.index());
        if (owner && owner->device != d) plan.wakes[command.semaphore.index()].push_back({command.value, DeviceId(d)});
      }
    }
  }
  const auto key = [](const JobPlan::Wake& wake) { return std::pair(wake.value, wake.device); };
  for (auto& wakes : plan.wakes) {
    std::sort(wakes.begin(), wakes.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    wakes.erase(std::unique(wakes.begin(), wakes.end(), [&](const auto& a, const auto& b) { return key(a) == key(b); }),
                wakes.end());
  }
}

}  // namespace

JobPlan plan_job(const Program& program, const PlanHints& hints) {
  const Owners owners = owners_of(program);
  JobPlan plan;
  plan.semaphores = program.semaphores;
  for (std::size_t d = 0; d < program.devices.size(); ++d) {
    DevicePlan device = Cutter(program, d, owners).cut();
    if (d < hints.loads.size()) device.loads = hints.loads[d];
    find_kept(device, program.devices[d].queue(EngineKind::load));
    find_boundaries(device, program.devices[d].queue(EngineKind::compute), d < hints.cached.size() && hints.cached[d]);
    for (const auto& unit : device.units) plan.parts += unit.store.empty() ? 1 : 2;
    plan.devices.push_back(std::move(device));
  }
  find_wakes(program, owners, plan);
  return plan;
}

}  // namespace chipcast::shell
