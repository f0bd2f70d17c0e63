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
  planned.traffic.parameters = residency_.parameters(*slot);
  planned.plan = plans_.choose(op, *slot, planned.traffic);
  if (planned.plan.nested && !planned.plan.schedule) {
    planned.places.emplace(problem_.graph, op, *problem_.devices[*slot].device, planned.plan, planned.traffic);
  }
  return planned;
}

void Emitter::widen(TensorId tensor, Bytes room) {
  Bytes& known = rooms_[root_[tensor.index()].index()];
  known = std::max(known, room);
}

std::vector<TensorId> Emitter::other_stream(const OpDescription& op) const {
  std::vector<TensorId> out;
  for (const auto& operand : loose_inputs(op)) {
    if (operand.tensor != op.inputs.front().tensor) out.push_back(operand.tensor);
  }
  return out;
}

/// A step never takes more than the whole stream: a device's stored form may be larger than the tensor.
void Emitter::widen_stream(const std::vector<TensorId>& tensors, Bytes largest_step) {
  if (tensors.empty()) return;
  Bytes before;
  for (std::size_t i = 0; i + 1 < tensors.size(); ++i) before += problem_.graph.tensor(tensors[i]).type.bytes();
  widen(tensors.back(), largest_step - before);
}

void Emitter::plan_stream_rooms(const OpDescription& op, const Planned& planned) {
  Bytes input, weights, output;
  for (const ScheduleStep& step : planned.plan.schedule->steps) {
    input = std::max(input, step.input);
    weights = std::max(weights, step.weights);
    output = std::max(output, step.output);
  }
  if (!op.inputs.empty()) widen_stream({op.inputs.front().tensor}, input);
  widen_stream(other_stream(op), weights);
  std::vector<TensorId> results;
  for (const auto& result : op.outputs) results.push_back(result.tensor);
  widen_stream(results, output);
}

/// Weights that no device fetches from memory, because those that use them have them for good.
std::vector<bool> Emitter::kept_elsewhere() const {
  std::vector<bool> used(problem_.graph.tensors.size()), fetched(problem_.graph.tensors.size());
  for (const auto& op : problem_.ops) {
    const std::optional<std::size_t> slot = decisions_[op.id.index()].slot;
    for (const auto& input : op.inputs) {
      if (!input.parameter) continue;
      const std::size_t root = root_[input.tensor.index()].index();
      used[root] = used[root] || slot;
      fetched[root] = fetched[root] || (slot && !problem_.devices[*slot].device->keeps_parameters());
    }
  }
  std::vector<bool> kept(used.size());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = used[i] && !fetched[i];
  return kept;
}

void Emitter::plan_rooms() {
  const std::vector<bool> kept = kept_elsewhere();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    rooms_.push_back(kept[i] ? Bytes(0) : problem_.graph.tensors[i].type.bytes());
  }
  for (const auto& op : problem_.ops) {
    const auto& planned = planned_[op.id.index()];
    if (planned && planned->plan.schedule) plan_stream_rooms(op, *planned);
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
