// SPDX-License-Identifier: Apache-2.0
#include "mappers/emitter.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

/// One semaphore per engine of each device.
SemaphoreId semaphore_of(std::size_t slot, EngineKind engine) {
  return SemaphoreId(slot * kEnginesPerDevice + static_cast<std::size_t>(engine));
}

void add(TileWork& work, const TileWork& more) {
  work.cycles += more.cycles;
  work.activity.insert(work.activity.end(), more.activity.begin(), more.activity.end());
}

}  // namespace

Emitter::Emitter(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans)
    : problem_(problem),
      mapping_(mapping),
      tasks_(problem, mapping),
      plans_(plans),
      root_(view_roots(problem.graph, problem.ops)),
      in_group_(kept_in_groups(tasks_, root_)),
      residency_(tasks_),
      groups_(tasks_),
      patterns_(problem.devices.size()),
      ready_(problem.graph.tensors.size()),
      progress_(problem.devices.size()) {
  for (std::size_t i = 0; i < tasks_.size(); ++i) planned_.push_back(plan(i));
  plan_rooms();
  addresses_ = plan_addresses(tasks_, rooms_);
  program_.network = problem.graph.name;
  program_.semaphores = problem.devices.size() * kEnginesPerDevice;
  program_.memory_footprint = addresses_.footprint;
  program_.memory_live = addresses_.live;
  for (std::size_t i = 0; i < problem.graph.tensors.size(); ++i) {
    program_.allocations.push_back({problem.graph.tensors[i].name, addresses_.address[i], room(TensorId(i))});
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
    program_.placements.push_back({.op = op.name,
                                   .label = op.label,
                                   .dtype = op.compute_dtype,
                                   .reason = mapping_.choices.at(op.id.index()).reason});
    if (tasks_.of(op.id).empty() || !tasks_.task(tasks_.of(op.id).front()).slot) {
      program_.placements.back().tiling = "a view: nothing moves";
    }
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (tasks_.task(i).slot) emit_task(i);
  }
  for (std::size_t slot = 0; slot < progress_.size(); ++slot) close_unit(slot);
  return std::move(program_);
}

bool Emitter::must_store(const OpDescription& op) const {
  return std::any_of(op.outputs.begin(), op.outputs.end(),
                     [&](const auto& output) { return residency_.stored(output.tensor); });
}

void Emitter::emit_task(std::size_t index) {
  task_ = index;
  op_ = &tasks_.op(index);
  const Task& task = tasks_.task(index);
  PlacementPart placed;
  placed_ = &placed;
  placed.macs = op_->macs;
  leave_groups();
  task.group ? emit_grouped(*task.slot) : emit_tiles(*task.slot);
  record(placed);
}

void Emitter::leave_groups() {
  const Task& task = tasks_.task(task_);
  if (task.group && task.group == group_) return;
  for (std::size_t slot = 0; slot < progress_.size(); ++slot) close_unit(slot);
  group_ = task.group;
}

void Emitter::emit_tiles(std::size_t slot) {
  const Traffic& traffic = planned_[task_]->traffic;
  const tiling::Plan& plan = planned_[task_]->plan;
  progress_[slot].works.clear();
  progress_[slot].scheduled.clear();
  inputs_waited_ = false;
  begin_pieces();
  begin_streams();
  wait_for_inputs(slot, EngineKind::compute);
  emit_launch(slot);
  tiling::for_each_step(*op_, *problem_.devices[slot].device, plan, traffic,
                        [&](const tiling::Step& step) { emit_step(slot, step); });
  for (const auto& output : op_->outputs) {
    ready_[output.tensor.index()][slot] = {.tiles = progress_[slot].tiles,
                                           .stores = progress_[slot].stores,
                                           .in_memory = traffic.result,
                                           .computes_last = !last_step_stored_};
  }
  placed_->tiling = tiling::to_text(plan);
  placed_->tiles = plan.tiles;
  placed_->compute_cycles = plan.compute;
}

void Emitter::record(PlacementPart& placed) {
  const Task& task = tasks_.task(task_);
  const bool split = tasks_.split(task.op);
  Placement& sum = program_.placements[task.op.index()];
  placed.device = problem_.devices[*task.slot].name;
  const auto same_device = [&](const PlacementPart& part) { return part.device == placed.device; };
  if (std::none_of(sum.parts.begin(), sum.parts.end(), same_device)) {
    sum.device += (sum.device.empty() ? "" : "+") + placed.device;
  }
  if (task.group) {
    if (sum.tiling.empty()) sum.tiling = placed.tiling;  // of all its stripes
  } else {
    if (split && !sum.tiling.empty()) sum.tiling += "; ";
    sum.tiling += (split ? placed.device + " " + to_text(task.part) + ": " : "") + placed.tiling;
  }
  sum.tiles += placed.tiles;
  sum.load_bytes += placed.load_bytes;
  sum.store_bytes += placed.store_bytes;
  sum.compute_cycles += placed.compute_cycles;
  sum.launch_cycles += placed.launch_cycles;
  sum.macs += placed.macs;
  if (!split && !task.group) return;
  placed.axis = task.part.axis;
  placed.begin = task.part.begin;
  placed.end = task.part.end;
  if (task.group) placed.group = *task.group;
  sum.parts.push_back(std::move(placed));
}

bool Emitter::takes_over(std::size_t slot) const {
  return std::any_of(op_->inputs.begin(), op_->inputs.end(), [&](const OpDescription::Operand& input) {
    const Ready& made = ready(input.tensor);
    return std::any_of(made.begin(), made.end(), [&](const auto& share) { return share.first != slot; });
  });
}

void Emitter::emit_launch(std::size_t slot) {
  const Device& device = *problem_.devices[slot].device;
  DeviceProgram& program = program_.devices[slot];
  TileWork work = device.launch(*op_);
  if (!std::exchange(progress_[slot].called, true)) add(work, device.call());
  if (takes_over(slot)) work.cycles += whole_cycles(problem_.handoff * device.clock());
  work.overhead = true;
  placed_->launch_cycles = work.cycles;
  program.works.push_back(std::move(work));
  program.queue(EngineKind::compute)
      .push_back(
          {.kind = CommandKind::compute, .op = op_->id, .work = static_cast<std::uint32_t>(program.works.size() - 1)});
}

void Emitter::emit_step(std::size_t slot, const tiling::Step& step) {
  DeviceProgram& program = program_.devices[slot];
  Progress& progress = progress_[slot];
  const auto wait_for_inputs_once = [&] {
    if (!inputs_waited_) wait_for_inputs(slot, EngineKind::load);
    inputs_waited_ = true;
  };

  // Load: the buffer half of two tiles ago must be free; weights need not wait for the producers.
  wait(slot, EngineKind::load, EngineKind::compute, slot, progress.tiles - 1);
  if (reads_two_results()) wait_for_inputs_once();
  for (const Part& part : other_parts(step)) transfer(slot, EngineKind::load, part);
  wait_for_inputs_once();
  for (const Part& part : input_parts(step)) transfer(slot, EngineKind::load, part);
  signal(slot, EngineKind::load);

  // Compute: data is there, and the output half of two stores ago has been emptied.
  const std::uint32_t work = work_for(slot, step);
  wait(slot, EngineKind::compute, EngineKind::load, slot, progress.tiles + 1);
  if (step.output > Bytes(0)) wait(slot, EngineKind::compute, EngineKind::store, slot, progress.stores - 1);
  program.queue(EngineKind::compute).push_back({.kind = CommandKind::compute, .op = op_->id, .work = work});
  signal(slot, EngineKind::compute);
  ++progress.tiles;

  last_step_stored_ = step.output > Bytes(0);
  if (!last_step_stored_) return;
  wait(slot, EngineKind::store, EngineKind::compute, slot, progress.tiles);
  for (const Part& part : output_parts(step)) transfer(slot, EngineKind::store, part);
  signal(slot, EngineKind::store);
  ++progress.stores;
}

bool Emitter::reads_two_results() const {
  return op_->inputs.size() > 1 && std::any_of(op_->inputs.begin() + 1, op_->inputs.end(),
                                               [&](const auto& input) { return !ready(input.tensor).empty(); });
}

void Emitter::wait_for_inputs(std::size_t slot, EngineKind queue) {
  for (std::size_t i = 0; i < op_->inputs.size(); ++i) wait_for_input(i, slot, queue);
}

void Emitter::wait_for_input(std::size_t input, std::size_t slot, EngineKind queue) {
  for (const auto& [maker, made] : ready(op_->inputs[input].tensor)) {
    const bool through_memory = made.in_memory && !residency_.stays(task_, input);
    if (through_memory) wait(slot, queue, EngineKind::store, maker, made.stores);
    if (!through_memory || made.computes_last) wait(slot, queue, EngineKind::compute, maker, made.tiles);
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

std::uint32_t Emitter::work_for(std::size_t slot, const tiling::Step& step) {
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
  if (fresh) works.push_back(tiling::work_of(*op_, *problem_.devices[slot].device, step));
  return known;
}

Program emit(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans) {
  return Emitter(problem, mapping, plans).emit();
}

Bytes memory_footprint(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans) {
  return Emitter(problem, mapping, plans).footprint();
}

Program emit_and_state_tiles(const MappingProblem& problem, Mapping& mapping, tiling::Plans& plans) {
  Emitter emitter(problem, mapping, plans);
  Program program = emitter.emit();
  if (std::string warning = emitter.state_searches(mapping); !warning.empty()) program.warnings.push_back(warning);
  std::vector<std::optional<TileChoice>> tiles = emitter.tiles();
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    if (tiles[i]) mapping.choices.at(i).tiling = tiles[i];
  }
  return program;
}

}  // namespace chipcast
