// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/reference.h"

#include "kernels/quantized/quantized.h"
#include "kernels/reference/call.h"
#include "sim/base/text.h"

namespace chipcast::kernels::reference {
namespace {

std::string place_of(const Op& op) { return std::string(op.kind()) + " " + in_quotes(op.name); }

std::string to_text(const TensorType& type) {
  return chipcast::to_text(type.shape) + " " + std::string(name_of(type.dtype));
}

void check_inputs(const Graph& graph, const Op& op, std::span<const Array> inputs, const std::string& place) {
  if (inputs.size() != op.inputs.size()) {
    throw InputError(place, std::to_string(inputs.size()) + " arrays are given; " + std::to_string(op.inputs.size()) +
                                " are needed");
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!op.inputs[i] && inputs[i].empty()) continue;
    const TensorType wanted = op.inputs[i] ? graph.tensor(*op.inputs[i]).type : TensorType{};
    if (op.inputs[i] && !inputs[i].empty() && inputs[i].type() == wanted) continue;
    throw InputError(place, "input " + std::to_string(i) + " is " +
                                (inputs[i].empty() ? "absent" : to_text(inputs[i].type())) + "; " +
                                (op.inputs[i] ? to_text(wanted) + " is needed" : "it must be absent"));
  }
}

/// Operators whose numbers a scale would change; all others only move what is stored.
bool moves_data(const Op& op) {
  return op.as<Split>() || op.as<Slice>() || op.as<Transpose>() || op.as<Reshape>() || op.as<Expand>() ||
         op.as<Tile>() || op.as<Gather>() || op.as<SpaceDepth>() || op.as<ChannelShuffle>();
}

void refuse_quantised(const Graph& graph, const Op& op, const std::string& place) {
  if (moves_data(op)) return;
  for (const auto& id : op.inputs) {
    if (id && graph.tensor(*id).quantization && !is_float(graph.tensor(*id).type.dtype)) {
      throw InputError(place, "has no quantised form in " + std::string(name_of(graph.tensor(*id).type.dtype)) +
                                  "; dequantise its inputs first");
    }
  }
}

}  // namespace

void Call::expect_float(std::size_t index) const {
  if (is_float(in(index).dtype())) return;
  fail("is not defined on " + std::string(name_of(in(index).dtype())) + " without a scale; cast to a float first");
}

std::vector<Array> evaluate(const Graph& graph, OpId id, std::span<const Array> inputs) {
  const Op& op = graph.op(id);
  const std::string place = place_of(op);
  check_inputs(graph, op, inputs, place);
  if (quantized::handles(graph, id)) return quantized::evaluate(graph, id, inputs, {.reference = true});
  refuse_quantised(graph, op, place);
  Call call{inputs, {}, place};
  for (const TensorId output : op.outputs) call.outputs.push_back(graph.tensor(output).type);
  auto out = std::visit([&](const auto& attributes) { return evaluate(attributes, call); }, op.attributes);
  for (const auto& activation : op.fused) out.front() = apply(activation.unary, out.front());
  return out;
}

}  // namespace chipcast::kernels::reference
