// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/plan.h"

#include <algorithm>
#include <chrono>

#include "kernels/executor/layouts.h"
#include "kernels/executor/stated_steps.h"

namespace chipcast::kernels {
namespace {

std::string to_text(const TensorType& type) {
  return chipcast::to_text(type.shape) + " " + std::string(name_of(type.dtype));
}

/// By operator: the activations that it is the last to read or, where nobody reads them, that it writes.
std::vector<std::vector<TensorId>> last_readers(const Graph& graph) {
  std::vector<std::optional<OpId>> last = graph.producers();
  const auto readers = graph.consumers();
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (!readers[i].empty()) last[i] = readers[i].back();
    if (graph.tensors[i].parameter) last[i].reset();
  }
  for (const TensorId output : graph.outputs) last[output.index()].reset();
  std::vector<std::vector<TensorId>> out(graph.ops.size());
  for (std::size_t i = 0; i < last.size(); ++i) {
    if (last[i]) out[last[i]->index()].push_back(TensorId(i));
  }
  return out;
}

StepPointer make_step(const Site& site, bool reference) {
  if (!reference) {
    if (auto step = quantized_step(site)) return step;
    if (auto step = fast_step(site)) return step;
  }
  return reference_step(site);
}

}  // namespace

Executor::Plan::Plan(Graph graph, Parameters parameters, ExecutorOptions options)
    : graph_(std::move(graph)), pool_(options.threads, options.pinned), values_(graph_.tensors.size()) {
  take_parameters(parameters);
  last_read_ = last_readers(graph_);
  make_steps(options);
}

void Executor::Plan::take_parameters(Parameters& parameters) {
  for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
    const Tensor& tensor = graph_.tensors[i];
    if (!tensor.parameter) continue;
    const auto found = parameters.find(tensor.name);
    const std::string place = "parameter " + in_quotes(tensor.name);
    if (found == parameters.end()) throw InputError(place, "has no values; give an array of " + to_text(tensor.type));
    if (found->second.empty() || found->second.type() != tensor.type) {
      throw InputError(place, (found->second.empty() ? "is empty" : "is " + to_text(found->second.type())) + "; " +
                                  to_text(tensor.type) + " is needed");
    }
    values_[i] = {found->second};
  }
}

void Executor::Plan::make_steps(const ExecutorOptions& options) {
  const ArenaScope scope(weights_);
  for (std::size_t i = 0; i < graph_.ops.size(); ++i) {
    Site site{graph_, OpId(i), {}};
    for (const auto& id : graph_.ops[i].inputs) {
      site.parameters.push_back(id && graph_.tensor(*id).parameter ? &values_[id->index()].array : nullptr);
    }
    auto stated = stated_step(site, options);
    steps_.push_back(stated ? std::move(stated) : make_step(site, options.reference));
  }
}

void Executor::Plan::take_inputs(std::span<const Array> inputs) {
  if (inputs.size() != graph_.inputs.size()) {
    throw InputError("inputs", std::to_string(inputs.size()) + " arrays are given; " +
                                   std::to_string(graph_.inputs.size()) + " are needed");
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& tensor = graph_.tensor(graph_.inputs[i]);
    if (inputs[i].empty() || inputs[i].type() != tensor.type) {
      throw InputError("input " + in_quotes(tensor.name),
                       (inputs[i].empty() ? "is empty" : "is " + to_text(inputs[i].type())) + "; " +
                           to_text(tensor.type) + " is needed");
    }
    values_[graph_.inputs[i].index()] = {inputs[i]};
  }
}

std::vector<Array> Executor::Plan::run(std::span<const Array> inputs, const Observer& observer) {
  const ArenaScope scope(activations_);
  const Forgetting at_the_end{*this};
  take_inputs(inputs);
  times_.clear();
  for (std::size_t i = 0; i < graph_.ops.size(); ++i) run_op(OpId(i), observer);
  std::vector<Array> out;
  for (const TensorId id : graph_.outputs) out.push_back(plain(values_[id.index()]));
  return out;
}

void Executor::Plan::forget_values() {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (!graph_.tensors[i].parameter) values_[i] = {};
  }
  stage_.take_relayout();
}

void Executor::Plan::run_op(OpId id, const Observer& observer) {
  const Op& op = graph_.op(id);
  std::vector<Value*> inputs;
  for (const auto& input : op.inputs) inputs.push_back(input ? &values_[input->index()] : nullptr);
  const auto start = std::chrono::steady_clock::now();
  auto results = steps_[id.index()]->run(inputs, stage_);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  const Seconds relayout = stage_.take_relayout();
  times_.push_back({id, Seconds(elapsed.count()) - relayout, relayout, steps_[id.index()]->kernel()});
  CHIPCAST_ASSERT(results.size() == op.outputs.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const TensorType& type = graph_.tensor(op.outputs[i]).type;
    CHIPCAST_ASSERT(results[i].shape() == type.shape && results[i].array.dtype() == type.dtype);
    values_[op.outputs[i].index()] = std::move(results[i]);
  }
  if (observer) {
    std::vector<Array> seen;
    for (const TensorId output : op.outputs) seen.push_back(plain(values_[output.index()]));
    observer(id, seen);
  }
  drop_unread(id);
}

void Executor::Plan::drop_unread(OpId id) {
  for (const TensorId tensor : last_read_[id.index()]) values_[tensor.index()] = {};
}

Array Executor::Plan::plain(const Value& value) {
  Value copy = value;
  make_plain(copy, pool_);
  return copy.array;
}

}  // namespace chipcast::kernels
