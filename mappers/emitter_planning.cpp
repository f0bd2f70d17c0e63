// SPDX-License-Identifier: Apache-2.0
// What the emitter decides before it emits: what crosses each device's port, how tasks are cut, and how much room
// their operands take.
#include <algorithm>

#include "mappers/emitter.h"
#include "mappers/mapping_tiles.h"

namespace chipcast {

std::vector<OpDescription::Operand> Emitter::loose_inputs(std::size_t index) const {
  const OpDescription& op = tasks_.op(index);
  std::vector<OpDescription::Operand> out;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    // A tensor that is read twice crosses the port once.
    const bool repeated = std::any_of(op.inputs.begin(), op.inputs.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const auto& before) { return before.tensor == op.inputs[i].tensor; });
    if (!repeated && !residency_.stays(index, i)) out.push_back(op.inputs[i]);
  }
  return out;
}

Traffic Emitter::traffic_of(std::size_t index) const {
  const OpDescription& op = tasks_.op(index);
  Traffic traffic;
  traffic.result = must_store(op);
  traffic.other_operands = false;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const bool stays = residency_.stays(index, i);
    if (i == 0) traffic.first_operand = !stays;
    if (i > 0 && !stays) traffic.other_operands = true;
  }
  for (const auto& input : loose_inputs(index)) traffic.loose_input += input.bytes;
  return traffic;
}

std::optional<Emitter::Planned> Emitter::plan(std::size_t index) {
  const Task& task = tasks_.task(index);
  if (!task.slot) return std::nullopt;
  Planned planned{.traffic = traffic_of(index), .plan = {}, .places = {}};
  if (task.group) return planned;  // its layout says the rest
  planned.traffic.parameters = residency_.parameters(*task.slot);
  planned.plan = find_plan(index, planned.traffic);
  if (planned.plan.nested && !planned.plan.schedule) {
    PartOrigin origin{.whole = nullptr, .part = task.part};
    if (!task.part.whole()) origin.whole = &tasks_.whole(index);
    planned.places.emplace(problem_.graph, tasks_.op(index), *problem_.devices[*task.slot].device, planned.plan,
                           planned.traffic, origin);
  }
  return planned;
}

tiling::Plan Emitter::find_plan(std::size_t index, const Traffic& traffic) {
  const Task& task = tasks_.task(index);
  const OpDescription& op = tasks_.op(index);
  const DeviceSlot& slot = problem_.devices[*task.slot];
  if (const auto& choice = mapping_.choices.at(task.op.index()).tiling) {
    return given_plan(op, slot, *choice, traffic);
  }
  // Plans are kept for whole operators: parts live no longer than this mapping.
  return task.part.whole() ? plans_.choose(op, *task.slot, traffic)
                           : tiling::choose(op, slot, traffic, plans_.options());
}

void Emitter::widen(TensorId tensor, Bytes room) {
  Bytes& known = rooms_[root_[tensor.index()].index()];
  known = std::max(known, room);
}

/// A tensor that is the first operand and another one besides is fetched for each: schedules keep operands apart.
std::vector<OpDescription::Operand> Emitter::other_stream(std::size_t index) const {
  const auto& inputs = tasks_.op(index).inputs;
  std::vector<OpDescription::Operand> out;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const bool repeated =
        std::any_of(out.begin(), out.end(), [&](const auto& before) { return before.tensor == inputs[i].tensor; });
    if (!repeated && !residency_.stays(index, i)) out.push_back(inputs[i]);
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

void Emitter::plan_stream_rooms(std::size_t index) {
  if (!tasks_.task(index).part.whole()) return;  // shares are read again from their start instead
  const OpDescription& op = tasks_.op(index);
  Bytes input, weights, output;
  for (const ScheduleStep& step : planned_[index]->plan.schedule->steps) {
    input = std::max(input, step.input);
    weights = std::max(weights, step.weights);
    output = std::max(output, step.output);
  }
  if (!op.inputs.empty()) widen_stream({op.inputs.front().tensor}, input);
  std::vector<TensorId> others, results;
  for (const auto& operand : other_stream(index)) others.push_back(operand.tensor);
  widen_stream(others, weights);
  for (const auto& result : op.outputs) results.push_back(result.tensor);
  widen_stream(results, output);
}

/// Weights that no device fetches from memory, because those that use them have them for good.
std::vector<bool> Emitter::kept_elsewhere() const {
  std::vector<bool> used(problem_.graph.tensors.size()), fetched(problem_.graph.tensors.size());
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const std::optional<std::size_t> slot = tasks_.task(i).slot;
    for (const auto& input : tasks_.op(i).inputs) {
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

void Emitter::plan_task_rooms(std::size_t index) {
  const auto& planned = planned_[index];
  if (tasks_.task(index).group) return plan_group_rooms(index);
  if (planned && planned->plan.schedule) plan_stream_rooms(index);
  if (!planned || !planned->places) return;
  const OpDescription& op = tasks_.op(index);
  const OperandPlaces& places = *planned->places;
  if (planned->traffic.first_operand) widen(op.inputs.front().tensor, places.input_room());
  if (planned->traffic.result && !tasks_.split(op.id)) widen(op.outputs.front().tensor, places.output_room());
  if (!planned->traffic.other_operands) return;
  // The operands stand one behind the other; what a device's form takes besides, the last one gets.
  Bytes before;
  for (std::size_t i = 1; i + 1 < op.inputs.size(); ++i) before += op.inputs[i].bytes;
  widen(op.inputs.back().tensor, op.inputs.back().offset + places.others_room() - before);
}

void Emitter::plan_rooms() {
  const std::vector<bool> kept = kept_elsewhere();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    rooms_.push_back(kept[i] ? Bytes(0) : problem_.graph.tensors[i].type.bytes());
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) plan_task_rooms(i);
  for (const auto& op : problem_.ops) {
    const bool grouped = !tasks_.of(op.id).empty() && tasks_.task(tasks_.of(op.id).front()).group;
    if (tasks_.split(op.id) && !grouped) lay_out_parts(op.id);
  }
  for (std::size_t i = 0; i < rooms_.size(); ++i) {
    if (in_group_[root_[i].index()]) rooms_[i] = Bytes(0);  // never in memory
  }
}

Bytes Emitter::result_room(std::size_t index) const {
  const Planned& planned = *planned_[index];
  if (planned.places) return planned.places->output_room();
  return tasks_.op(index).output_bytes;
}

/// Parts of maps stand beside each other as in the whole: rows behind rows, or at each position channels behind
/// channels, each in the form of its device. Other results are one part behind the other.
void Emitter::lay_out_parts(OpId op) {
  std::vector<std::size_t> parts = tasks_.of(op);
  std::sort(parts.begin(), parts.end(),
            [&](std::size_t a, std::size_t b) { return tasks_.task(a).part.begin < tasks_.task(b).part.begin; });
  if (!planned_[parts.front()]->traffic.result || lay_out_maps(parts)) return;
  std::int64_t origin = 0;
  for (const std::size_t i : parts) {
    planned_[i]->origin = origin;
    if (auto& places = planned_[i]->places) {
      const auto& map = places->result();
      places->embed(origin, map ? map->pitch() : 0,
                    map ? map->extents().rows * map->extents().columns * map->pitch() : 0);
    }
    origin += result_room(i).count();
  }
  widen(problem_.ops[op.index()].outputs.front().tensor, Bytes(origin));
}

bool Emitter::lay_out_maps(const std::vector<std::size_t>& parts) {
  const bool maps = std::all_of(parts.begin(), parts.end(),
                                [&](std::size_t i) { return planned_[i]->places && planned_[i]->places->result(); });
  if (!maps) return false;
  const bool by_rows = tasks_.task(parts.front()).part.axis == PartAxis::out_rows;
  // Of all parts: bytes of a position where channels are cut, of a plane where rows are.
  std::int64_t sum = 0;
  const auto own = [&](std::size_t i) {
    const Grid& map = *planned_[i]->places->result();
    return by_rows ? map.extents().rows * map.extents().columns * map.pitch() : map.pitch();
  };
  for (const std::size_t i : parts) sum += own(i);
  std::int64_t origin = 0, room = 0;
  for (const std::size_t i : parts) {
    OperandPlaces& places = *planned_[i]->places;
    const Grid::Extents all = places.result()->extents();  // batches are rows in some parts, planes in others
    const std::int64_t next = origin + own(i), plane = by_rows ? sum : all.rows * all.columns * sum;
    room = std::max(room, all.planes * plane);
    places.embed(origin, by_rows ? places.result()->pitch() : sum, plane);
    planned_[i]->origin = origin;
    origin = next;
  }
  widen(problem_.ops[tasks_.task(parts.front()).op.index()].outputs.front().tensor, Bytes(room));
  return true;
}

}  // namespace chipcast
