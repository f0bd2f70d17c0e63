// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/executor/families.h"
#include "kernels/executor/layouts.h"
#include "kernels/pool/pooling.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels {
namespace {

/// The mean over all axes between the first and the channels, as a pool over the whole plane.
class PlaneMeanStep : public Step {
 public:
  PlaneMeanStep(const Site& site, Layout layout) : type_(site.output()), layout_(layout) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& x = stage.image(*inputs[0], layout_);
    Array y = Array::unfilled(type_);  // one place per channel: every order is the same
    const Shape& shape = x.shape();
    const std::int64_t plane = x.elements() / (shape.front() * shape.back());
    average_pool(PoolShape::global(shape.front(), plane, 1, shape.back()), false, x.data<float>(), y.data<float>(), {},
                 stage.pool());
    return {{std::move(y)}};
  }
  std::string kernel() const override { return "plane_mean_f32"; }

 private:
  TensorType type_;
  Layout layout_;
};

}  // namespace

StepPointer reduce_step(const Site& site, const Reduce& op) {
  const std::size_t rank = site.input(0).shape.size();
  if (!site.all_are(DType::fp32) || op.function != ReduceFunction::mean || rank < 3 || !site.op().fused.empty()) {
    return nullptr;
  }
  std::vector<bool> gone(rank, op.axes.empty());
  for (const auto axis : op.axes) gone[reference::axis_of(axis, rank)] = true;
  const auto covers = [&](std::size_t first) {
    for (std::size_t i = 0; i < rank; ++i) {
      if (gone[i] != (i >= first && i < first + rank - 2)) return false;
    }
    return true;
  };
  if (covers(2)) return std::make_unique<PlaneMeanStep>(site, Layout::nchw);
  if (covers(1)) return std::make_unique<PlaneMeanStep>(site, Layout::nhwc);
  return nullptr;
}

}  // namespace chipcast::kernels
