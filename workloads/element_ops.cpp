// SPDX-License-Identifier: Apache-2.0
#include "workloads/element_ops.h"

#include <bit>
#include <stdexcept>

#include "sim/base/checked.h"
#include "workloads/loop_nest.h"

namespace chipcast {
namespace {

std::int64_t times(std::int64_t a, std::int64_t b) {
  const auto result = checked_mul(a, b);
  if (!result) throw std::overflow_error("needs more than 2^63 operations");
  return *result;
}

/// Element counts that the rules are written in.
struct Counts {
  const Graph& graph;
  OpId id;
  const Op& op;
  std::int64_t in, out;  ///< of the first input and the first output

  bool has(std::size_t input) const { return input < op.inputs.size() && op.inputs[input].has_value(); }
  const Shape& shape(std::size_t input) const { return graph.tensor(*op.inputs.at(input)).type.shape; }
};

/// A window's elements per output.
std::int64_t count(const Pool&, const Counts& c) {
  std::int64_t window = 1;
  for (const auto& axis : op_windows(c.graph, c.id)) window = times(window, axis.kernel);
  return times(c.out, window);
}

std::int64_t count(const Unary&, const Counts& c) { return c.out; }
std::int64_t count(const Binary&, const Counts& c) { return c.out; }
std::int64_t count(const Prelu&, const Counts& c) { return c.out; }
std::int64_t count(const Where&, const Counts& c) { return c.out; }
std::int64_t count(const Cast&, const Counts& c) { return c.out; }
std::int64_t count(const CumSum&, const Counts& c) { return c.out; }
std::int64_t count(const PriorBox&, const Counts& c) { return c.out; }

/// Scale and offset.
std::int64_t count(const BatchNorm&, const Counts& c) { return times(c.out, 2); }

/// Mean, centre, square, variance, divide; rms and l2: square, sum, divide. Plus scale and bias where given.
std::int64_t count(const Norm& norm, const Counts& c) {
  const bool centred = norm.function != NormFunction::rms && norm.function != NormFunction::l2;
  return times(c.out, (centred ? 5 : 3) + (c.has(1) ? 1 : 0) + (c.has(2) ? 1 : 0));
}

/// Square, sum over the neighbourhood, power, multiply.
std::int64_t count(const Lrn& lrn, const Counts& c) {
  const std::int64_t neighbours = lrn.within_channel ? times(lrn.size, lrn.size) : lrn.size;
  return times(c.out, neighbours + 3);
}

/// Maximum, subtract, exponential, sum, divide (or subtract the logarithm).
std::int64_t count(const Softmax&, const Counts& c) { return times(c.out, 5); }

std::int64_t count(const Reduce& reduce, const Counts& c) {
  using enum ReduceFunction;
  const bool two = reduce.function == l1 || reduce.function == l2 || reduce.function == sum_square ||
                   reduce.function == log_sum_exp;  // a function of each element, then the sum
  return times(c.in, two ? 2 : 1);
}

/// A heap of k: one comparison per level.
std::int64_t count(const TopK& top, const Counts& c) {
  return times(c.in, static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(top.k))));
}

/// Taps per output: 2 (linear) or 4 (cubic) along every axis that changes; nearest only copies.
std::int64_t count(const Resize& resize, const Counts& c) {
  if (resize.mode == "nearest") return 0;
  const Shape& in = c.shape(0);
  const Shape& out = c.graph.tensor(c.op.outputs[0]).type.shape;
  std::int64_t taps = 1;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != out[i]) taps *= resize.mode == "cubic" ? 4 : 2;
  }
  return times(c.out, taps);
}

/// Per state element and step: the gates' functions, then lstm f*c, i*g, their sum, tanh, o*; gru r*, 1-z, two
/// products and their sum.
std::int64_t count(const Recurrent& cell, const Counts& c) {
  const std::int64_t per_element = cell.cell == Cell::lstm ? 4 + 5 : cell.cell == Cell::gru ? 3 + 5 : 1;
  return times(c.out, per_element);
}

/// Every candidate is looked at once.
std::int64_t count(const Detect&, const Counts& c) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < c.op.inputs.size(); ++i) {
    if (!c.has(i)) continue;
    const auto next = checked_add(sum, element_count(c.shape(i)));
    if (!next) throw std::overflow_error("reads more than 2^63 elements");
    sum = *next;
  }
  return sum;
}

/// Products are multiply-accumulates; the rest moves data.
template <class A>
std::int64_t count(const A&, const Counts&) {
  return 0;
}

}  // namespace

std::int64_t element_ops(const Graph& graph, OpId id) {
  const Op& op = graph.op(id);
  const std::int64_t in = op.inputs.empty() || !op.inputs[0] ? 0 : graph.tensor(*op.inputs[0]).type.elements();
  const std::int64_t out = graph.tensor(op.outputs.at(0)).type.elements();
  const Counts counts{graph, id, op, in, out};
  const std::int64_t own = std::visit([&](const auto& attributes) { return count(attributes, counts); }, op.attributes);
  const auto sum = checked_add(own, times(out, static_cast<std::int64_t>(op.fused.size())));
  if (!sum) throw std::overflow_error("needs more than 2^63 operations");
  return *sum;
}

}  // namespace chipcast
