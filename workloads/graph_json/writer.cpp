// SPDX-License-Identifier: Apache-2.0
#include "sim/config/writer.h"

#include "workloads/graph_json/declarations.h"

namespace chipcast {
namespace {

/// Tensors in the order in which a reader meets them: inputs, then for each operator its parameters and outputs,
/// then parameters that nobody reads. Reading the result gives the same order again.
std::vector<TensorId> canonical_order(const Graph& graph) {
  std::vector<TensorId> order;
  std::vector<bool> listed(graph.tensors.size(), false);
  const auto list = [&](TensorId id) {
    if (!listed[id.index()]) order.push_back(id);
    listed[id.index()] = true;
  };
  for (const auto id : graph.inputs) list(id);
  for (const auto& op : graph.ops) {
    for (const auto& id : op.inputs) {
      if (id) list(*id);
    }
    for (const auto id : op.outputs) list(id);
  }
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) list(TensorId(i));
  return order;
}

Json tensor_json(const Tensor& tensor) {
  Json out{{"shape", tensor.type.shape}, {"dtype", std::string(name_of(tensor.type.dtype))}};
  if (tensor.parameter) out["parameter"] = true;
  if (tensor.quantization) out["quantization"] = write_value(*tensor.quantization);
  return out;
}

Json names_json(const Graph& graph, const std::vector<TensorId>& ids) {
  Json out = Json::array();
  for (const auto id : ids) out.push_back(graph.tensor(id).name);
  return out;
}

Json op_json(const Graph& graph, const Op& op) {
  Json out = Json::object();
  out["name"] = op.name;
  out["kind"] = std::string(op.kind());
  out["inputs"] = Json::array();
  for (const auto& id : op.inputs) out["inputs"].push_back(id ? graph.tensor(*id).name : std::string());
  out["outputs"] = names_json(graph, op.outputs);
  out["attributes"] = std::visit([](const auto& a) { return write_value(a); }, op.attributes);
  if (!op.fused.empty()) out["fused"] = write_value(op.fused);
  return out;
}

}  // namespace

Json Graph::to_json() const {
  Json out = Json::object();
  out["format"] = std::string(graph_json::kFormat);
  out["version"] = graph_json::kVersion;
  out["name"] = name;
  Json::object_t members;  // appended directly: the ordered map searches on every insertion
  for (const auto id : canonical_order(*this)) members.emplace_back(tensor(id).name, tensor_json(tensor(id)));
  out["tensors"] = std::move(members);
  out["inputs"] = names_json(*this, inputs);
  out["outputs"] = names_json(*this, outputs);
  out["ops"] = Json::array();
  for (const auto& op : ops) out["ops"].push_back(op_json(*this, op));
  out["history"] = write_value(history);
  return out;
}

}  // namespace chipcast
