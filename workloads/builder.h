// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "workloads/graph.h"

namespace chipcast {

/// Builds a Graph operator by operator; shapes are inferred and names checked at once. Mistakes throw
/// InputError. Operators must be added in an order in which they can run.
///
///     GraphBuilder b("tiny");
///     auto x = b.input("x", {{1, 3, 32, 32}, DType::fp32});
///     auto w = b.parameter("w", {{8, 3, 3, 3}, DType::fp32});
///     b.output(b.add_one("conv", Conv{}, {x, w}));
///     Graph graph = std::move(b).build();
class GraphBuilder {
 public:
  explicit GraphBuilder(std::string name);

  /// `place` heads messages; it defaults to the kind and the name.
  TensorId input(std::string name, TensorType type, const std::string& place = {});
  TensorId parameter(std::string name, TensorType type, std::optional<Quantization> quantization = {},
                     const std::string& place = {});

  /// Adds an operator. Without output names there is one output with the operator's name; further ones are
  /// named "name:1", ... by output_names_of.
  std::vector<TensorId> add(std::string op_name, Attributes attributes, std::vector<std::optional<TensorId>> inputs,
                            std::vector<std::string> output_names = {}, const std::string& place = {});
  /// Adds an operator with one output.
  TensorId add_one(std::string op_name, Attributes attributes, std::vector<std::optional<TensorId>> inputs,
                   std::vector<std::string> output_names = {});
  void output(TensorId id);

  const TensorType& type(TensorId id) const { return graph_.tensor(id).type; }
  const std::string& tensor_name(TensorId id) const { return graph_.tensor(id).name; }

  /// Gives a tensor another number format, as quantised models do; later operators see it.
  void set_format(TensorId id, DType dtype, std::optional<Quantization> quantization = {},
                  const std::string& place = {});
  /// Records activations that were merged into the operator added last.
  void fuse(std::vector<FusedActivation> activations);

  void note(TransformNote note) { graph_.history.push_back(std::move(note)); }

  Graph build() &&;

 private:
  TensorId add_tensor(Tensor tensor, const std::string& place);
  void claim_op_name(const std::string& name, const std::string& place);

  Graph graph_;
  std::unordered_set<std::string> tensor_names_, op_names_;
};

/// Default names of an operator's outputs: "name", "name:1", "name:2", ...
std::vector<std::string> output_names_of(const std::string& op_name, std::size_t count);

}  // namespace chipcast
