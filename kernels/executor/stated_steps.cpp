// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/stated_steps.h"

#include "kernels/formats/half.h"
#include "kernels/reference/call.h"
#include "kernels/reference/reference.h"

namespace chipcast::kernels {
namespace {

std::vector<Array> plain_arrays(std::span<Value* const> inputs, Stage& stage) {
  std::vector<Array> arrays;
  for (Value* input : inputs) arrays.push_back(input != nullptr ? stage.plain(*input) : Array());
  return arrays;
}

/// Integers that are stored otherwise than TensorFlow Lite stores them.
class StoringStep : public Step {
 public:
  StoringStep(const Site& site, quantized::Storing storing, bool reference)
      : graph_(site.graph), id_(site.id), storing_(storing), reference_(reference) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const auto arrays = plain_arrays(inputs, stage);
    quantized::Options options{.pool = &stage.pool(), .reference = reference_, .storing = storing_};
    if (!reference_) options.packed = &packed_;
    std::vector<Value> out;
    for (auto& array : quantized::evaluate(graph_, id_, arrays, options)) out.push_back({std::move(array)});
    return out;
  }
  std::string kernel() const override {
    return storing_ == quantized::Storing::truncated ? "quantized_truncated" : "quantized_half_away";
  }

 private:
  const Graph& graph_;
  OpId id_;
  quantized::Storing storing_;
  bool reference_;
  std::shared_ptr<quantized::Packed> packed_{};
};

/// fp16 operators without products: in fp32, every result rounded up or down at random.
class StochasticStep : public Step {
 public:
  StochasticStep(const Site& site, std::uint64_t seed) : op_(site.op()), place_(site.place()), seed_(seed) {
    for (std::size_t i = 0; i < op_.outputs.size(); ++i) types_.push_back(site.output(i));
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const auto arrays = plain_arrays(inputs, stage);
    auto types = types_;
    for (auto& type : types) {
      if (type.dtype == DType::fp16) type.dtype = DType::fp32;
    }
    const reference::Call call{arrays, types, place_};
    auto results = std::visit([&](const auto& op) { return reference::evaluate(op, call); }, op_.attributes);
    for (const auto& fused : op_.fused) results.front() = reference::apply(fused.unary, results.front());
    std::vector<Value> out;
    std::uint64_t counter = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
      out.push_back({types_[i].dtype == DType::fp16 ? rounded(results[i], types_[i], counter) : std::move(results[i])});
      counter += static_cast<std::uint64_t>(types_[i].elements());
    }
    return out;
  }
  std::string kernel() const override { return "stochastic"; }

 private:
  Array rounded(const Array& values, const TensorType& type, std::uint64_t counter) const {
    Array out(type);
    const auto count = static_cast<std::size_t>(type.elements());
    convert_stochastic(values.data<float>(), out.data<Half>(), count, seed_, counter);
    return out;
  }

  const Op& op_;
  std::string place_;
  std::uint64_t seed_;
  std::vector<TensorType> types_{};
};

}  // namespace

StepPointer stated_step(const Site& site, const ExecutorOptions& options) {
  const auto found = options.stated.find(site.op().name);
  if (found == options.stated.end()) return nullptr;
  const StatedArithmetic& stated = found->second;
  if (stated.storing != quantized::Storing::tflite && quantized::handles(site.graph, site.id)) {
    return std::make_unique<StoringStep>(site, stated.storing, options.reference);
  }
  if (!stated.half || site.output().dtype != DType::fp16) return nullptr;
  if (auto step = half_product_step(site, *stated.half)) return step;
  return stated.half->seed ? std::make_unique<StochasticStep>(site, *stated.half->seed) : nullptr;
}

}  // namespace chipcast::kernels
