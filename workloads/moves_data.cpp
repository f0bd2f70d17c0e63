// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "workloads/work.h"

namespace chipcast {
namespace {

struct Ends {
  const TensorType& in;
  const TensorType& out;
  std::size_t inputs, outputs;
};

bool same_format(const Ends& e) { return e.in.dtype == e.out.dtype; }
bool same_shape(const Ends& e) { return same_format(e) && e.in.shape == e.out.shape; }

bool copies(const Reshape&, const Ends& e) { return same_format(e); }
bool copies(const Expand&, const Ends& e) { return same_format(e) && e.in.elements() == e.out.elements(); }
bool copies(const Tile&, const Ends& e) { return same_shape(e); }
bool copies(const Cast&, const Ends& e) { return same_shape(e); }
bool copies(const Concat&, const Ends& e) { return e.inputs == 1 && same_shape(e); }
bool copies(const Split&, const Ends& e) { return e.outputs == 1 && same_shape(e); }
bool copies(const Resize&, const Ends& e) { return same_shape(e); }
bool copies(const SpaceDepth& op, const Ends& e) { return op.block == 1 && same_format(e); }

bool copies(const Slice& op, const Ends& e) {
  return same_shape(e) && std::all_of(op.steps.begin(), op.steps.end(), [](std::int64_t s) { return s > 0; });
}

bool copies(const Pad& op, const Ends& e) {
  return same_format(e) && std::all_of(op.pads.begin(), op.pads.end(), [](std::int64_t p) { return p == 0; });
}

bool copies(const ChannelShuffle& op, const Ends& e) {
  const std::int64_t channels = e.in.shape[op.layout == Layout::nchw ? 1 : e.in.shape.size() - 1];
  return same_format(e) && (op.groups == 1 || op.groups == channels);
}

/// Axes longer than 1 keep their order.
bool copies(const Transpose& op, const Ends& e) {
  const auto rank = static_cast<std::int64_t>(e.in.shape.size());
  std::int64_t last = -1;
  for (std::int64_t i = 0; i < rank; ++i) {
    std::int64_t from = op.perm.empty() ? rank - 1 - i : op.perm[static_cast<std::size_t>(i)];
    if (from < 0) from += rank;
    if (e.in.shape[static_cast<std::size_t>(from)] == 1) continue;
    if (from < last) return false;
    last = from;
  }
  return same_format(e);
}

/// Reductions over extents of 1 that leave a value as it is.
bool copies(const Reduce& op, const Ends& e) {
  using enum ReduceFunction;
  const bool keeps =
      op.function == mean || op.function == sum || op.function == max || op.function == min || op.function == prod;
  return keeps && same_format(e) && e.in.elements() == e.out.elements();
}

bool copies(const Unary& op, const Ends& e) {
  return op.function == UnaryFunction::clip && !op.min && !op.max && same_format(e);
}

template <class A>
bool copies(const A&, const Ends&) {
  return false;
}

}  // namespace

bool moves_data(const Graph& graph, OpId id) {
  const Op& op = graph.op(id);
  if (!op.fused.empty() || op.inputs.empty() || !op.inputs[0]) return true;
  const Ends ends{graph.tensor(*op.inputs[0]).type, graph.tensor(op.outputs.at(0)).type, op.inputs.size(),
                  op.outputs.size()};
  return !std::visit([&](const auto& attributes) { return copies(attributes, ends); }, op.attributes);
}

}  // namespace chipcast
