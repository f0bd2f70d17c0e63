// SPDX-License-Identifier: Apache-2.0
#include "workloads/builder.h"

#include <algorithm>
#include <limits>

#include "sim/base/check.h"
#include "workloads/shape_inference.h"

namespace chipcast {
namespace {

void check_quantization(const Quantization& q, const TensorType& type, const std::string& place) {
  for (const double scale : q.scales) {
    // Written so that a NaN fails.
    if (!(scale >= 0.0 && scale <= std::numeric_limits<double>::max())) {
      throw InputError(place, "quantisation scale " + std::to_string(scale) + " is not a finite number of at least 0");
    }
  }
  if (q.axis && (*q.axis < 0 || static_cast<std::size_t>(*q.axis) >= type.shape.size())) {
    throw InputError(place,
                     "quantisation axis " + std::to_string(*q.axis) + " is not an axis of " + to_text(type.shape));
  }
  const std::size_t wanted = q.axis ? static_cast<std::size_t>(type.shape[static_cast<std::size_t>(*q.axis)]) : 1;
  for (const std::size_t count : {q.scales.size(), q.zero_points.size()}) {
    if (count > 1 && count != wanted) {
      throw InputError(place, "quantisation has " + std::to_string(count) + " values; 1 or " + std::to_string(wanted) +
                                  " are allowed" + (q.axis ? "" : " (set axis for one per channel)"));
    }
  }
}

}  // namespace

GraphBuilder::GraphBuilder(std::string name) { graph_.name = std::move(name); }

TensorId GraphBuilder::add_tensor(Tensor tensor, const std::string& place) {
  if (tensor.name.empty()) throw InputError(place, "a tensor needs a name");
  if (graph_.tensors.size() >= kMaxTensors) {
    throw InputError(place, "more than " + std::to_string(kMaxTensors) + " tensors; split the network");
  }
  if (!tensor_names_.insert(tensor.name).second) {
    throw InputError(place, "tensor " + in_quotes(tensor.name) + " exists already; give it another name");
  }
  graph_.tensors.push_back(std::move(tensor));
  return TensorId(graph_.tensors.size() - 1);
}

TensorId GraphBuilder::input(std::string name, TensorType type, const std::string& place) {
  const std::string where = place.empty() ? "input " + in_quotes(name) : place;
  check_type(type, where);
  const TensorId id = add_tensor({.name = std::move(name), .type = std::move(type)}, where);
  graph_.inputs.push_back(id);
  return id;
}

TensorId GraphBuilder::parameter(std::string name, TensorType type, std::optional<Quantization> quantization,
                                 const std::string& place) {
  const std::string where = place.empty() ? "parameter " + in_quotes(name) : place;
  check_type(type, where);
  if (quantization) check_quantization(*quantization, type, where);
  return add_tensor(
      {.name = std::move(name), .type = std::move(type), .parameter = true, .quantization = std::move(quantization)},
      where);
}

void GraphBuilder::claim_op_name(const std::string& name, const std::string& place) {
  if (name.empty()) throw InputError(place, "an operator needs a name");
  if (graph_.ops.size() >= kMaxOps) {
    throw InputError(place, "more than " + std::to_string(kMaxOps) + " operators; split the network");
  }
  if (!op_names_.insert(name).second) {
    throw InputError(place, "operator " + in_quotes(name) + " exists already; give it another name");
  }
}

std::vector<TensorId> GraphBuilder::add(std::string op_name, Attributes attributes,
                                        std::vector<std::optional<TensorId>> inputs,
                                        std::vector<std::string> output_names, const std::string& place) {
  const std::string where = place.empty() ? "operator " + in_quotes(op_name) : place;
  claim_op_name(op_name, where);
  if (output_names.empty()) output_names = output_names_of(op_name, default_output_count(attributes));
  std::vector<const TensorType*> types;
  types.reserve(inputs.size());
  for (const auto& id : inputs) types.push_back(id ? &type(*id) : nullptr);
  auto results = infer_shapes(attributes, types, output_names.size(), where);
  std::vector<TensorId> outputs;
  for (std::size_t i = 0; i < results.size(); ++i) {
    outputs.push_back(add_tensor({.name = std::move(output_names[i]), .type = std::move(results[i])}, where));
  }
  graph_.ops.push_back({.name = std::move(op_name),
                        .attributes = std::move(attributes),
                        .inputs = std::move(inputs),
                        .outputs = outputs});
  return outputs;
}

TensorId GraphBuilder::add_one(std::string op_name, Attributes attributes, std::vector<std::optional<TensorId>> inputs,
                               std::vector<std::string> output_names) {
  if (output_names.empty()) output_names = {op_name};
  if (output_names.size() != 1) {
    throw InputError("operator " + in_quotes(op_name), "has " + std::to_string(output_names.size()) +
                                                           " output names; add_one takes one, add takes several");
  }
  return add(std::move(op_name), std::move(attributes), std::move(inputs), std::move(output_names)).front();
}

void GraphBuilder::output(TensorId id) {
  if (std::find(graph_.outputs.begin(), graph_.outputs.end(), id) != graph_.outputs.end()) {
    throw InputError("output " + in_quotes(graph_.tensor(id).name), "is an output already; name it once");
  }
  graph_.outputs.push_back(id);
}

void GraphBuilder::set_format(TensorId id, DType dtype, std::optional<Quantization> quantization,
                              const std::string& place) {
  auto& tensor = graph_.tensors.at(id.index());
  const std::string where = place.empty() ? "tensor " + in_quotes(tensor.name) : place;
  check_type({tensor.type.shape, dtype}, where);
  if (quantization) check_quantization(*quantization, tensor.type, where);
  tensor.type.dtype = dtype;
  tensor.quantization = std::move(quantization);
}

void GraphBuilder::fuse(std::vector<FusedActivation> activations) {
  CHIPCAST_ASSERT(!graph_.ops.empty());
  graph_.ops.back().fused = std::move(activations);
}

Graph GraphBuilder::build() && {
  const std::string place = "network " + in_quotes(graph_.name);
  if (graph_.ops.empty()) throw InputError(place, "has no operators; add at least one");
  if (graph_.outputs.empty()) throw InputError(place, "has no outputs; name at least one tensor");
  return std::move(graph_);
}

std::vector<std::string> output_names_of(const std::string& op_name, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(i == 0 ? op_name : op_name + ":" + std::to_string(i));
  return names;
}

}  // namespace chipcast
