// SPDX-License-Identifier: Apache-2.0
#include "platform/workload.h"

#include "platform/sha256.h"
#include "workloads/transforms.h"

namespace chipcast {
namespace {

Graph rewritten(const Graph& graph, const Rewrites& rewrites) {
  Graph out = remove_dead(graph);
  if (rewrites.fold_batch_norm) out = fold_batch_norm(std::move(out));
  if (rewrites.fuse_activations) out = fuse_activations(std::move(out));
  if (rewrites.dtype) out = convert_dtype(std::move(out), *rewrites.dtype);
  return mix_precision(std::move(out), rewrites.precision);
}

}  // namespace

Workload::Workload(const Graph& given, const Rewrites& rewrites)
    : name(given.name),
      sha256(chipcast::sha256(given.to_json().dump())),
      graph(rewritten(given, rewrites)),
      ops(describe_ops(graph)) {}

}  // namespace chipcast
