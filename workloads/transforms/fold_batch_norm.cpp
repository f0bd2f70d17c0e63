// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms.h"
#include "workloads/transforms/merge.h"

namespace chipcast {
namespace {

/// Axis of the result that holds the output channels agrees with the normalisation's.
bool same_channels(const Op& product, const BatchNorm& norm) {
  if (const auto* conv = product.as<Conv>()) return conv->layout == norm.layout;
  if (const auto* conv = product.as<ConvTranspose>()) return conv->layout == norm.layout;
  return product.as<Gemm>() != nullptr;  // [M,N]: N is axis 1 and the last axis
}

bool parameters_only(const Graph& graph, const Op& norm) {
  for (std::size_t i = 1; i < norm.inputs.size(); ++i) {
    if (!graph.tensor(*norm.inputs[i]).parameter) return false;
  }
  return true;
}

/// A bias per channel can take the offset: absent, [N] or [1,N].
bool bias_fits(const Graph& graph, const Op& product, std::int64_t channels) {
  if (product.inputs.size() < 3 || !product.inputs[2]) return true;
  const Tensor& bias = graph.tensor(*product.inputs[2]);
  return bias.parameter && bias.type.shape.back() == channels && bias.type.elements() == channels;
}

bool can_fold(Merger& merger, const Op& product, const Op& norm) {
  const Graph& graph = merger.graph();
  const Tensor& between = graph.tensor(*norm.inputs[0]);
  if (!same_channels(product, *norm.as<BatchNorm>()) || !product.fused.empty()) return false;
  const TensorId weight = *product.inputs[1];
  return is_float(between.type.dtype) && parameters_only(graph, norm) && graph.tensor(weight).parameter &&
         merger.readers(weight) == 1 && bias_fits(graph, product, graph.tensor(*norm.inputs[1]).type.shape[0]);
}

void fold(Merger& merger, OpId product, OpId norm) {
  const TensorType offset = merger.graph().tensor(*merger.graph().op(norm).inputs[2]).type;
  const auto bias_of = [&]() -> std::vector<std::optional<TensorId>>& {
    return merger.graph().ops[product.index()].inputs;
  };
  std::string detail = "batch_norm " + merger.graph().op(norm).name + " folded into weight and bias";
  if (bias_of().size() < 3) bias_of().resize(3);
  // A bias that other operators read too must keep its values.
  if (!bias_of()[2] || merger.readers(*bias_of()[2]) != 1) {
    const TensorId bias = merger.add_parameter(merger.graph().op(product).name + ".bias", offset);
    bias_of()[2] = bias;
    detail += "; bias " + merger.graph().tensor(bias).name + " added";
  }
  merger.merge(norm, product, {"fold_batch_norm", merger.graph().op(product).name, detail});
  auto& merged = merger.graph().ops[product.index()];
  auto& removed = merger.graph().ops[norm.index()];
  merged.fused = removed.fused;  // activations that were fused into the normalisation
}

}  // namespace

Graph fold_batch_norm(Graph graph) {
  Merger merger(std::move(graph));
  for (std::size_t i = 0; i < merger.graph().ops.size(); ++i) {
    if (merger.graph().ops[i].as<BatchNorm>() == nullptr) continue;
    const auto feeder = merger.sole_feeder(OpId(i));
    if (feeder && can_fold(merger, merger.graph().op(*feeder), merger.graph().ops[i])) fold(merger, *feeder, OpId(i));
  }
  return std::move(merger).finish();
}

}  // namespace chipcast
