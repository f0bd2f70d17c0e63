// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "workloads/transforms.h"
#include "workloads/transforms/compact.h"
#include "workloads/transforms/formats.h"

namespace chipcast {
namespace {

using formats::Role;

/// What operators run in decides what tensors are stored in: a tensor is written in the widest format that one of its
/// readers wants, and the others get a cast.
class Mixer {
 public:
  Mixer(Graph graph, std::vector<std::optional<DType>> formats)
      : graph_(std::move(graph)),
        formats_(std::move(formats)),
        roles_(formats::roles_of(graph_)),
        stored_(graph_.tensors.size()),
        readers_(graph_.tensors.size()) {
    for (const Tensor& tensor : graph_.tensors) {
      names_.insert(tensor.name);
      before_.push_back(tensor.type.dtype);
    }
    for (const Op& op : graph_.ops) {
      names_.insert(op.name);
      for (const auto& id : op.inputs) {
        if (id) ++readers_[id->index()];
      }
    }
  }

  Graph run() {
    find_formats();
    for (std::size_t i = 0; i < stored_.size(); ++i) {
      if (stored_[i] && !graph_.tensors[i].parameter) store(graph_.tensors[i], *stored_[i]);
    }
    std::vector<Op> before = std::exchange(graph_.ops, {});
    for (std::size_t i = 0; i < before.size(); ++i) {
      Op& op = before[i];
      if (auto* cast = std::get_if<Cast>(&op.attributes)) {
        cast->to = graph_.tensor(op.outputs[0]).type.dtype;
      } else {
        give_inputs(op, formats_[i]);
      }
      graph_.ops.push_back(std::move(op));
    }
    note();
    const std::vector<bool> none(graph_.ops.size(), false), unread = unreferenced(graph_, none);
    return compact(std::move(graph_), none, unread);
  }

 private:
  /// Data, and no index, condition or sum.
  bool follows(const std::optional<TensorId>& id) const {
    if (!id || roles_[id->index()] == Role::index) return false;
    const Tensor& tensor = graph_.tensor(*id);
    return formats::format_of(tensor, roles_[id->index()], DType::fp64) == DType::fp64;
  }
  bool is_activation(const std::optional<TensorId>& id) const { return follows(id) && !graph_.tensor(*id).parameter; }

  void want(TensorId id, DType dtype) {
    auto& stored = stored_[id.index()];
    stored = stored ? wider(*stored, dtype) : dtype;
  }

  /// Backwards: all readers of a tensor stand behind the operator that writes it.
  void find_formats() {
    for (const auto id : graph_.outputs) want(id, before_[id.index()]);
    for (std::size_t i = graph_.ops.size(); i-- > 0;) {
      const Op& op = graph_.ops[i];
      if (op.as<Cast>() != nullptr) continue;  // takes what there is
      if (passes_on(op)) formats_[i] = passed_on(op);
      for (const auto& id : op.inputs) {
        if (is_activation(id)) want(*id, formats_[i].value_or(before_[id->index()]));
      }
    }
  }

  /// One format for all that an operator passes on; none where nobody asks for another than there is.
  std::optional<DType> passed_on(const Op& op) {
    std::optional<DType> widest;
    bool changes = false;
    for (const auto id : op.outputs) {
      if (!follows(id)) return std::nullopt;
      const DType old = before_[id.index()], asked = stored_[id.index()].value_or(old);
      changes = changes || asked != old;
      widest = widest ? wider(*widest, asked) : asked;
    }
    if (!changes) return std::nullopt;
    for (const auto id : op.outputs) stored_[id.index()] = widest;
    return widest;
  }

  static void store(Tensor& tensor, DType dtype) {
    if (tensor.type.dtype == dtype) return;
    tensor.type.dtype = dtype;
    tensor.quantization.reset();
  }

  void give_inputs(Op& op, std::optional<DType> dtype) {
    for (auto& id : op.inputs) {
      if (!id) continue;
      if (is_activation(id)) {
        id = activation_in(*id, dtype.value_or(before_[id->index()]));
      } else if (dtype && graph_.tensor(*id).parameter) {
        id = parameter_in(*id, *dtype);
      }
    }
  }

  TensorId parameter_in(TensorId id, DType dtype) {
    const DType format = formats::format_of(graph_.tensor(id), roles_[id.index()], dtype);
    if (format == graph_.tensor(id).type.dtype) return id;
    if (readers_[id.index()] > 1) return copy_in(id, format).first;
    store(graph_.tensors[id.index()], format);
    return id;
  }

  TensorId activation_in(TensorId id, DType dtype) {
    if (graph_.tensor(id).type.dtype == dtype) return id;
    const auto [copy, fresh] = copy_in(id, dtype);
    if (!fresh) return copy;
    const std::string& name = graph_.tensor(copy).name;
    graph_.ops.push_back({.name = name, .attributes = Cast{.to = dtype}, .inputs = {id}, .outputs = {copy}});
    ++casts_;
    return copy;
  }

  /// The tensor in another format, made once; says whether that was now.
  std::pair<TensorId, bool> copy_in(TensorId id, DType dtype) {
    const auto [found, fresh] = copies_.try_emplace({id.index(), dtype}, TensorId(graph_.tensors.size()));
    if (!fresh) return {found->second, false};
    Tensor tensor = graph_.tensor(id);
    tensor.name = free_name(tensor.name + "/" + std::string(name_of(dtype)));
    store(tensor, dtype);
    names_.insert(tensor.name);
    graph_.tensors.push_back(std::move(tensor));
    return {found->second, true};
  }

  std::string free_name(const std::string& name) const {
    std::string out = name;
    for (int i = 1; names_.contains(out); ++i) out = name + "." + std::to_string(i);
    return out;
  }

  void note() {
    std::map<std::string, std::size_t> counts;
    for (const auto& dtype : formats_) {
      if (dtype) ++counts[std::string(name_of(*dtype))];
    }
    std::string detail;
    for (const auto& [dtype, count] : counts) {
      detail += (detail.empty() ? "" : ", ") + std::to_string(count) + " operators in " + dtype;
    }
    graph_.history.push_back({"mix_precision", "", detail + ", " + std::to_string(casts_) + " casts"});
  }

  Graph graph_;
  std::vector<std::optional<DType>> formats_;  ///< by operator; none keeps what it has
  std::vector<Role> roles_;
  std::vector<DType> before_;                 ///< by tensor
  std::vector<std::optional<DType>> stored_;  ///< by tensor; none where nobody reads it
  std::vector<std::size_t> readers_;
  std::map<std::pair<std::size_t, DType>, TensorId> copies_;
  std::unordered_set<std::string> names_;
  std::size_t casts_ = 0;
};

}  // namespace

Graph mix_precision(Graph graph, const PrecisionPatterns& patterns) {
  if (patterns.empty()) return graph;
  auto formats = formats_of(graph, patterns);
  return Mixer(std::move(graph), std::move(formats)).run();
}

}  // namespace chipcast
