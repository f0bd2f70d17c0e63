// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workloads/graph.h"
#include "workloads/op_description.h"
#include "workloads/transforms/op_patterns.h"

namespace chipcast {

/// How a network is rewritten before it is mapped.
struct Rewrites {
  bool fold_batch_norm = true, fuse_activations = true;
  std::optional<DType> dtype{};  ///< to convert to; none keeps the model's own
  PrecisionPatterns precision{};

  friend bool operator==(const Rewrites&, const Rewrites&) = default;
};

/// A network as platforms run it, whichever they are.
struct Workload {
  /// Throws InputError as convert_dtype and mix_precision do.
  Workload(const Graph& given, const Rewrites& rewrites);

  std::string name;
  std::string sha256;  ///< of the network as it was given
  Graph graph;         ///< after the rewrites, with their history
  std::vector<OpDescription> ops;
};

}  // namespace chipcast
