// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "workloads/graph.h"

/// The parts of the JSON form as they are written, before names and shapes are resolved.
namespace chipcast::graph_json {

inline constexpr std::string_view kFormat = "chipcast-graph";
inline constexpr int kVersion = 1;

struct Header {
  std::string format;
  int version{kVersion};
  std::string name;
  std::vector<std::string> inputs, outputs;
  std::vector<TransformNote> history;

  template <class V>
  void visit(V& v) {
    v.field("format", format, {.doc = "Always chipcast-graph.", .required = true});
    v.field("version", version, {.doc = "Version of this form.", .required = true});
    v.field("name", name, {.doc = "Name of the network.", .required = true});
    v.field("inputs", inputs, {.doc = "Tensors that the caller gives."});
    v.field("outputs", outputs, {.doc = "Tensors that the caller wants.", .required = true});
    v.field("history", history, {.doc = "What transforms did."});
  }
};

struct TensorDeclaration {
  std::optional<Shape> shape;
  std::optional<DType> dtype;
  bool parameter{false};
  std::optional<Quantization> quantization;

  template <class V>
  void visit(V& v) {
    v.field("shape", shape, {.doc = "Extents; needed for inputs and parameters."});
    v.field("dtype", dtype, {.doc = "Number format; default fp32, or what the operator gives."});
    v.field("parameter", parameter, {.doc = "Stored with the model."});
    v.field("quantization", quantization, {.doc = "How stored values stand for real ones."});
  }
};

struct OpDeclaration {
  std::string name, kind;
  std::vector<std::string> inputs, outputs;
  Json attributes = Json::object();
  std::vector<FusedActivation> fused;

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Unique name.", .required = true});
    v.field("kind", kind, {.doc = "What it does.", .required = true});
    v.field("inputs", inputs, {.doc = "Tensors read; an empty name is an absent input.", .required = true});
    v.field("outputs", outputs, {.doc = "Tensors written; default the operator's name."});
    v.field("attributes", attributes, {.doc = "Attributes of the kind."});
    v.field("fused", fused, {.doc = "Activations merged into it."});
  }
};

/// Attributes of a kind, read strictly.
Attributes read_attributes(const std::string& kind, const Json& json, const std::string& path);

/// Names of all operator kinds, in the order of the variant.
std::vector<std::string> kind_names();

}  // namespace chipcast::graph_json
