// SPDX-License-Identifier: Apache-2.0
#include "mappers/emitter.h"

#include <algorithm>
#include <utility>

#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

/// One semaphore per engine of each device.
SemaphoreId semaphore_of(std::size_t slot, EngineKind engine) {
  return SemaphoreId(slot * kEnginesPerDevice + static_cast<std::size_t>(engine));
}

/// One device for each operator.
std::vector<Decision> decisions_of(const MappingProblem& problem, const Mapping& mapping) {
  std::vector<Decision> decisions(problem.ops.size());
  for (const Task& task : mapping.tasks) {
    CHIPCAST_ASSERT(task.part.whole());
    decisions[task.op.index()] = {.slot = task.slot, .reason = mapping.choices.at(task.op.index()).reason};
  }
  return decisions;
}

void add(TileWork& work, const TileWork& more) {
  work.cycles += more.cycles;
  work.activity.insert(work.activity.end(), more.activity.begin(), more.activity.end());
}

}  // namespace

Emitter::Emitter(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans)
    : problem_(problem),
      decisions_(decisions_of(problem, mapping)),
      plans_(plans),
      root_(view_roots(problem.graph, problem.ops)),
      residency_(problem, decisions_),
      patterns_(problem.devices.size()),
      ready_(problem.graph.tensors.size()),
      progress_(problem.devices.size()) {
  for (const auto& op : problem.ops) planned_.push_back(plan(op));
  plan_rooms();
  addresses_ = plan_addresses(problem.graph, problem.ops, rooms_);
  program_.network = problem.graph.name;
  program_.semaphores = problem.devices.size() * kEnginesPerDevice;
  program_.memory_footprint = addresses_.footprint;
  for (std::size_t i = 0; i < problem.graph.tensors.size(); ++i) {
    program_.allocations.push_back({problem.graph.tensors[i].name, addresses_.address[i], rooms_[root_[i].index()]});
  }
  for (const auto& slot : problem.devices) {
    DeviceProgram device;
    device.device = slot.name;
    program_.devices.push_back(std::move(device));
  }
}

Program Emitter::emit() {
  if (addresses_.footprint > problem_.memory_capacity) {
    program_.warnings.push_back("the network needs " + to_text(addresses_.footprint) + " of memory, but " +
                                problem_.memory + " has " + to_text(problem_.memory_capacity));
  }
  for (const auto& op : problem_.ops) {
    program_.placements.push_back({.op = op.name, .label = op.label, .dtype = op.compute_dtype});
    const Decision& decision = decisions_[op.id.index()];
    program_.placements.back().reason = decision.reason;
    decision.slot ? emit_op(op, decision) : emit_view(op);
  }
  return std::move(program_);
}

void Emitter::emit_view(const OpDescription& op) {
  program_.placements.back().tiling = "a view: nothing moves";
  if (op.inputs.empty()) return;
  for (const auto& output : op.outputs) ready_[output.tensor.index()] = ready_[op.inputs.front().tensor.index()];
}

bool Emitter::must_store(const OpDescription& op) const {
  return std::any_of(op.outputs.begin(), op.outputs.end(),
                     [&](const auto& output) { return residency_.stored(output.tensor); });
}

void Emitter::emit_op(const OpDescription& op, const Decision& decision) {
  const std::size_t slot = *decision.slot;
  const Device& device = *problem_.devices[slot].device;
  DeviceProgram& program = program_.devices[slot];
  Placement& placement = program_.placements.back();
  const auto& [traffic, plan, places] = *planned_[op.id.index()];
  placement.device = program.device;
  placement.tiling = to_text(plan);
  placement.tiles = plan.tiles;
  placement.compute_cycles = plan.compute;
  placement.macs = op.macs;

  progress_[slot].works.clear();
  progress_[slot].scheduled.clear();
  inputs_waited_ = false;
  begin_pieces(op);
  begin_streams(op);
  wait_for_inputs(op, slot, EngineKind::compute);
  emit_launch(op, slot);
  tiling::for_each_step(op, device, plan, traffic, [&](const tiling::Step& step) { emit_step(op, slot, step); });
  for (const auto& output : op.outputs) {
    ready_[output.tensor.index()] = {.slot = slot,
                                     .tiles = progress_[slot].tiles,
                                     .stores = progress_[slot].stores,
                                     .in_memory = traffic.result,
                                     .computes_last = plan.schedule && plan.schedule->steps.back().output == Bytes(0)};
  }
}

bool Emitter::takes_over(const OpDescription& op, std::size_t slot) const {
  return std::any_of(op.inputs.begin(), op.inputs.end(), [&](const OpDescription::Operand& input) {
    const Ready& ready = ready_[input.tensor.index()];
    return ready.slot && *ready.slot != slot;
  });
}

void Emitter::emit_launch(const OpDescription& op, std::size_t slot) {
  const Device& device = *problem_.devices[slot].device;
  DeviceProgram& program = program_.devices[slot];
  TileWork work = device.launch(op);
  if (!std::exchange(progress_[slot].called, true)) add(work, device.call());
  if (takes_over(op, slot)) work.cycles += whole_cycles(problem_.handoff * device.clock());
  work.overhead = true;
  program_.placements.back().launch_cycles = work.cycles;
  program.works.push_back(std::move(work));
  program.queue(EngineKind::compute)
      .push_back(
          {.kind = CommandKind::compute, .op = op.id, .work = static_cast<std::uint32_t>(program.works.size() - 1)});
}

void Emitter::emit_step(const OpDescription& op, std::size_t slot, const tiling::Step& step) {
  DeviceProgram& program = program_.devices[slot];
  Progress& progress = progress_[slot];
  const auto wait_for_inputs_once = [&] {
    if (!inputs_waited_) wait_for_inputs(op, slot, EngineKind::load);
    inputs_waited_ = true;
  };

  // Load: the buffer half of two tiles ago must be free; weights need not wait for the producers.
  wait(slot, EngineKind::load, EngineKind::compute, slot, progress.tiles - 1);
  if (reads_two_results(op)) wait_for_inputs_once();
  for (const Part& part : other_parts(op, step)) transfer(op, slot, EngineKind::load, part);
  wait_for_inputs_once();
  for (const Part& part : input_parts(op, step)) transfer(op, slot, EngineKind::load, part);
  signal(slot, EngineKind::load);

  // Compute: data is there, and the output half of two stores ago has been emptied.
  const std::uint32_t work = work_for(op, slot, step);
  wait(slot, EngineKind::compute, EngineKind::load, slot, progress.tiles + 1);
  if (step.output > Bytes(0)) wait(slot, EngineKind::compute, EngineKind::store, slot, progress.stores - 1);
  program.queue(EngineKind::compute).push_back({.kind = CommandKind::compute, .op = op.id, .work = work});
  signal(slot, EngineKind::compute);
  ++progress.tiles;

  if (step.output == Bytes(0)) return;
  wait(slot, EngineKind::store, EngineKind::compute, slot, progress.tiles);
  for (const Part& part : output_parts(op, step)) transfer(op, slot, EngineKind::store, part);
  signal(slot, EngineKind::store);
  ++progress.stores;
}

bool Emitter::reads_two_results(const OpDescription& op) const {
  return op.inputs.size() > 1 && std::any_of(op.inputs.begin() + 1, op.inputs.end(), [&](const auto& input) {
           return ready_[input.tensor.index()].slot.has_value();
         });
}

void Emitter::wait_for_inputs(const OpDescription& op, std::size_t slot, EngineKind queue) {
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const Ready& ready = ready_[op.inputs[i].tensor.index()];
    if (!ready.slot) continue;
    const bool through_memory = ready.in_memory && !residency_.stays(op.id, i);
    if (through_memory) wait(slot, queue, EngineKind::store, *ready.slot, ready.stores);
    if (!through_memory || ready.computes_last) wait(slot, queue, EngineKind::compute, *ready.slot, ready.tiles);
  }
}

void Emitter::wait(std::size_t slot, EngineKind queue, EngineKind on_engine, std::size_t on_slot, std::int64_t value) {
  if (value <= 0) return;
  if (on_slot == slot && on_engine == queue) return;  // a queue runs in order
  program_.devices[slot].queue(queue).push_back(
      {.kind = CommandKind::wait, .semaphore = semaphore_of(on_slot, on_engine), .value = value});
}

void Emitter::signal(std::size_t slot, EngineKind queue) {
  program_.devices[slot].queue(queue).push_back({.kind = CommandKind::signal, .semaphore = semaphore_of(slot, queue)});
}

std::uint32_t Emitter::work_for(const OpDescription& op, std::size_t slot, const tiling::Step& step) {
  auto& works = program_.devices[slot].works;
  const auto next = static_cast<std::uint32_t>(works.size());
  Progress& progress = progress_[slot];
  const auto [known, fresh] = [&] {
    if (step.scheduled == nullptr) {
      const auto [it, added] = progress.works.try_emplace(step.tile, next);
      return std::pair(it->second, added);
    }
    const auto [it, added] = progress.scheduled.try_emplace(step.scheduled, next);
    return std::pair(it->second, added);
  }();
  if (fresh) works.push_back(tiling::work_of(op, *problem_.devices[slot].device, step));
  return known;
}

Program emit(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans) {
  return Emitter(problem, mapping, plans).emit();
}

}  // namespace chipcast
