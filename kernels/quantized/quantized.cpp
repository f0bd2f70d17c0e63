// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/quantized.h"

#include "kernels/quantized/call.h"
#include "kernels/reference/reference.h"

namespace chipcast::kernels::quantized {
namespace {

template <class A, class... As>
bool is_any(const Op& op) {
  return op.as<A>() != nullptr || (... || (op.as<As>() != nullptr));
}

/// Results that are indices or boxes do not depend on the scale.
bool gives_places(const Op& op) {
  if (const auto* reduce = op.as<Reduce>()) {
    return reduce->function == ReduceFunction::argmax || reduce->function == ReduceFunction::argmin;
  }
  return is_any<TopK, Detect, PriorBox>(op);
}

bool is_product(const Op& op) { return is_any<Conv, ConvTranspose, Gemm, Matmul>(op); }

/// Both operands and the result quantised, the result per tensor: what products need.
bool is_integer_product(const Graph& graph, const Op& op) {
  if (!is_quantized(graph, *op.inputs[1]) || !is_quantized(graph, op.outputs[0])) return false;
  const auto x = affine_of(graph, *op.inputs[0]), y = affine_of(graph, op.outputs[0]);
  if (!x->per_tensor() || !y->per_tensor()) return false;
  const auto* gemm = op.as<Gemm>();
  return gemm == nullptr || (gemm->alpha.value_or(1.0) == 1.0 && gemm->beta.value_or(1.0) == 1.0);
}

bool all_quantized(const Graph& graph, const Op& op) {
  for (const auto& input : op.inputs) {
    if (input && !is_quantized(graph, *input)) return false;
  }
  return is_quantized(graph, op.outputs[0]);
}

Arrays dispatched(const Call& call) {
  const Op& op = call.op;
  if (is_hybrid(call.graph, op)) return hybrid(*op.as<Conv>(), call);
  if (is_product(op) && !is_integer_product(call.graph, op)) return through_floats(call);
  if (const auto* a = op.as<Conv>()) return evaluate(*a, call);
  if (const auto* a = op.as<ConvTranspose>()) return evaluate(*a, call);
  if (const auto* a = op.as<Gemm>()) return evaluate(*a, call);
  if (const auto* a = op.as<Matmul>()) return evaluate(*a, call);
  if (const auto* a = op.as<Cast>()) return evaluate(*a, call);
  if (call.options.storing == Storing::half_away && !moves_data(op)) return through_floats(call);
  if (const auto* a = op.as<Unary>()) return evaluate(*a, call);
  if (const auto* a = op.as<Binary>()) return evaluate(*a, call);
  if (const auto* a = op.as<Prelu>()) return evaluate(*a, call);
  if (const auto* a = op.as<Softmax>()) return evaluate(*a, call);
  if (moves_data(op)) return moved(call);
  if (!is_quantized(call.graph, op.outputs[0])) return through_floats(call);
  if (const auto* a = op.as<Pool>()) return evaluate(*a, call);
  if (const auto* a = op.as<Reduce>()) return evaluate(*a, call);
  if (const auto* a = op.as<Pad>()) return evaluate(*a, call);
  if (const auto* a = op.as<Resize>()) return evaluate(*a, call);
  if (op.as<Concat>() && all_quantized(call.graph, op)) return evaluate(*op.as<Concat>(), call);
  return through_floats(call);
}

void check_inputs(const Call& call) {
  for (std::size_t i = 0; i < call.op.inputs.size(); ++i) {
    const auto& id = call.op.inputs[i];
    if (!id) continue;
    const Tensor& tensor = call.graph.tensor(*id);
    if (i >= call.inputs.size() || call.inputs[i].empty() || !(call.inputs[i].type() == tensor.type)) {
      call.fail("the array for " + in_quotes(tensor.name) + " is not of its type, " + to_text(tensor.type.shape));
    }
  }
}

}  // namespace

bool handles(const Graph& graph, OpId id) {
  const Op& op = graph.op(id);
  if (op.inputs.empty() || !op.inputs[0] || gives_places(op)) return false;
  const bool from = is_quantized(graph, *op.inputs[0]);
  if (is_hybrid(graph, op)) return true;
  return from || (op.as<Cast>() && is_quantized(graph, op.outputs[0]));
}

std::vector<Array> evaluate(const Graph& graph, OpId id, std::span<const Array> inputs) {
  return evaluate(graph, id, inputs, Options{});
}

std::vector<Array> evaluate(const Graph& graph, OpId id, std::span<const Array> inputs, const Options& options) {
  const Op& op = graph.op(id);
  const Call call{graph, op, inputs, options, graph.name + ": " + op.name};
  check_inputs(call);
  Arrays outputs = dispatched(call);
  for (const FusedActivation& fused : op.fused) {
    if (outputs[0].dtype() == DType::fp32) {
      outputs[0] = reference::apply(fused.unary, outputs[0]);
      continue;
    }
    const auto y = affine_of(graph, op.outputs[0]);
    if (!y || !has_integer_form(fused.unary, outputs[0].dtype())) {
      call.fail("activation " + in_quotes(fused.name) + " has no quantised form; leave it as an operator of its own");
    }
    outputs[0] = apply(fused.unary, outputs[0], *y, call.out(), *y);
  }
  return outputs;
}

}  // namespace chipcast::kernels::quantized
