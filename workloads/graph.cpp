// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph.h"

#include "workloads/window.h"

namespace chipcast {
namespace {

template <class T>
std::string word(T value) {
  return std::string(name_of(value));
}

std::string label_of(const Conv& op) { return op.groups > 1 ? "grouped_conv" : "conv"; }
std::string label_of(const Pool& op) { return (op.global ? "global_" : "") + word(op.function) + "_pool"; }
std::string label_of(const Unary& op) { return word(op.function); }
std::string label_of(const Binary& op) { return word(op.function); }
std::string label_of(const Norm& op) { return word(op.function) + "_norm"; }
std::string label_of(const Softmax& op) { return op.log ? "log_softmax" : "softmax"; }
std::string label_of(const Recurrent& op) { return word(op.cell); }
std::string label_of(const SpaceDepth& op) { return op.to_depth ? "space_to_depth" : "depth_to_space"; }
std::string label_of(const Reduce& op) {
  const bool index = op.function == ReduceFunction::argmax || op.function == ReduceFunction::argmin;
  return (index ? "" : "reduce_") + word(op.function);
}
template <class A>
std::string label_of(const A&) {
  return std::string(A::kind);
}

}  // namespace

std::size_t default_output_count(const Attributes& attributes) {
  if (const auto* split = std::get_if<Split>(&attributes); split != nullptr && !split->sizes.empty()) {
    return split->sizes.size();
  }
  return std::holds_alternative<TopK>(attributes) ? 2 : 1;
}

std::string_view Op::kind() const {
  return std::visit([](const auto& a) { return std::decay_t<decltype(a)>::kind; }, attributes);
}

std::string Op::label() const {
  return std::visit([](const auto& a) { return label_of(a); }, attributes);
}

std::string Graph::label(OpId id) const {
  const Op& operation = op(id);
  const auto* conv = operation.as<Conv>();
  if (conv != nullptr && conv->groups > 1) {
    const Shape& x = tensor(*operation.inputs[0]).type.shape;
    if (x[channel_axis(conv->layout, x.size())] == conv->groups) return "depthwise_conv";
  }
  return operation.label();
}

std::vector<std::optional<OpId>> Graph::producers() const {
  std::vector<std::optional<OpId>> out(tensors.size());
  for (std::size_t i = 0; i < ops.size(); ++i) {
    for (const TensorId id : ops[i].outputs) out[id.index()] = OpId(i);
  }
  return out;
}

std::vector<std::vector<OpId>> Graph::consumers() const {
  std::vector<std::vector<OpId>> out(tensors.size());
  for (std::size_t i = 0; i < ops.size(); ++i) {
    for (const auto& id : ops[i].inputs) {
      if (!id) continue;
      auto& readers = out[id->index()];
      if (readers.empty() || readers.back() != OpId(i)) readers.emplace_back(i);  // x * x reads x once
    }
  }
  return out;
}

}  // namespace chipcast
