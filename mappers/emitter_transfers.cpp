// SPDX-License-Identifier: Apache-2.0
// Which bytes of which tensors a step moves.
#include <algorithm>

#include "mappers/emitter.h"
#include "sim/base/check.h"

namespace chipcast {

void Emitter::begin_pieces(const OpDescription& op) {
  loads_.reset();
  stores_.reset();
  stored_ = Bytes(0);
  const Planned& planned = *planned_[op.id.index()];
  if (planned.plan.nested || planned.plan.schedule) return;
  const auto cut = [&](const std::vector<OpDescription::Operand>& operands) {
    std::vector<Pieces::Tensor> tensors;
    for (const auto& operand : operands) tensors.push_back({operand.tensor, operand.bytes});
    return Pieces(std::move(tensors), planned.plan.tile.pieces);
  };
  loads_ = cut(loose_inputs(op));
  stores_ = cut(op.outputs);
}

Stream Emitter::stream_of(const std::vector<TensorId>& tensors) const {
  std::vector<Stream::Tensor> parts;
  for (const TensorId tensor : tensors) parts.push_back({tensor, rooms_[root_[tensor.index()].index()]});
  return Stream(std::move(parts));
}

void Emitter::begin_streams(const OpDescription& op) {
  inputs_.reset();
  others_.reset();
  results_.reset();
  if (!planned_[op.id.index()]->plan.schedule) return;
  std::vector<TensorId> inputs, results;
  if (!op.inputs.empty()) inputs.push_back(op.inputs.front().tensor);
  for (const auto& result : op.outputs) results.push_back(result.tensor);
  inputs_ = stream_of(inputs);
  others_ = stream_of(other_stream(op));
  results_ = stream_of(results);
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

std::vector<Emitter::Part> Emitter::input_parts(const OpDescription& op, const tiling::Step& step) {
  if (inputs_) return parts_of(*inputs_, step.input);
  if (loads_) return parts_of(*loads_, step.input);
  if (step.input == Bytes(0)) return {};
  return {{op.inputs.front().tensor, planned_[op.id.index()]->places->input(step)}};
}

std::vector<Emitter::Part> Emitter::output_parts(const OpDescription& op, const tiling::Step& step) {
  if (results_) return parts_of(*results_, step.output);
  if (stores_) return parts_of(*stores_, step.output);
  const Place place = planned_[op.id.index()]->places->output(step, stored_);
  stored_ += step.output;
  return {{op.outputs.front().tensor, place}};
}

std::vector<Emitter::Part> Emitter::other_parts(const OpDescription& op, const tiling::Step& step) {
  if (others_) return parts_of(*others_, step.weights);
  if (step.weights == Bytes(0)) return {};
  Place place = planned_[op.id.index()]->places->others(step);
  std::vector<Part> out;
  std::uint64_t end = 0;
  for (std::size_t i = 1; i < op.inputs.size(); ++i) {
    const TensorId tensor = op.inputs[i].tensor;
    const std::int64_t size = op.inputs[i].bytes.count();
    const bool last = i + 1 == op.inputs.size();
    if (!place.pattern.contiguous()) return {{tensor, place}};
    const std::int64_t here =
        last ? place.pattern.row.count() : std::min(place.pattern.row.count(), size - place.offset);
    if (here > 0) {
      const std::uint64_t start = addresses_.address[tensor.index()] + static_cast<std::uint64_t>(place.offset);
      if (!out.empty() && start == end) {
        out.back().place.pattern.row += Bytes(here);  // operands that stand back to back are one stream
      } else {
        out.push_back({tensor, {place.offset, dma::contiguous(Bytes(here))}});
      }
      end = start + static_cast<std::uint64_t>(here);
      place.pattern.row -= Bytes(here);
    }
    place.offset = std::max<std::int64_t>(0, place.offset - size);
    if (place.pattern.row == Bytes(0)) break;
  }
  return out;
}

void Emitter::transfer(const OpDescription& op, std::size_t slot, EngineKind queue, const Part& part) {
  DeviceProgram& program = program_.devices[slot];
  Command command{.kind = queue == EngineKind::load ? CommandKind::load : CommandKind::store,
                  .op = op.id,
                  .address = addresses_.address[part.tensor.index()] + static_cast<std::uint64_t>(part.place.offset),
                  .bytes = part.place.pattern.bytes()};
  const std::int64_t room = rooms_[root_[part.tensor.index()].index()].count();
  CHIPCAST_ASSERT(part.place.offset >= 0);
  CHIPCAST_ASSERT(part.place.pattern.contiguous() || part.place.offset + part.place.pattern.extent().count() <= room);
  if (!part.place.pattern.contiguous()) {
    const auto [known, fresh] = patterns_[slot].try_emplace(part.place.pattern, program.patterns.size());
    if (fresh) program.patterns.push_back(part.place.pattern);
    command.pattern = known->second;
  }
  program.queue(queue).push_back(command);
  Placement& placement = program_.placements.back();
  (queue == EngineKind::load ? placement.load_bytes : placement.store_bytes) += command.bytes;
}

}  // namespace chipcast
