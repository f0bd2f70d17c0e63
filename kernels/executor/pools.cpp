// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/families.h"
#include "kernels/executor/fused.h"
#include "kernels/pool/pooling.h"
#include "workloads/window.h"

namespace chipcast::kernels {
namespace {

class PoolStep : public Step {
 public:
  PoolStep(const Site& site, const Pool& op, const PoolShape& shape)
      : op_(op), shape_(shape), type_(site.output()), fused_(split_fused(site.op())) {
    if (op.layout == Layout::nchw) type_.shape = channels_last_shape(type_.shape);
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const float* x = stage.image(*inputs[0], op_.layout).data<float>();
    Array y = Array::unfilled(type_);
    if (op_.function == PoolFunction::max) {
      max_pool(shape_, x, y.data<float>(), fused_.clamp, stage.pool());
    } else if (op_.function == PoolFunction::avg) {
      average_pool(shape_, op_.count_include_pad, x, y.data<float>(), fused_.clamp, stage.pool());
    } else {
      lp_pool(shape_, static_cast<int>(op_.p.value_or(2)), x, y.data<float>(), fused_.clamp, stage.pool());
    }
    apply_rest(fused_, y, stage.pool());
    return {from_image(std::move(y), op_.layout)};
  }
  std::string kernel() const override { return std::string(name_of(op_.function)) + "_pool_f32"; }

 private:
  Pool op_;
  PoolShape shape_;
  TensorType type_;
  Fused fused_;
};

}  // namespace

StepPointer pool_step(const Site& site, const Pool& op) {
  const auto extents = spatial_extents(site.input(0).shape, op.layout, site.place());
  if (!site.all_are(DType::fp32) || site.op().outputs.size() > 1 || extents.size() > 2) return nullptr;
  if (op.p.value_or(2) > 64) return nullptr;
  const Shape& x = site.input(0).shape;
  const std::int64_t channels = x[channel_axis(op.layout, x.size())], width = extents.back();
  const std::int64_t height = extents.size() == 2 ? extents[0] : 1;
  if (op.global) return std::make_unique<PoolStep>(site, op, PoolShape::global(x[0], height, width, channels));
  auto axes = window_axes(op, extents, op.kernel, op.ceil_mode, site.place());
  if (axes.size() == 1) axes.insert(axes.begin(), WindowAxis{});
  const WindowAxis &h = axes[0], &w = axes[1];
  return std::make_unique<PoolStep>(site, op,
                                    PoolShape{.batch = x[0],
                                              .height = height,
                                              .width = width,
                                              .channels = channels,
                                              .kernel_height = h.kernel,
                                              .kernel_width = w.kernel,
                                              .stride_height = h.stride,
                                              .stride_width = w.stride,
                                              .dilation_height = h.dilation,
                                              .dilation_width = w.dilation,
                                              .pad_top = h.pad_begin,
                                              .pad_left = w.pad_begin,
                                              .pad_bottom = h.pad_end,
                                              .pad_right = w.pad_end,
                                              .out_height = h.out,
                                              .out_width = w.out});
}

}  // namespace chipcast::kernels
