// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/base/ids.h"
#include "sim/config/json.h"
#include "workloads/operators.h"

namespace chipcast {

/// An activation that was merged into the operator before it.
struct FusedActivation {
  std::string name;  ///< the operator it was
  Unary unary;

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Name of the operator that was merged."});
    v.field("unary", unary, {.doc = "Its function."});
  }
};

inline constexpr std::size_t kMaxOps = 1'000'000;
inline constexpr std::size_t kMaxTensors = 4'000'000;

/// Outputs that an operator has when none are named: the pieces of a split with sizes, both of top_k, else 1.
std::size_t default_output_count(const Attributes& attributes);

struct Op {
  std::string name;
  Attributes attributes;
  std::vector<std::optional<TensorId>> inputs{};  ///< an absent optional input is nullopt
  std::vector<TensorId> outputs{};
  std::vector<FusedActivation> fused{};

  /// The operator's kind as the JSON form spells it: "conv", "unary", ...
  std::string_view kind() const;
  /// What a reader of a report calls it: "conv", "grouped_conv", "relu", "add", "max_pool", ... Graph::label
  /// also tells depthwise from grouped convolutions.
  std::string label() const;
  template <class A>
  const A* as() const {
    return std::get_if<A>(&attributes);
  }
};

/// One line of what a transform did, kept with the graph so that it can be seen.
struct TransformNote {
  std::string transform, op, detail;

  template <class V>
  void visit(V& v) {
    v.field("transform", transform, {.doc = "Name of the transform."});
    v.field("op", op, {.doc = "Operator that changed."});
    v.field("detail", detail, {.doc = "What was done to it."});
  }
};

/// A network: tensors and operators in an order in which they can run. Immutable once built by
/// GraphBuilder or read from JSON; transforms return a new Graph.
class Graph {
 public:
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Op> ops;  ///< topological order
  std::vector<TensorId> inputs, outputs;
  std::vector<TransformNote> history;

  const Tensor& tensor(TensorId id) const { return tensors.at(id.index()); }
  const Op& op(OpId id) const { return ops.at(id.index()); }

  /// Op::label, with "depthwise_conv" where every input channel is a group of its own.
  std::string label(OpId id) const;

  /// Operator that writes a tensor; none for graph inputs and parameters.
  std::vector<std::optional<OpId>> producers() const;
  /// Operators that read each tensor, in order.
  std::vector<std::vector<OpId>> consumers() const;

  /// Reads and checks the documented JSON form (docs/graph.md): names, order, shapes (inferred, and
  /// compared where given). `source` names the document in messages. Throws InputError.
  static Graph from_json(const Json& json, const std::string& source);
  Json to_json() const;
  /// JSON Schema (draft 7) of that form. It does not know names and shapes: from_json checks those.
  static Json schema();
};

}  // namespace chipcast
