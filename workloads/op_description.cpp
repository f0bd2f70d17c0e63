// SPDX-License-Identifier: Apache-2.0
#include "workloads/op_description.h"

#include "workloads/work.h"

namespace chipcast {
namespace {

OpClass product_class(const OpDescription& d, const Op& op) {
  const LoopNest& nest = d.nests.front();
  if (op.as<Conv>() != nullptr || op.as<ConvTranspose>() != nullptr) {
    return nest.groups > 1 && nest.in_channels == 1 ? OpClass::depthwise_conv : OpClass::conv;
  }
  // One row, or one column: every element of the larger operand is used once.
  return nest.batch * nest.out_height == 1 || nest.out_channels == 1 ? OpClass::vector_matrix : OpClass::matrix;
}

template <class... Kinds>
bool is_any(const Op& op) {
  return (std::holds_alternative<Kinds>(op.attributes) || ...);
}

OpClass class_of(const OpDescription& d, const Graph& graph, const Op& op) {
  if (!moves_data(graph, d.id)) return OpClass::view;
  if (op.as<Recurrent>() != nullptr) return OpClass::recurrent;
  if (!d.nests.empty()) return product_class(d, op);
  if (op.as<Pool>() != nullptr) return OpClass::pool;
  if (is_any<Unary, Binary, Prelu, Where, BatchNorm, Cast>(op)) return OpClass::elementwise;
  if (is_any<Norm, Lrn, Softmax, Reduce, CumSum, TopK>(op)) return OpClass::reduction;
  if (is_any<PriorBox, Detect>(op)) return OpClass::detection;
  return OpClass::data_movement;
}

/// Conditions and indices are no operands of the arithmetic.
bool is_data(const Op& op, std::size_t input) {
  if (is_any<Gather, Scatter>(op)) return input != 1;
  return op.as<Where>() == nullptr || input != 0;
}

DType compute_format(const Graph& graph, const Op& op) {
  std::optional<DType> format;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (!op.inputs[i] || !is_data(op, i) || graph.tensor(*op.inputs[i]).parameter) continue;
    const DType next = graph.tensor(*op.inputs[i]).type.dtype;
    format = format ? wider(*format, next) : next;
  }
  const DType out = graph.tensor(op.outputs.at(0)).type.dtype;
  if (!format) return out;  // only parameters are read
  return op.as<Cast>() != nullptr ? wider(*format, out) : *format;
}

OpDescription describe(const Graph& graph, OpId id, Layout layout) {
  const Op& op = graph.op(id);
  OpDescription d;
  d.id = id;
  d.name = op.name;
  d.label = graph.label(id);
  d.nests = loop_nests(graph, id);
  d.op_class = class_of(d, graph, op);
  d.compute_dtype = compute_format(graph, op);
  d.weight_dtype = d.nests.empty() ? d.compute_dtype : graph.tensor(*op.inputs.at(1)).type.dtype;
  if (const auto* unary = op.as<Unary>()) d.activations.push_back(unary->function);
  for (const auto& merged : op.fused) d.activations.push_back(merged.unary.function);
  const Work work = work_of(graph, id);
  d.macs = work.macs;
  d.element_ops = work.element_ops;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (!op.inputs[i]) continue;
    d.inputs.push_back({.tensor = *op.inputs[i],
                        .bytes = bytes_read(graph, id, i),
                        .parameter = graph.tensor(*op.inputs[i]).parameter});
  }
  for (const auto output : op.outputs)
    d.outputs.push_back({.tensor = output, .bytes = graph.tensor(output).type.bytes()});
  d.input_bytes = work.input_bytes;
  d.weight_bytes = work.weight_bytes;
  d.output_bytes = work.output_bytes;
  find_cuts(graph, layout, d);
  return d;
}

}  // namespace

std::vector<OpDescription> describe_ops(const Graph& graph) {
  std::vector<OpDescription> out;
  out.reserve(graph.ops.size());
  const Layout layout = layout_of(graph);
  for (std::size_t i = 0; i < graph.ops.size(); ++i) out.push_back(describe(graph, OpId(i), layout));
  return out;
}

}  // namespace chipcast
