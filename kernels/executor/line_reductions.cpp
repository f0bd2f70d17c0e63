// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/executor/families.h"
#include "kernels/executor/reductions.h"
#include "kernels/executor/strided.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels {
namespace {

/// Over any axes: those that vanish are brought to the end, where each result has its values side by side.
class LineReductionStep : public Step {
 public:
  LineReductionStep(const Site& site, const Reduce& op, std::vector<bool> gone)
      : type_(site.output()), op_(op), gone_(std::move(gone)) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& x = stage.plain(*inputs[0]);
    const std::int64_t lines = type_.elements(), extent = x.elements() / lines;
    const Array sorted = gone_last(x, stage.pool());
    Array y(type_);
    if (reduces_lines(op_.function)) {
      reduce_lines(op_.function, sorted.data<float>(), y.data<float>(), lines, extent, stage.pool());
    } else {
      extreme_indices(op_.function == ReduceFunction::argmin, op_.last_index.value_or(false), sorted.data<float>(),
                      y.data<std::int64_t>(), lines, extent, stage.pool());
    }
    return {{std::move(y)}};
  }
  std::string kernel() const override { return std::string(name_of(op_.function)) + "_lines_f32"; }

 private:
  Array gone_last(const Array& x, ThreadPool& pool) const {
    if (std::ranges::is_sorted(gone_)) return x;
    const auto own = reference::strides_of(x.shape());
    Box box;
    for (const bool vanishing : {false, true}) {
      for (std::size_t i = 0; i < own.size(); ++i) {
        if (gone_[i] != vanishing) continue;
        box.shape.push_back(x.shape()[i]);
        box.from_strides.push_back(own[i]);
      }
    }
    box.to_strides = reference::strides_of(box.shape);
    Array out({box.shape, x.dtype()});
    copy_box(x, out, box, pool);
    return out;
  }
  TensorType type_;
  Reduce op_;
  std::vector<bool> gone_;
};

}  // namespace

StepPointer line_reduction_step(const Site& site, const Reduce& op) {
  const std::size_t rank = site.input(0).shape.size();
  const bool index = op.function == ReduceFunction::argmax || op.function == ReduceFunction::argmin;
  if (site.input(0).dtype != DType::fp32 || !site.op().fused.empty()) return nullptr;
  if ((!index && !reduces_lines(op.function)) || site.output().dtype != (index ? DType::int64 : DType::fp32)) {
    return nullptr;
  }
  std::vector<bool> gone(rank, op.axes.empty());
  for (const auto axis : op.axes) gone[reference::axis_of(axis, rank)] = true;
  return std::make_unique<LineReductionStep>(site, op, std::move(gone));
}

}  // namespace chipcast::kernels
