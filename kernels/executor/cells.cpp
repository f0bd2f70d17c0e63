// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/families.h"
#include "kernels/recurrent/recurrent.h"

namespace chipcast::kernels {
namespace {

class RecurrentStep : public Step {
 public:
  RecurrentStep(const Site& site, const Recurrent& op)
      : op_(op),
        input_(site.input(0)),
        kernel_(op, input_.shape[2], site.parameter(1)->data<float>(), site.parameter(2)->data<float>(),
                site.has(3) ? site.parameter(3)->data<float>() : nullptr) {
    for (std::size_t i = 0; i < site.op().outputs.size(); ++i) outputs_.push_back(site.output(i));
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    std::vector<Array> y;
    for (const auto& type : outputs_) y.emplace_back(type);
    const auto in = [&](std::size_t i) {
      return i < inputs.size() && inputs[i] != nullptr ? stage.plain(*inputs[i]).data<float>() : nullptr;
    };
    const auto out = [&](std::size_t i) { return i < y.size() ? y[i].data<float>() : nullptr; };
    kernel_.run({.steps = input_.shape[op_.batch_first ? 1 : 0],
                 .batch = input_.shape[op_.batch_first ? 0 : 1],
                 .x = in(0),
                 .h0 = in(4),
                 .c0 = in(5),
                 .y = out(0),
                 .y_h = out(1),
                 .y_c = out(2)},
                stage.pool());
    std::vector<Value> results;
    for (auto& array : y) results.push_back({std::move(array)});
    return results;
  }
  std::string kernel() const override { return std::string(name_of(op_.cell)) + "_f32"; }

 private:
  Recurrent op_;
  TensorType input_;
  std::vector<TensorType> outputs_{};
  RecurrentF32 kernel_;
};

}  // namespace

StepPointer recurrent_step(const Site& site, const Recurrent& op) {
  const bool stored =
      site.parameter(1) != nullptr && site.parameter(2) != nullptr && (!site.has(3) || site.parameter(3) != nullptr);
  if (!site.all_are(DType::fp32) || !stored || !site.op().fused.empty()) return nullptr;
  return std::make_unique<RecurrentStep>(site, op);
}

}  // namespace chipcast::kernels
