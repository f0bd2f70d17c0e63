// SPDX-License-Identifier: Apache-2.0
// What the emitter decides before it emits: what crosses each device's port, how operators are cut, and how much room
// their operands take.
#include <algorithm>

#include "mappers/emitter.h"

namespace chipcast {

std::vector<OpDescription::Operand> Emitter::loose_inputs(const OpDescription& op) const {
  std::vector<OpDescription::Operand> out;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    // A tensor that is read twice crosses the port once.
    const bool repeated = std::any_of(op.inputs.begin(), op.inputs.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const auto& before) { return before.tensor == op.inputs[i].tensor; });
    if (!repeated && !residency_.stays(op.id, i)) out.push_back(op.inputs[i]);
  }
  return out;
}

Traffic Emitter::traffic_of(const OpDescription& op) const {
  Traffic traffic;
  traffic.result = must_store(op);
  traffic.other_operands = false;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const bool stays = residency_.stays(op.id, i);
    if (i == 0) traffic.first_operand = !stays;
    if (i > 0 && !stays) traffic.other_operands = true;
  }
  for (const auto& input : loose_inputs(op)) traffic.loose_input += input.bytes;
  return traffic;
}

std::optional<Emitter::Planned> Emitter::plan(const OpDescription& op) {
  const std::optional<std::size_t> slot = decisions_[op.id.index()].slot;
  if (!slot) return std::nullopt;
  Planned planned{.traffic = traffic_of(op), .plan = {}, .places = {}};
  planned.plan = plans_.choose(op, *slot, planned.traffic);
  if (planned.plan.nested) {
    planned.places.emplace(problem_.graph, op, *problem_.devices[*slot].device, planned.plan, planned.traffic);
  }
  return planned;
}

void Emitter::widen(TensorId tensor, Bytes room) {
  Bytes& known = rooms_[root_[tensor.index()].index()];
  known = std::max(known, room);
}

void Emitter::plan_rooms() {
  for (const auto& tensor : problem_.graph.tensors) rooms_.push_back(tensor.type.bytes());
  for (const auto& op : problem_.ops) {
    const auto& planned = planned_[op.id.index()];
    if (!planned || !planned->places) continue;
    const OperandPlaces& places = *planned->places;
    if (planned->traffic.first_operand) widen(op.inputs.front().tensor, places.input_room());
    if (planned->traffic.result) widen(op.outputs.front().tensor, places.output_room());
    if (!planned->traffic.other_operands) continue;
    // The operands stand one behind the other; what a device's form takes besides, the last one gets.
    Bytes before;
    for (std::size_t i = 1; i + 1 < op.inputs.size(); ++i) before += op.inputs[i].bytes;
    widen(op.inputs.back().tensor, places.others_room() - before);
  }
}

}  // namespace chipcast
