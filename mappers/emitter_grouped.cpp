// SPDX-License-Identifier: Apache-2.0
// Tasks of groups: what a layout of mappers/fusion says, as commands. A unit of the layout has a buffer half of its
// own, as a tile has elsewhere.
#include <algorithm>

#include "mappers/emitter.h"
#include "mappers/fusion/steps.h"
#include "sim/base/check.h"

namespace chipcast {

void Emitter::emit_grouped(std::size_t slot) {
  const Task& task = tasks_.task(task_);
  const GroupPlan& plan = groups_.of(*task.group);
  const auto [begin, end] = plan.steps.at(task_);
  wait_for_outside(plan.group, slot, EngineKind::compute);
  for (std::size_t i = begin; i < end; ++i) emit_group_step(plan, plan.layout.steps[i], slot);
  for (const auto& output : op_->outputs) {
    Progress& progress = progress_[slot];
    ready_[output.tensor.index()][slot] = {.tiles = progress.tiles + (progress.open ? 1 : 0),
                                           .stores = progress.stores,
                                           .in_memory = !in_group_[output.tensor.index()]};
  }
  const fusion::Step& first = plan.layout.steps[begin];
  if (first.launches) placed_->tiling = "group " + std::to_string(*task.group) + ": " + to_text(plan, first.op);
}

/// What the group makes itself needs no waiting: its device works in order.
void Emitter::wait_for_outside(const fusion::Group& group, std::size_t slot, EngineKind queue) {
  for (std::size_t i = 0; i < op_->inputs.size(); ++i) {
    const TensorId root = root_[op_->inputs[i].tensor.index()];
    const bool inside = std::any_of(group.tensors.begin(), group.tensors.end(),
                                    [&](const fusion::GroupTensor& t) { return t.id == root && t.made; });
    if (!inside) wait_for_input(i, slot, queue);
  }
}

void Emitter::emit_group_step(const GroupPlan& plan, const fusion::Step& step, std::size_t slot) {
  DeviceProgram& program = program_.devices[slot];
  Progress& progress = progress_[slot];
  const Device& device = *problem_.devices[slot].device;
  const bool opens = step.begins_unit || !progress.open;
  if (opens) close_unit(slot);  // before the launch, so that loads need not wait for it
  if (step.launches) emit_launch(slot);
  if (opens) {
    wait(slot, EngineKind::load, EngineKind::compute, slot, progress.tiles - 1);
    load_weights(plan, step, slot);
    if (step.loads > 0) wait_for_outside(plan.group, slot, EngineKind::load);
    for (std::size_t i = step.first_load; i < step.first_load + step.loads; ++i) {
      transfer(slot, EngineKind::load, rows_of(plan, plan.layout.transfers[i]));
    }
    signal(slot, EngineKind::load);
    wait(slot, EngineKind::compute, EngineKind::load, slot, progress.tiles + 1);
    progress.open = true;
  }
  if (step.stores > 0) wait(slot, EngineKind::compute, EngineKind::store, slot, progress.stores - 1);
  program.works.push_back(fusion::work_of(plan.group, plan.layout, step, device));
  const auto work = static_cast<std::uint32_t>(program.works.size() - 1);
  const std::int64_t times = fusion::repeats(*plan.group.ops[step.op].facts);
  for (std::int64_t i = 0; i < times; ++i) {
    program.queue(EngineKind::compute).push_back({.kind = CommandKind::compute, .op = op_->id, .work = work});
  }
  placed_->tiles += times;
  placed_->compute_cycles += program.works[work].cycles * times;
  if (step.stores == 0) return;
  close_unit(slot);
  wait(slot, EngineKind::store, EngineKind::compute, slot, progress.tiles);
  for (std::size_t i = step.first_store; i < step.first_store + step.stores; ++i) {
    transfer(slot, EngineKind::store, rows_of(plan, plan.layout.transfers[i]));
  }
  signal(slot, EngineKind::store);
  ++progress.stores;
}

void Emitter::close_unit(std::size_t slot) {
  Progress& progress = progress_[slot];
  if (!progress.open) return;
  signal(slot, EngineKind::compute);
  ++progress.tiles;
  progress.open = false;
}

void Emitter::load_weights(const GroupPlan& plan, const fusion::Step& step, std::size_t slot) {
  if (step.weights == Bytes(0)) return;
  if (step.part == 0) {  // all from the start, whether for the first or for the next rows
    std::vector<Stream::Tensor> tensors;
    for (const auto& operand : parameters_of(*plan.group.ops[step.op].facts->op)) {
      tensors.push_back({operand.tensor, room(operand.tensor)});
    }
    others_.emplace(std::move(tensors));
  }
  for (const Part& part : parts_of(*others_, step.weights)) transfer(slot, EngineKind::load, part);
}

Emitter::Part Emitter::rows_of(const GroupPlan& plan, const fusion::Transfer& transfer) const {
  const fusion::GroupTensor& tensor = plan.group.tensors[transfer.tensor];
  return {tensor.id,
          {(tensor.row * transfer.rows.begin).count(),
           dma::contiguous(tensor.row * (transfer.rows.end - transfer.rows.begin))}};
}

std::vector<OpDescription::Operand> Emitter::parameters_of(const OpDescription& op) {
  std::vector<OpDescription::Operand> out;
  for (const auto& input : op.inputs) {
    const bool known =
        std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.tensor == input.tensor; });
    if (input.parameter && !known) out.push_back(input);
  }
  return out;
}

void Emitter::plan_group_rooms(std::size_t index) {
  const GroupPlan& plan = groups_.of(*tasks_.task(index).group);
  const auto [begin, end] = plan.steps.at(index);
  Bytes weights;
  for (std::size_t i = begin; i < end; ++i) {
    const fusion::Step& step = plan.layout.steps[i];
    weights += step.weights;
    const auto widen_rows = [&](std::size_t first, std::size_t count) {
      for (std::size_t t = first; t < first + count; ++t) {
        const fusion::GroupTensor& tensor = plan.group.tensors[plan.layout.transfers[t].tensor];
        widen(tensor.id, tensor.row * tensor.rows);
      }
    };
    widen_rows(step.first_load, step.loads);
    widen_rows(step.first_store, step.stores);
  }
  const auto operands = parameters_of(tasks_.whole(index));
  if (weights == Bytes(0) || operands.empty()) return;
  Bytes before;
  for (std::size_t i = 0; i + 1 < operands.size(); ++i)
    before += problem_.graph.tensor(operands[i].tensor).type.bytes();
  widen(operands.back().tensor, weights - before);
}

}  // namespace chipcast
