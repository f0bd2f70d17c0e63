// SPDX-License-Identifier: Apache-2.0
// Which bytes of which tensors a step moves.
#include <algorithm>

#include "mappers/emitter.h"
#include "sim/base/check.h"

namespace chipcast {

void Emitter::begin_pieces() {
  loads_.reset();
  stores_.reset();
  stored_ = Bytes(0);
  const Planned& planned = *planned_[task_];
  if (planned.plan.nested || planned.plan.schedule) return;
  std::vector<Pieces::Tensor> inputs, results;
  for (const auto& operand : loose_inputs(task_)) inputs.push_back({operand.tensor, operand.bytes, operand.offset});
  for (const auto& result : op_->outputs) results.push_back({result.tensor, result.bytes, Bytes(planned.origin)});
  loads_.emplace(std::move(inputs), planned.plan.tile.pieces);
  stores_.emplace(std::move(results), planned.plan.tile.pieces);
}

void Emitter::begin_streams() {
  inputs_.reset();
  others_.reset();
  results_.reset();
  const Planned& planned = *planned_[task_];
  if (!planned.plan.schedule) return;
  // A stream of a whole operator runs through all that its tensors have room for, of a part through its share.
  const bool whole = tasks_.task(task_).part.whole();
  const auto add = [&](std::vector<Stream::Tensor>& stream, const OpDescription::Operand& operand, Bytes base) {
    stream.push_back({operand.tensor, whole ? room(operand.tensor) : operand.bytes, base});
  };
  std::vector<Stream::Tensor> inputs, others, results;
  if (!op_->inputs.empty()) add(inputs, op_->inputs.front(), op_->inputs.front().offset);
  for (const auto& operand : other_stream(task_)) add(others, operand, operand.offset);
  for (const auto& result : op_->outputs) add(results, result, Bytes(planned.origin));
  inputs_.emplace(std::move(inputs));
  others_.emplace(std::move(others));
  results_.emplace(std::move(results));
}

std::vector<Emitter::Part> Emitter::parts_of(Stream& stream, Bytes bytes) {
  std::vector<Part> out;
  for (const auto& part : stream.next(bytes)) {
    out.push_back({part.tensor, {part.offset.count(), dma::contiguous(part.bytes)}});
  }
  return out;
}

std::vector<Emitter::Part> Emitter::parts_of(Pieces& pieces, Bytes bytes) {
  std::vector<Part> out;
  for (const auto& part : pieces.next(bytes)) {
    out.push_back({part.tensor, {part.offset.count(), dma::contiguous(part.bytes)}});
  }
  return out;
}

std::vector<Emitter::Part> Emitter::input_parts(const tiling::Step& step) {
  if (inputs_) return parts_of(*inputs_, step.input);
  if (loads_) return parts_of(*loads_, step.input);
  if (step.input == Bytes(0)) return {};
  return {{op_->inputs.front().tensor, planned_[task_]->places->input(step)}};
}

std::vector<Emitter::Part> Emitter::output_parts(const tiling::Step& step) {
  if (results_) return parts_of(*results_, step.output);
  if (stores_) return parts_of(*stores_, step.output);
  const Place place = planned_[task_]->places->output(step, stored_);
  stored_ += step.output;
  return {{op_->outputs.front().tensor, place}};
}

std::vector<Emitter::Part> Emitter::other_parts(const tiling::Step& step) {
  if (others_) return parts_of(*others_, step.weights);
  if (step.weights == Bytes(0)) return {};
  Place place = planned_[task_]->places->others(step);
  std::vector<Part> out;
  std::uint64_t end = 0;
  for (std::size_t i = 1; i < op_->inputs.size(); ++i) {
    const TensorId tensor = op_->inputs[i].tensor;
    const std::int64_t size = op_->inputs[i].bytes.count();
    const bool last = i + 1 == op_->inputs.size();
    if (!place.pattern.contiguous()) {
      place.offset += op_->inputs[i].offset.count();
      return {{tensor, place}};
    }
    const std::int64_t here =
        last ? place.pattern.row.count() : std::min(place.pattern.row.count(), size - place.offset);
    if (here > 0) {
      const std::int64_t offset = op_->inputs[i].offset.count() + place.offset;
      const std::uint64_t start = addresses_.address[tensor.index()] + static_cast<std::uint64_t>(offset);
      if (!out.empty() && start == end) {
        out.back().place.pattern.row += Bytes(here);  // operands that stand back to back are one stream
      } else {
        out.push_back({tensor, {offset, dma::contiguous(Bytes(here))}});
      }
      end = start + static_cast<std::uint64_t>(here);
      place.pattern.row -= Bytes(here);
    }
    place.offset = std::max<std::int64_t>(0, place.offset - size);
    if (place.pattern.row == Bytes(0)) break;
  }
  return out;
}

void Emitter::transfer(std::size_t slot, EngineKind queue, const Part& part) {
  DeviceProgram& program = program_.devices[slot];
  Command command{.kind = queue == EngineKind::load ? CommandKind::load : CommandKind::store,
                  .op = op_->id,
                  .address = addresses_.address[part.tensor.index()] + static_cast<std::uint64_t>(part.place.offset),
                  .bytes = part.place.pattern.bytes()};
  CHIPCAST_ASSERT(part.place.offset >= 0);
  CHIPCAST_ASSERT(part.place.pattern.contiguous() ||
                  part.place.offset + part.place.pattern.extent().count() <= room(part.tensor).count());
  if (!part.place.pattern.contiguous()) {
    const auto [known, fresh] = patterns_[slot].try_emplace(part.place.pattern, program.patterns.size());
    if (fresh) program.patterns.push_back(part.place.pattern);
    command.pattern = known->second;
  }
  program.queue(queue).push_back(command);
  (queue == EngineKind::load ? placed_->load_bytes : placed_->store_bytes) += command.bytes;
}

}  // namespace chipcast
