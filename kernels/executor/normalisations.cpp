// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/families.h"
#include "kernels/executor/fused.h"
#include "kernels/executor/layouts.h"
#include "kernels/normalisation/lrn.h"
#include "kernels/normalisation/norm.h"
#include "kernels/normalisation/softmax.h"
#include "kernels/reference/indices.h"
#include "workloads/window.h"

namespace chipcast::kernels {
namespace {

/// Batch, channels and plane of a tensor, in the order in which it is stored.
PlaneShape plane_shape(const Shape& shape, Layout stored) {
  const std::size_t axis = channel_axis(stored, shape.size());
  return {.batch = shape[0],
          .channels = shape[axis],
          .plane = element_count(shape) / (shape[0] * shape[axis]),
          .layout = stored};
}

/// The order of a value whose channels the graph counts in `layout`.
Layout stored_layout(const Value& value, Layout layout) { return value.channels_last ? Layout::nhwc : layout; }

const float* pointer(Value* value, Stage& stage) {
  return value != nullptr ? stage.plain(*value).data<float>() : nullptr;
}

class BatchNormStep : public Step {
 public:
  BatchNormStep(const Site& site, const BatchNorm& op) : op_(op) {
    for (const auto& activation : site.op().fused) fused_.rest.push_back(activation.unary);
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    Value& x = *inputs[0];
    if (op_.layout == Layout::nhwc) stage.plain(x);  // its last axis is that of the channels in the graph's order
    Array y = Array::unfilled({x.array.shape(), DType::fp32});
    batch_norm(plane_shape(x.array.shape(), stored_layout(x, op_.layout)), op_.epsilon, x.array.data<float>(),
               pointer(inputs[1], stage), pointer(inputs[2], stage), pointer(inputs[3], stage),
               pointer(inputs[4], stage), y.data<float>(), stage.pool());
    apply_rest(fused_, y, stage.pool());
    return {{std::move(y), x.channels_last}};
  }
  std::string kernel() const override { return "batch_norm_f32"; }

 private:
  BatchNorm op_;
  Fused fused_{};
};

/// Over the last axes of a tensor: layer and rms.
class RowNormStep : public Step {
 public:
  RowNormStep(const Norm& op, std::int64_t width) : op_(op), width_(width) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& x = stage.plain(*inputs[0]);
    Array y = Array::unfilled(x.type());
    const auto operand = [&](std::size_t i) { return i < inputs.size() ? pointer(inputs[i], stage) : nullptr; };
    const std::int64_t rows = x.elements() / width_;
    const auto norm = op_.function == NormFunction::layer ? layer_norm : rms_norm;
    norm(rows, width_, op_.epsilon, x.data<float>(), operand(1), operand(2), y.data<float>(), stage.pool());
    return {{std::move(y)}};
  }
  std::string kernel() const override { return std::string(name_of(op_.function)) + "_norm_f32"; }

 private:
  Norm op_;
  std::int64_t width_;
};

/// Over groups of channels: group and instance.
class GroupNormStep : public Step {
 public:
  GroupNormStep(const Norm& op, std::int64_t groups) : op_(op), groups_(groups) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    Array y = Array::unfilled({x.array.shape(), DType::fp32});
    const auto operand = [&](std::size_t i) { return i < inputs.size() ? pointer(inputs[i], stage) : nullptr; };
    group_norm(plane_shape(x.array.shape(), stored_layout(x, Layout::nchw)), groups_, op_.epsilon,
               x.array.data<float>(), operand(1), operand(2), y.data<float>(), stage.pool());
    return {{std::move(y), x.channels_last}};
  }
  std::string kernel() const override { return std::string(name_of(op_.function)) + "_norm_f32"; }

 private:
  Norm op_;
  std::int64_t groups_;
};

class LrnStep : public Step {
 public:
  LrnStep(const Site& site, const Lrn& op) : op_(op), type_(site.output()) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& x = stage.image(*inputs[0], op_.layout);
    const Shape& shape = x.shape();
    Array y = Array::unfilled(x.type());
    lrn({.batch = shape[0],
         .height = shape[1],
         .width = shape[2],
         .channels = shape[3],
         .size = op_.size,
         .within_channel = op_.within_channel,
         .alpha = op_.alpha.value_or(1e-4),
         .beta = op_.beta.value_or(0.75),
         .bias = op_.bias.value_or(1.0)},
        x.data<float>(), y.data<float>(), stage.pool());
    return {from_image(std::move(y), op_.layout)};
  }
  std::string kernel() const override { return "lrn_f32"; }

 private:
  Lrn op_;
  TensorType type_;
};

class SoftmaxStep : public Step {
 public:
  SoftmaxStep(const Softmax& op, std::size_t axis) : op_(op), axis_(axis) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    std::size_t axis = axis_;
    if (x.channels_last && axis != 0) axis = axis == 1 ? x.array.shape().size() - 1 : axis - 1;
    const auto lines = reference::along(x.array.shape(), axis);
    Array y = Array::unfilled({x.array.shape(), DType::fp32});
    softmax({lines.outer, lines.extent, lines.inner}, op_.log, x.array.data<float>(), y.data<float>(), stage.pool());
    return {{std::move(y), x.channels_last}};
  }
  std::string kernel() const override { return op_.log ? "log_softmax_f32" : "softmax_f32"; }

 private:
  Softmax op_;
  std::size_t axis_;
};

bool plain_floats(const Site& site) { return site.all_are(DType::fp32) && site.op().fused.empty(); }

/// Scale and bias hold one value for each of `count`, in their only (last) axis that is not 1.
bool per_element(const Site& site, std::int64_t count) {
  for (std::size_t i = 1; i < site.op().inputs.size(); ++i) {
    if (site.has(i) && site.input(i).elements() != count) return false;
  }
  return true;
}

}  // namespace

StepPointer batch_norm_step(const Site& site, const BatchNorm& op) {
  if (!site.all_are(DType::fp32) || site.input(0).shape.size() < 2) return nullptr;
  return std::make_unique<BatchNormStep>(site, op);
}

StepPointer norm_step(const Site& site, const Norm& op) {
  if (!plain_floats(site) || op.function == NormFunction::l2) return nullptr;
  const Shape& x = site.input(0).shape;
  if (op.function == NormFunction::group || op.function == NormFunction::instance) {
    if (!per_element(site, x[1])) return nullptr;
    return std::make_unique<GroupNormStep>(op, op.function == NormFunction::group ? op.groups : x[1]);
  }
  std::int64_t width = 1;
  for (std::size_t i = reference::axis_of(op.axis, x.size()); i < x.size(); ++i) width *= x[i];
  if (!per_element(site, width)) return nullptr;
  return std::make_unique<RowNormStep>(op, width);
}

StepPointer lrn_step(const Site& site, const Lrn& op) {
  if (!plain_floats(site) || site.input(0).shape.size() != 4) return nullptr;
  return std::make_unique<LrnStep>(site, op);
}

StepPointer softmax_step(const Site& site, const Softmax& op) {
  if (!plain_floats(site)) return nullptr;
  return std::make_unique<SoftmaxStep>(op, reference::axis_of(op.axis, site.input(0).shape.size()));
}

}  // namespace chipcast::kernels
