// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms/formats.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast::formats {
namespace {

constexpr std::array kFormats{DType::fp64,  DType::fp32, DType::fp16, DType::bf16,  DType::int16, DType::int8,
                              DType::uint8, DType::int7, DType::int4, DType::uint4, DType::binary};

void mark(std::vector<Role>& roles, const std::vector<std::optional<TensorId>>& inputs, std::size_t input, Role role) {
  if (input < inputs.size() && inputs[input]) roles[inputs[input]->index()] = role;
}

void mark_op(std::vector<Role>& roles, const Op& op) {
  if (op.as<Conv>() != nullptr || op.as<ConvTranspose>() != nullptr || op.as<Gemm>() != nullptr) {
    mark(roles, op.inputs, 2, Role::bias);
  }
  if (op.as<Recurrent>() != nullptr) mark(roles, op.inputs, 3, Role::bias);
  if (op.as<Gather>() != nullptr || op.as<Scatter>() != nullptr) mark(roles, op.inputs, 1, Role::index);
  if (op.as<Where>() != nullptr) mark(roles, op.inputs, 0, Role::index);
  const auto* reduce = op.as<Reduce>();
  const bool gives_index =
      reduce != nullptr && (reduce->function == ReduceFunction::argmax || reduce->function == ReduceFunction::argmin);
  if (gives_index) roles[op.outputs[0].index()] = Role::index;
  const bool second_is_index = op.as<TopK>() != nullptr || op.as<Pool>() != nullptr;
  if (second_is_index && op.outputs.size() > 1) roles[op.outputs[1].index()] = Role::index;
}

}  // namespace

std::vector<Role> roles_of(const Graph& graph) {
  std::vector<Role> roles(graph.tensors.size(), Role::data);
  for (const auto& op : graph.ops) mark_op(roles, op);
  return roles;
}

bool runs_in(DType dtype) { return std::find(kFormats.begin(), kFormats.end(), dtype) != kFormats.end(); }

void check_runs_in(DType dtype, const std::string& place) {
  if (runs_in(dtype)) return;
  std::string known;
  for (const auto format : kFormats) known += (known.empty() ? "" : ", ") + std::string(name_of(format));
  throw InputError(place, "networks do not run in " + std::string(name_of(dtype)) + "; allowed: " + known);
}

/// A gemm may add an activation: no bias then.
DType format_of(const Tensor& tensor, Role role, DType dtype) {
  const DType old = tensor.type.dtype;
  if (role == Role::index) return old;
  if (role == Role::bias && tensor.parameter && (runs_in(old) || old == DType::int32)) {
    return is_float(dtype) ? dtype : DType::int32;
  }
  const bool quantised_sum = old == DType::int32 && tensor.quantization.has_value();
  return runs_in(old) || quantised_sum ? dtype : old;
}

}  // namespace chipcast::formats
