// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/facts.h"

#include <algorithm>

#include "accelerators/tile_geometry.h"
#include "mappers/address_space.h"
#include "mappers/nest_extents.h"

namespace chipcast::fusion {
namespace {

/// The axes that operators are cut along by rows (workloads/op_part_axes.cpp); all axes before it, channels of a map
/// aside, must be 1, so that rows of it stand together.
std::int64_t rows_of(const Shape& shape, Layout layout) {
  const std::size_t rank = shape.size();
  if (rank < 2) return 1;
  const bool map = rank >= 4;
  const std::size_t axis = map && layout == Layout::nhwc ? rank - 3 : rank - 2;
  for (std::size_t i = 0; i < axis; ++i) {
    if (shape[i] != 1 && !(map && layout == Layout::nchw && i == 1)) return 1;
  }
  return shape[axis];
}

bool parameters_alone(const OpDescription& op) {
  return op.inputs.size() > 1 &&
         std::all_of(op.inputs.begin() + 1, op.inputs.end(), [](const auto& input) { return input.parameter; });
}

/// Groups of a convolution come in parts; of others output channels.
void set_weights(OpFacts& facts, const Device& device) {
  const OpDescription& op = *facts.op;
  if (device.keeps_parameters()) return;
  if (!op.single_nest() || op.inputs.front().parameter || !parameters_alone(op)) {
    facts.weights = op.weight_bytes;
    return;
  }
  const LoopNest nest = tiling_nest(op);
  facts.weights = device.weight_bytes(op, whole_tile(nest));
  const std::int64_t step = device.tilings(op).channel_step;
  facts.groups_in_channels = nest.groups > 1;
  facts.channels = nest.groups > 1 ? nest.groups : nest.out_channels;
  facts.channel_step = nest.groups > 1 && nest.in_channels > 1 ? 1 : std::min(step, facts.channels);
}

}  // namespace

Facts::Facts(const MappingProblem& problem)
    : problem_(problem),
      root_(view_roots(problem.graph, problem.ops)),
      readers_(problem.graph.tensors.size()),
      leaves_(problem.graph.tensors.size(), false) {
  const Layout layout = layout_of(problem.graph);
  for (const Tensor& tensor : problem.graph.tensors) rows_.push_back(rows_of(tensor.type.shape, layout));
  for (const OpDescription& op : problem.ops) {
    if (op.op_class == OpClass::view) continue;
    for (const auto& input : op.inputs) {
      auto& readers = readers_[root(input.tensor).index()];
      if (readers.empty() || readers.back() != op.id) readers.push_back(op.id);
    }
  }
  for (const TensorId output : problem.graph.outputs) leaves_[root(output).index()] = true;
}

Bytes Facts::least_row(TensorId root) const {
  return Bytes(ceil_div(problem_.graph.tensor(root).type.bytes().count(), rows(root)));
}

/// Its rows are those of its result, and of the axis that its readers see.
bool Facts::cut_by_rows(const OpDescription& op) const {
  if (op.outputs.size() != 1 || op.cuts.rows < 2) return false;
  const TensorId out = op.outputs.front().tensor;
  if (rows(out) != op.cuts.rows) return false;
  if (is_product(op) && problem_.graph.tensor(out).type.shape.size() >= 4) return false;
  return op.nests.empty() || (op.single_nest() && tiling_nest(op).out_height == op.cuts.rows);
}

Use Facts::read(const OpDescription& op, std::size_t input, bool by_rows, const Device& device) const {
  const auto& operand = op.inputs[input];
  Use use{.tensor = root(operand.tensor), .by_rows = false, .row = least_row(root(operand.tensor))};
  const Shape& seen = problem_.graph.tensor(operand.tensor).type.shape;
  const bool same_shape = seen == problem_.graph.tensor(use.tensor).type.shape;
  use.by_rows = by_rows && operand.by_rows && same_shape && op.cuts.row_window.in == rows(use.tensor) &&
                !(is_product(op) && seen.size() >= 4);
  if (input > 0 || !op.single_nest()) return use;
  const LoopNest nest = tiling_nest(op);
  const Bytes all = device.input_bytes(op, whole_tile(nest)) * nest.batch;
  const std::int64_t covered =
      rows(use.tensor) == nest.in_height ? covered_rows(nest, nest.out_height) : rows(use.tensor);
  use.row = std::max(use.row, Bytes(ceil_div(all.count(), covered)));
  return use;
}

Use Facts::write(const OpDescription& op, std::size_t output, const Device& device) const {
  const TensorId tensor = op.outputs[output].tensor;
  Use use{.tensor = tensor, .by_rows = true, .row = least_row(tensor)};
  if (!op.single_nest()) return use;
  const LoopNest nest = tiling_nest(op);
  const Bytes all = device.output_bytes(op, whole_tile(nest)) * nest.batch;
  use.row = std::max(use.row, Bytes(ceil_div(all.count(), rows(tensor))));
  return use;
}

OpFacts Facts::of(OpId id, std::size_t slot) const {
  const OpDescription& op = problem_.ops[id.index()];
  const Device& device = *problem_.devices[slot].device;
  OpFacts facts;
  facts.op = &op;
  facts.fits = op.op_class != OpClass::view && device.group_space() && !op.outputs.empty() && !device.schedule(op, {});
  if (!facts.fits) return facts;
  facts.by_rows = cut_by_rows(op);
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i].parameter) continue;
    const Use use = read(op, i, facts.by_rows, device);
    const auto known = std::find_if(facts.reads.begin(), facts.reads.end(),
                                    [&](const Use& other) { return other.tensor == use.tensor; });
    if (known == facts.reads.end()) {
      facts.reads.push_back(use);
    } else {
      known->by_rows = known->by_rows && use.by_rows;
      known->row = std::max(known->row, use.row);
    }
  }
  for (std::size_t i = 0; i < op.outputs.size(); ++i) facts.writes.push_back(write(op, i, device));
  set_weights(facts, device);
  return facts;
}

}  // namespace chipcast::fusion
