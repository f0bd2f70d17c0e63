// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms.h"
#include "workloads/transforms/merge.h"

namespace chipcast {
namespace {

bool takes_activation(const Op& op) {
  return op.as<Conv>() != nullptr || op.as<ConvTranspose>() != nullptr || op.as<Gemm>() != nullptr ||
         op.as<Matmul>() != nullptr || op.as<Binary>() != nullptr || op.as<Pool>() != nullptr ||
         op.as<BatchNorm>() != nullptr;
}

}  // namespace

Graph fuse_activations(Graph graph) {
  Merger merger(std::move(graph));
  for (std::size_t i = 0; i < merger.graph().ops.size(); ++i) {
    const auto* unary = merger.graph().ops[i].as<Unary>();
    const auto feeder = unary != nullptr ? merger.sole_feeder(OpId(i)) : std::nullopt;
    if (!feeder || !takes_activation(merger.graph().op(*feeder))) continue;
    const Op& op = merger.graph().ops[i];
    const DType before = merger.graph().tensor(*op.inputs[0]).type.dtype;
    if (before != merger.graph().tensor(op.outputs[0]).type.dtype) continue;  // changes the format: not a mere function
    auto& target = merger.graph().ops[feeder->index()];
    target.fused.push_back({op.name, *unary});
    target.fused.insert(target.fused.end(), op.fused.begin(), op.fused.end());
    merger.merge(OpId(i), *feeder, {"fuse_activations", target.name, op.label() + " " + op.name + " fused"});
  }
  return std::move(merger).finish();
}

}  // namespace chipcast
