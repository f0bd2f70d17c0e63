// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/elementwise/binary.h"
#include "kernels/elementwise/unary.h"
#include "kernels/executor/families.h"
#include "kernels/executor/fused.h"
#include "kernels/executor/layouts.h"

namespace chipcast::kernels {
namespace {

/// An operand and its shape as it is stored.
struct Aligned {
  Array array{};
  Shape shape{};
};

Shape padded(Shape shape, std::size_t rank) {
  shape.insert(shape.begin(), rank - shape.size(), 1);
  return shape;
}

bool lies_channels_last(const Value& value, std::size_t rank) {
  return value.channels_last && value.array.shape().size() == rank;
}

/// The operand in the order channels last of `rank` axes. One of fewer axes has its channels elsewhere: axes are added
/// in front, in the graph's order.
Aligned channels_last_operand(Value& value, std::size_t rank, Stage& stage) {
  if (value.array.shape().size() == rank) {
    const Array& array = stage.channels_last(value);
    return {array, array.shape()};
  }
  const Array& plain = stage.plain(value);
  Value wide{plain.reshaped(padded(plain.shape(), rank))};
  const Array& array = stage.channels_last(wide);
  return {array, array.shape()};
}

class UnaryStep : public Step {
 public:
  explicit UnaryStep(const Unary& op) : op_(op) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    Array y = Array::unfilled({x.array.shape(), DType::fp32});
    unary(op_, x.array.data<float>(), y.data<float>(), y.elements(), stage.pool());
    return {{std::move(y), x.channels_last}};
  }
  std::string kernel() const override { return std::string(name_of(op_.function)) + "_f32"; }

 private:
  Unary op_;
};

class BinaryStep : public Step {
 public:
  BinaryStep(const Site& site, const Binary& op) : op_(op), type_(site.output()), fused_(split_fused(site.op())) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    Value &a = *inputs[0], &b = *inputs[1];
    const std::size_t rank = type_.shape.size();
    const bool channels_last = lies_channels_last(a, rank) || lies_channels_last(b, rank);
    const Aligned left = channels_last ? channels_last_operand(a, rank, stage) : plain(a, stage);
    const Aligned right = channels_last ? channels_last_operand(b, rank, stage) : plain(b, stage);
    Array y = Array::unfilled({channels_last ? channels_last_shape(type_.shape) : type_.shape, type_.dtype});
    compute(left, right, y, stage.pool());
    apply_rest(fused_, y, stage.pool());
    return {{std::move(y), channels_last}};
  }
  std::string kernel() const override { return std::string(name_of(op_.function)) + "_f32"; }

 private:
  static Aligned plain(Value& value, Stage& stage) {
    const Array& array = stage.plain(value);
    return {array, array.shape()};
  }
  void compute(const Aligned& a, const Aligned& b, Array& y, ThreadPool& pool) const {
    if (type_.dtype == DType::boolean) {
      compare(op_.function, a.array.data<float>(), a.shape, b.array.data<float>(), b.shape, y.data<std::uint8_t>(),
              pool);
    } else {
      binary(op_, a.array.data<float>(), a.shape, b.array.data<float>(), b.shape, y.data<float>(), fused_.clamp, pool);
    }
  }

  Binary op_;
  TensorType type_;
  Fused fused_;
};

/// Slope per channel or over the whole, aligned as the graph's rule has it.
class PreluStep : public Step {
 public:
  explicit PreluStep(const Site& site) : type_(site.output()) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& plain_slope = stage.plain(*inputs[1]);
    Value slope{plain_slope.reshaped(slope_shape(plain_slope.shape()))};
    Value& x = *inputs[0];
    const bool channels_last = x.channels_last;
    const std::size_t rank = type_.shape.size();
    const Aligned slopes =
        channels_last ? channels_last_operand(slope, rank, stage) : Aligned{slope.array, slope.array.shape()};
    Array y = Array::unfilled({x.array.shape(), type_.dtype});
    prelu(x.array.data<float>(), x.array.shape(), slopes.array.data<float>(), slopes.shape, y.data<float>(),
          stage.pool());
    return {{std::move(y), channels_last}};
  }
  std::string kernel() const override { return "prelu_f32"; }

 private:
  Shape slope_shape(Shape slope) const {
    const Shape& x = type_.shape;
    bool right = slope.size() <= x.size();
    for (std::size_t i = 0; right && i < slope.size(); ++i) {
      right = slope[i] == 1 || slope[i] == x[x.size() - slope.size() + i];
    }
    if (!right) slope.resize(x.size() - 1, 1);
    return slope;
  }
  TensorType type_;
};

bool gives_truth(UnaryFunction function) {
  return function == UnaryFunction::logical_not || function == UnaryFunction::is_nan;
}

bool is_logic(BinaryFunction function) {
  using enum BinaryFunction;
  return function == logical_and || function == logical_or || function == logical_xor;
}

}  // namespace

StepPointer unary_step(const Site& site, const Unary& op) {
  if (!site.all_are(DType::fp32) || gives_truth(op.function) || !site.op().fused.empty()) return nullptr;
  return std::make_unique<UnaryStep>(op);
}

StepPointer binary_step(const Site& site, const Binary& op) {
  if (site.input(0).dtype != DType::fp32 || site.input(1).dtype != DType::fp32 || is_logic(op.function)) return nullptr;
  if (site.output().dtype == DType::boolean && !site.op().fused.empty()) return nullptr;
  return std::make_unique<BinaryStep>(site, op);
}

StepPointer prelu_step(const Site& site, const Prelu&) {
  if (!site.all_are(DType::fp32) || !site.op().fused.empty()) return nullptr;
  return std::make_unique<PreluStep>(site);
}

}  // namespace chipcast::kernels
