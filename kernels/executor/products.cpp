// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv/conv.h"
#include "kernels/depthwise/depthwise.h"
#include "kernels/executor/families.h"
#include "kernels/executor/fused.h"
#include "kernels/reference/planes.h"
#include "workloads/window.h"

namespace chipcast::kernels {
namespace {

std::string suffix(DType dtype) { return dtype == DType::fp16 ? "_f16" : dtype == DType::bf16 ? "_bf16" : "_f32"; }

/// The values of a stored bias in fp32; empty where there is none.
std::vector<float> bias_of(const Site& site) {
  const Array* bias = site.parameter(2);
  return bias != nullptr ? reference::unpack<float>(*bias) : std::vector<float>{};
}

/// Weight and bias are stored, all numbers are floats that the kernels read.
bool has_stored_weights(const Site& site) {
  return is_stored_float(site.input(0).dtype) && site.output().dtype == site.input(0).dtype &&
         site.parameter(1) != nullptr && is_stored_float(site.input(1).dtype) &&
         (!site.has(2) || (site.parameter(2) != nullptr && is_float(site.input(2).dtype)));
}

class ConvStep : public Step {
 public:
  ConvStep(const Site& site, Layout layout, Conv conv)
      : type_(site.output()), layout_(layout), fused_(split_fused(site.op())), conv_(std::move(conv)) {
    if (layout == Layout::nchw) type_.shape = channels_last_shape(type_.shape);
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& x = stage.image(*inputs[0], layout_);
    Array y = conv_.shape().transposed ? Array(type_) : Array::unfilled(type_);
    conv_.run(x.raw(), y.raw(), stage.pool());
    apply_rest(fused_, y, stage.pool());
    return {from_image(std::move(y), layout_)};
  }
  std::string kernel() const override {
    const std::string kind = conv_.shape().transposed ? "conv_transpose_" : "conv_";
    return kind + std::string(name_of(conv_.algorithm())) + suffix(type_.dtype);
  }

 private:
  TensorType type_;
  Layout layout_;
  Fused fused_;
  Conv conv_;
};

template <class Attributes>
ConvShape conv_shape(const Site& site, const Attributes& op, const std::array<WindowAxis, 3>& axes) {
  const Shape &x = site.input(0).shape, &y = site.output().shape;
  ConvShape shape{.batch = x[0],
                  .in_channels = x[channel_axis(op.layout, x.size())],
                  .out_channels = y[channel_axis(op.layout, y.size())],
                  .groups = op.groups};
  for (std::size_t i = 0; i < 3; ++i) {
    shape.input[i] = axes[i].in;
    shape.kernel[i] = axes[i].kernel;
    shape.stride[i] = axes[i].stride;
    shape.dilation[i] = axes[i].dilation;
    shape.pad_begin[i] = axes[i].pad_begin;
  }
  return shape;
}

/// Channels-last weights of a transposed convolution: O/groups, spatial, I.
ConvWeights transposed_weights(const ConvShape& shape, const Array& weight) {
  const std::int64_t in = shape.in_channels;
  return {.values = weight.raw(),
          .dtype = weight.dtype(),
          .out = shape.taps() * in,
          .taps = {shape.kernel[1] * shape.kernel[2] * in, shape.kernel[2] * in, in},
          .in = 1,
          .group = shape.in_per_group()};
}

StepPointer make_conv(const Site& site, Layout layout, const ConvShape& shape, const ConvWeights& weights) {
  const auto bias = bias_of(site);
  Conv conv(shape, weights, bias.empty() ? nullptr : bias.data(), split_fused(site.op()).clamp,
            {.storage = site.output().dtype});
  return std::make_unique<ConvStep>(site, layout, std::move(conv));
}

class DepthwiseStep : public Step {
 public:
  DepthwiseStep(const Site& site, Layout layout, const DepthwiseShape& shape)
      : type_(site.output()),
        layout_(layout),
        fused_(split_fused(site.op())),
        kernel_(shape, reference::unpack<float>(*site.parameter(1)).data(), pointer(bias_of(site)), order()) {
    if (layout == Layout::nchw) type_.shape = channels_last_shape(type_.shape);
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& x = stage.image(*inputs[0], layout_);
    Array y = Array::unfilled(type_);
    if (type_.dtype == DType::fp16) {
      kernel_.run(x.data<Half>(), y.data<Half>(), fused_.clamp, stage.pool());
    } else if (type_.dtype == DType::bf16) {
      kernel_.run(x.data<Bfloat>(), y.data<Bfloat>(), fused_.clamp, stage.pool());
    } else {
      kernel_.run(x.data<float>(), y.data<float>(), fused_.clamp, stage.pool());
    }
    apply_rest(fused_, y, stage.pool());
    return {from_image(std::move(y), layout_)};
  }
  std::string kernel() const override { return "depthwise" + suffix(type_.dtype); }

 private:
  static const float* pointer(const std::vector<float>& values) { return values.empty() ? nullptr : values.data(); }
  /// [O,1,spatial] and [O,spatial,1] lie alike.
  static constexpr DepthwiseOrder order() { return DepthwiseOrder::channels_first; }

  TensorType type_;
  Layout layout_;
  Fused fused_;
  DepthwiseF32 kernel_;
};

DepthwiseShape depthwise_shape(const ConvShape& shape, const std::array<WindowAxis, 3>& axes) {
  return {.batch = shape.batch,
          .height = shape.input[1],
          .width = shape.input[2],
          .channels = shape.in_channels,
          .multiplier = shape.out_channels / shape.in_channels,
          .kernel_height = shape.kernel[1],
          .kernel_width = shape.kernel[2],
          .stride_height = shape.stride[1],
          .stride_width = shape.stride[2],
          .dilation_height = shape.dilation[1],
          .dilation_width = shape.dilation[2],
          .pad_top = shape.pad_begin[1],
          .pad_left = shape.pad_begin[2],
          .out_height = axes[1].out,
          .out_width = axes[2].out};
}

bool is_depthwise(const ConvShape& shape) {
  return shape.groups == shape.in_channels && shape.groups > 1 && shape.input[0] == 1 && shape.kernel[0] == 1 &&
         shape.pad_begin[0] == 0 && shape.pad_end[0] == 0;
}

}  // namespace

StepPointer conv_step(const Site& site, const chipcast::Conv& op) {
  if (!has_stored_weights(site)) return nullptr;
  const auto axes =
      reference::three_axes(window_axes(op, spatial_extents(site.input(0).shape, op.layout, site.place()),
                                        kernel_extents(site.input(1).shape, op.layout), false, site.place()));
  ConvShape shape = conv_shape(site, op, axes);
  for (std::size_t i = 0; i < 3; ++i) {  // what the windows really reach
    shape.pad_end[i] = (axes[i].out - 1) * axes[i].stride + axes[i].reach() - axes[i].in - axes[i].pad_begin;
  }
  if (is_depthwise(shape)) return std::make_unique<DepthwiseStep>(site, op.layout, depthwise_shape(shape, axes));
  const Array& weight = *site.parameter(1);
  return make_conv(site, op.layout, shape,
                   op.layout == Layout::nchw ? onnx_weights(shape, weight.raw(), weight.dtype())
                                             : channels_last_weights(shape, weight.raw(), weight.dtype()));
}

StepPointer conv_transpose_step(const Site& site, const ConvTranspose& op) {
  if (!has_stored_weights(site)) return nullptr;
  const auto axes =
      reference::three_axes(transposed_window_axes(op, spatial_extents(site.input(0).shape, op.layout, site.place()),
                                                   kernel_extents(site.input(1).shape, op.layout), site.place()));
  ConvShape shape = conv_shape(site, op, axes);
  shape.transposed = true;
  for (std::size_t i = 0; i < 3; ++i) {
    // What the taps reach beyond the output is cut off; where they do not reach its end, rows are added.
    const std::int64_t beyond = axes[i].stride * (axes[i].in - 1) + axes[i].reach() - axes[i].pad_begin - axes[i].out;
    shape.pad_end[i] = std::max<std::int64_t>(beyond, 0);
    shape.output_padding[i] = std::max<std::int64_t>(-beyond, 0);
    if (shape.output_padding[i] >= std::max(axes[i].stride, axes[i].dilation) && beyond < 0) return nullptr;
  }
  const Array& weight = *site.parameter(1);
  return make_conv(site, op.layout, shape,
                   op.layout == Layout::nchw ? onnx_weights(shape, weight.raw(), weight.dtype())
                                             : transposed_weights(shape, weight));
}

}  // namespace chipcast::kernels
