// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/step.h"
#include "kernels/quantized/quantized.h"
#include "kernels/reference/reference.h"

namespace chipcast::kernels {
namespace {

std::vector<Array> plain_arrays(std::span<Value* const> inputs, Stage& stage) {
  std::vector<Array> arrays;
  for (Value* input : inputs) arrays.push_back(input != nullptr ? stage.plain(*input) : Array());
  return arrays;
}

std::vector<Value> plain_values(std::vector<Array> arrays) {
  std::vector<Value> out;
  for (auto& array : arrays) out.push_back({std::move(array)});
  return out;
}

class ReferenceStep : public Step {
 public:
  explicit ReferenceStep(const Site& site) : graph_(site.graph), id_(site.id) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    return plain_values(reference::evaluate(graph_, id_, plain_arrays(inputs, stage)));
  }
  std::string kernel() const override { return "reference"; }

 private:
  const Graph& graph_;
  OpId id_;
};

class QuantizedStep : public Step {
 public:
  explicit QuantizedStep(const Site& site) : graph_(site.graph), id_(site.id) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const auto arrays = plain_arrays(inputs, stage);
    return plain_values(quantized::evaluate(graph_, id_, arrays, {.pool = &stage.pool(), .packed = &packed_}));
  }
  std::string kernel() const override { return "quantized"; }

 private:
  const Graph& graph_;
  OpId id_;
  std::shared_ptr<quantized::Packed> packed_{};
};

}  // namespace

StepPointer reference_step(const Site& site) { return std::make_unique<ReferenceStep>(site); }

StepPointer quantized_step(const Site& site) {
  if (!quantized::handles(site.graph, site.id)) return nullptr;
  return std::make_unique<QuantizedStep>(site);
}

}  // namespace chipcast::kernels
