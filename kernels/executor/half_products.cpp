// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/conv/conv.h"
#include "kernels/executor/fused.h"
#include "kernels/executor/stated_steps.h"
#include "kernels/reference/indices.h"
#include "kernels/reference/planes.h"
#include "workloads/window.h"

/// Products whose sums, too, are fp16, or whose roundings are stochastic.
namespace chipcast::kernels {
namespace {

class HalfConvStep : public Step {
 public:
  HalfConvStep(const Site& site, Layout layout, Conv conv)
      : type_(site.output()), layout_(layout), fused_(split_fused(site.op())), conv_(std::move(conv)) {
    if (layout == Layout::nchw) type_.shape = channels_last_shape(type_.shape);
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& x = stage.image(*inputs[0], layout_);
    Array y(type_);
    conv_.run(x.raw(), y.raw(), stage.pool());
    apply_rest(fused_, y, stage.pool());
    return {from_image(std::move(y), layout_)};
  }
  std::string kernel() const override { return "conv_half_arithmetic"; }

 private:
  TensorType type_;
  Layout layout_;
  Fused fused_;
  Conv conv_;
};

ConvShape conv_shape(const Site& site, const chipcast::Conv& op) {
  const auto axes =
      reference::three_axes(window_axes(op, spatial_extents(site.input(0).shape, op.layout, site.place()),
                                        kernel_extents(site.input(1).shape, op.layout), false, site.place()));
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
    shape.pad_end[i] = (axes[i].out - 1) * axes[i].stride + axes[i].reach() - axes[i].in - axes[i].pad_begin;
  }
  return shape;
}

StepPointer half_conv(const Site& site, const chipcast::Conv& op, const HalfArithmetic& arithmetic) {
  const Array* weight = site.parameter(1);
  if (weight == nullptr || (site.has(2) && site.parameter(2) == nullptr)) return nullptr;
  const ConvShape shape = conv_shape(site, op);
  const auto bias = site.has(2) ? reference::unpack<float>(*site.parameter(2)) : std::vector<float>{};
  const ConvWeights weights = op.layout == Layout::nchw ? onnx_weights(shape, weight->raw(), weight->dtype())
                                                        : channels_last_weights(shape, weight->raw(), weight->dtype());
  Conv conv(shape, weights, bias.empty() ? nullptr : bias.data(), split_fused(site.op()).clamp,
            {.storage = DType::fp16, .half = arithmetic});
  return std::make_unique<HalfConvStep>(site, op.layout, std::move(conv));
}

/// The last two axes, transposed as asked; a vector is a row on the left, a column on the right.
struct Factor {
  Shape batch{};
  std::int64_t rows{1}, columns{1};  ///< as multiplied
  bool transposed{false};

  Factor(Shape shape, bool transpose, bool left) : transposed(transpose) {
    if (shape.size() == 1) shape.insert(left ? shape.begin() : shape.end(), 1);
    batch.assign(shape.begin(), shape.end() - 2);
    rows = shape[shape.size() - 2];
    columns = shape.back();
    if (transpose) std::swap(rows, columns);
  }
  MatrixView view(const Array& array, std::int64_t matrix) const {
    const Half* start = array.data<Half>() + matrix * rows * columns;
    const MatrixView stored{
        start, DType::fp16, transposed ? columns : rows, transposed ? rows : columns, transposed ? rows : columns, 1};
    return transposed ? stored.transposed() : stored;
  }
};

Shape broadcast(const Shape& a, const Shape& b) {
  Shape out = a.size() < b.size() ? b : a;
  const Shape& shorter = a.size() < b.size() ? a : b;
  const std::size_t first = out.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) out[first + i] = std::max(out[first + i], shorter[i]);
  return out;
}

/// One product for each place of the broadcast leading axes, each with random numbers of its own.
class HalfMatmulStep : public Step {
 public:
  HalfMatmulStep(const Site& site, Factor a, Factor b, std::vector<float> bias, const HalfArithmetic& arithmetic)
      : type_(site.output()),
        a_(std::move(a)),
        b_(std::move(b)),
        bias_(std::move(bias)),
        arithmetic_(arithmetic),
        fused_(split_fused(site.op())) {
    const Shape batch = broadcast(a_.batch, b_.batch);
    at_a_ = reference::offsets(batch, reference::broadcast_strides(a_.batch, batch));
    at_b_ = reference::offsets(batch, reference::broadcast_strides(b_.batch, batch));
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array &a = stage.plain(*inputs[0]), &b = stage.plain(*inputs[1]);
    Array y(type_);
    const GemmEpilogue epilogue{bias_.empty() ? nullptr : bias_.data(), fused_.clamp};
    HalfArithmetic arithmetic = arithmetic_;
    for (std::size_t i = 0; i < at_a_.size(); ++i) {
      Half* to = y.data<Half>() + static_cast<std::int64_t>(i) * a_.rows * b_.columns;
      if (arithmetic_.seed) arithmetic.seed = *arithmetic_.seed + i;
      half_matmul(a_.view(a, at_a_[i]), b_.view(b, at_b_[i]), {to, DType::fp16, a_.rows, b_.columns, b_.columns},
                  epilogue, arithmetic, stage.pool());
    }
    apply_rest(fused_, y, stage.pool());
    return {{std::move(y)}};
  }
  std::string kernel() const override { return "matmul_half_arithmetic"; }

 private:
  TensorType type_;
  Factor a_, b_;
  std::vector<float> bias_;
  HalfArithmetic arithmetic_;
  Fused fused_;
  reference::Offsets at_a_{}, at_b_{};
};

StepPointer half_gemm(const Site& site, const Gemm& op, const HalfArithmetic& arithmetic) {
  if (op.alpha.value_or(1.0) != 1.0 || op.beta.value_or(1.0) != 1.0) return nullptr;
  std::vector<float> bias;
  if (site.has(2)) {
    const Array* c = site.parameter(2);
    const std::int64_t columns = site.output().shape.back();
    if (c == nullptr || c->shape().empty() || c->shape().back() != columns || c->elements() != columns) return nullptr;
    bias = reference::unpack<float>(*c);
  }
  return std::make_unique<HalfMatmulStep>(site, Factor(site.input(0).shape, op.transpose_a, true),
                                          Factor(site.input(1).shape, op.transpose_b, false), std::move(bias),
                                          arithmetic);
}

StepPointer half_matmul_of(const Site& site, const Matmul& op, const HalfArithmetic& arithmetic) {
  return std::make_unique<HalfMatmulStep>(site, Factor(site.input(0).shape, op.transpose_a, true),
                                          Factor(site.input(1).shape, op.transpose_b, false), std::vector<float>{},
                                          arithmetic);
}

}  // namespace

StepPointer half_product_step(const Site& site, const HalfArithmetic& arithmetic) {
  const Op& op = site.op();
  if (op.inputs.size() < 2 || !site.all_are(DType::fp16)) return nullptr;
  if (const auto* conv = op.as<chipcast::Conv>()) return half_conv(site, *conv, arithmetic);
  if (const auto* gemm = op.as<Gemm>()) return half_gemm(site, *gemm, arithmetic);
  if (const auto* matmul = op.as<Matmul>()) return half_matmul_of(site, *matmul, arithmetic);
  return nullptr;
}

}  // namespace chipcast::kernels
