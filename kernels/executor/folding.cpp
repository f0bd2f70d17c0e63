// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/folding.h"

#include <cmath>
#include <unordered_map>

#include "kernels/reference/indices.h"
#include "kernels/reference/values.h"

namespace chipcast::kernels {
namespace {

using reference::along;
using reference::AlongAxis;
using Reals = reference::Values<double>;

/// What one product's parameters become while normalisations go into it.
class Folding {
 public:
  Folding(const Graph& graph, const Graph& folded, Parameters values)
      : graph_(graph), folded_(folded), values_(std::move(values)), producers_(graph.producers()) {
    for (std::size_t i = 0; i < folded.ops.size(); ++i) kept_.emplace(folded.ops[i].name, OpId(i));
  }

  Parameters run() && {
    for (std::size_t i = 0; i < graph_.ops.size(); ++i) {
      const Op& norm = graph_.ops[i];
      if (norm.as<BatchNorm>() != nullptr && !kept_.contains(norm.name)) fold(OpId(i));
    }
    Parameters out;
    for (const Tensor& tensor : folded_.tensors) {
      // What is missing is the executor's to refuse.
      if (tensor.parameter && values_.contains(tensor.name)) out.emplace(tensor.name, value(tensor.name));
    }
    return out;
  }

 private:
  const Array& value(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.empty()) {
      throw InputError("parameter " + in_quotes(name), "has no values; give one array per parameter of the graph");
    }
    return found->second;
  }

  Reals operand(const Op& op, std::size_t index) const {
    const Tensor& tensor = graph_.tensor(*op.inputs[index]);
    const Array& array = value(tensor.name);
    if (array.type() != tensor.type) {
      throw InputError("parameter " + in_quotes(tensor.name), "is not of the graph's type; give " +
                                                                  to_text(tensor.type.shape) + " " +
                                                                  std::string(name_of(tensor.type.dtype)));
    }
    return reference::unpack<double>(array);
  }

  void fold(OpId id) {
    const Op& norm = graph_.op(id);
    const OpId product = product_of(norm);
    folded_into_.emplace(id.index(), product);
    const Op& merged = folded_.op(product);
    const auto mean = operand(norm, 3), variance = operand(norm, 4);
    Reals scale = operand(norm, 1), shift = operand(norm, 2);
    for (std::size_t c = 0; c < scale.size(); ++c) {
      scale[c] /= std::sqrt(variance[c] + norm.as<BatchNorm>()->epsilon);
      shift[c] -= mean[c] * scale[c];
    }
    scale_weight(merged, scale);
    set_bias(merged, scale, shift, bias_before(merged));
  }

  /// The operator that takes the normalisation in: its feeder, or what its feeder went into itself.
  OpId product_of(const Op& norm) const {
    const auto feeder = producers_[norm.inputs[0]->index()];
    CHIPCAST_ASSERT(feeder.has_value());
    const auto earlier = folded_into_.find(feeder->index());
    if (earlier != folded_into_.end()) return earlier->second;
    const auto found = kept_.find(graph_.op(*feeder).name);
    CHIPCAST_ASSERT(found != kept_.end());
    return found->second;
  }

  void scale_weight(const Op& product, const Reals& scale) {
    const Tensor& tensor = folded_.tensor(*product.inputs[1]);
    const auto channels = channels_of(product, tensor.type.shape);
    Reals weight = reference::unpack<double>(value(tensor.name));
    for (std::size_t i = 0; i < weight.size(); ++i) weight[i] *= scale[channels(i)];
    values_[tensor.name] = reference::pack(weight, tensor.type);
  }

  /// Output channel of each element of a weight.
  std::function<std::size_t(std::size_t)> channels_of(const Op& product, const Shape& weight) const {
    const auto* transposed = product.as<ConvTranspose>();
    const auto* gemm = product.as<Gemm>();
    std::size_t axis = 0;
    if (transposed != nullptr && transposed->layout == Layout::nchw) axis = 1;
    if (gemm != nullptr && !gemm->transpose_b) axis = 1;
    const AlongAxis lines = along(weight, axis);
    if (transposed == nullptr || transposed->groups == 1) {
      return [lines](std::size_t i) {
        return i / static_cast<std::size_t>(lines.inner) % static_cast<std::size_t>(lines.extent);
      };
    }
    // The input channel, first or last axis, tells the group.
    const bool first = transposed->layout == Layout::nchw;
    const auto inputs = static_cast<std::size_t>(first ? weight.front() : weight.back());
    const auto per_group = inputs / static_cast<std::size_t>(transposed->groups);
    const auto block = static_cast<std::size_t>(element_count(weight)) / inputs;
    return [=](std::size_t i) {
      const std::size_t input = first ? i / block : i % inputs;
      const std::size_t own = i / static_cast<std::size_t>(lines.inner) % static_cast<std::size_t>(lines.extent);
      return input / per_group * static_cast<std::size_t>(lines.extent) + own;
    };
  }

  /// The bias that the product had: under the new bias's name where a normalisation came before or it was its own,
  /// else under its name in the unfolded graph.
  std::optional<Reals> bias_before(const Op& product) const {
    const std::string& name = folded_.tensor(*product.inputs[2]).name;
    if (values_.contains(name) && !values_.at(name).empty()) return reference::unpack<double>(value(name));
    for (const Op& op : graph_.ops) {
      if (op.name != product.name) continue;
      if (op.inputs.size() < 3 || !op.inputs[2]) return std::nullopt;
      return operand(op, 2);
    }
    return std::nullopt;
  }

  void set_bias(const Op& product, const Reals& scale, const Reals& shift, const std::optional<Reals>& before) {
    const Tensor& tensor = folded_.tensor(*product.inputs[2]);
    const auto* gemm = product.as<Gemm>();
    const double factor = gemm != nullptr ? gemm->beta.value_or(1.0) : 1.0;
    if (factor == 0.0) {
      throw InputError("gemm " + in_quotes(product.name),
                       "beta 0 leaves no room for the offset of a batch normalisation; "
                       "remove c instead, or run without folding");
    }
    Reals bias(scale.size());
    for (std::size_t c = 0; c < bias.size(); ++c) {
      bias[c] = (before ? (*before)[c] * scale[c] : 0.0) + shift[c] / factor;
    }
    values_[tensor.name] = reference::pack(bias, tensor.type);
  }

  const Graph &graph_, &folded_;
  Parameters values_;
  std::vector<std::optional<OpId>> producers_;
  std::unordered_map<std::string, OpId> kept_{};
  std::unordered_map<std::size_t, OpId> folded_into_{};
};

}  // namespace

Parameters fold_batch_norm_values(const Graph& graph, const Graph& folded, const Parameters& values) {
  return Folding(graph, folded, values).run();
}

}  // namespace chipcast::kernels
