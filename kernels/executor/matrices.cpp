// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/executor/families.h"
#include "kernels/executor/fused.h"
#include "kernels/gemm/gemm.h"
#include "kernels/reference/indices.h"
#include "kernels/reference/values.h"

namespace chipcast::kernels {
namespace {

/// Rows and columns of the last two axes, transposed as asked; a vector is a row on the left, a column on the right.
struct Operand {
  Shape batch{};
  std::int64_t rows{1}, columns{1};  ///< as multiplied
  bool transpose{false};

  std::int64_t size() const { return rows * columns; }
  MatrixView view(const Array& array, std::int64_t first = 0) const {
    const std::byte* start = array.raw() + first * (bits_of(array.dtype()) / 8);
    const MatrixView stored{
        start, array.dtype(), transpose ? columns : rows, transpose ? rows : columns, transpose ? rows : columns, 1};
    return transpose ? stored.transposed() : stored;
  }
};

Operand operand(Shape shape, bool transpose, bool left) {
  if (shape.size() == 1) shape.insert(left ? shape.begin() : shape.end(), 1);
  Operand out{{shape.begin(), shape.end() - 2}, shape[shape.size() - 2], shape.back(), transpose};
  if (transpose) std::swap(out.rows, out.columns);
  return out;
}

bool floats(const Site& site) {
  return is_stored_float(site.input(0).dtype) && is_stored_float(site.input(1).dtype) &&
         is_stored_float(site.output().dtype);
}

/// One value per column, or none; nothing where c is of another shape.
std::optional<std::vector<float>> column_bias(const Site& site, const Gemm& op) {
  if (!site.has(2)) return std::vector<float>{};
  const Array* c = site.parameter(2);
  const std::int64_t columns = site.output().shape.back();
  if (c == nullptr || c->shape().empty() || c->shape().back() != columns || c->elements() != columns) {
    return std::nullopt;
  }
  auto bias = reference::unpack<float>(*c);
  for (auto& value : bias) value *= static_cast<float>(op.beta.value_or(1.0));
  return bias;
}

/// a [M,K] times a stored or a computed b, whole rows of a at once.
class GemmStep : public Step {
 public:
  GemmStep(const Site& site, Operand a, Operand b, std::vector<float> bias)
      : type_(site.output()),
        a_(std::move(a)),
        b_(std::move(b)),
        bias_(std::move(bias)),
        fused_(split_fused(site.op())) {
    if (site.parameter(1) != nullptr) packed_ = PackedMatrix(b_.view(*site.parameter(1)));
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    Array y = Array::unfilled(type_);
    const GemmEpilogue epilogue{bias_.empty() ? nullptr : bias_.data(), fused_.clamp};
    const MatrixTarget target{y.raw(), type_.dtype, a_.rows, b_.columns, b_.columns};
    const MatrixView a = a_.view(stage.plain(*inputs[0]));
    if (packed_.empty()) {
      matmul(a, b_.view(stage.plain(*inputs[1])), target, epilogue, stage.pool());
    } else {
      gemm(a, packed_, target, epilogue, stage.pool());
    }
    apply_rest(fused_, y, stage.pool());
    return {{std::move(y)}};
  }
  std::string kernel() const override {
    const std::string kind = packed_.empty() ? "matmul_" : a_.rows == 1 ? "gemv_" : "gemm_";
    return kind + std::string(name_of(type_.dtype));
  }

 private:
  TensorType type_;
  Operand a_, b_;
  std::vector<float> bias_;
  Fused fused_;
  PackedMatrix packed_{};
};

/// Products of two activations, one for each place of the broadcast leading axes.
class BatchedStep : public Step {
 public:
  BatchedStep(const Site& site, Operand a, Operand b)
      : type_(site.output()), a_(std::move(a)), b_(std::move(b)), fused_(split_fused(site.op())) {
    Shape batch = a_.batch.size() < b_.batch.size() ? b_.batch : a_.batch;
    const Shape& shorter = a_.batch.size() < b_.batch.size() ? a_.batch : b_.batch;
    for (std::size_t i = 0; i < shorter.size(); ++i) {
      auto& extent = batch[batch.size() - shorter.size() + i];
      extent = std::max(extent, shorter[i]);
    }
    at_a_ = reference::offsets(batch, reference::broadcast_strides(a_.batch, batch));
    at_b_ = reference::offsets(batch, reference::broadcast_strides(b_.batch, batch));
  }
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array &a = stage.plain(*inputs[0]), &b = stage.plain(*inputs[1]);
    Array y = Array::unfilled(type_);
    const std::int64_t size = a_.rows * b_.columns, bytes = bits_of(type_.dtype) / 8;
    const GemmEpilogue epilogue{nullptr, fused_.clamp};
    for (std::size_t first = 0; first < at_a_.size();) {
      const std::size_t count = run_length(first);
      const auto step = [&](const reference::Offsets& at) { return count > 1 ? at[first + 1] - at[first] : 0; };
      const MatrixTarget target{y.raw() + static_cast<std::int64_t>(first) * size * bytes, type_.dtype, a_.rows,
                                b_.columns, b_.columns};
      batched_matmul(a_.view(a, at_a_[first] * a_.size()), b_.view(b, at_b_[first] * b_.size()), target,
                     static_cast<std::int64_t>(count), {step(at_a_) * a_.size(), step(at_b_) * b_.size(), size},
                     epilogue, stage.pool());
      first += count;
    }
    apply_rest(fused_, y, stage.pool());
    return {{std::move(y)}};
  }
  std::string kernel() const override { return "batched_matmul_" + std::string(name_of(type_.dtype)); }

 private:
  /// How many products from `first` on have operands at even distances.
  std::size_t run_length(std::size_t first) const {
    const auto even = [&](const reference::Offsets& at, std::size_t i) {
      return at[i] - at[i - 1] == at[first + 1] - at[first];
    };
    std::size_t end = first + 1;
    while (end < at_a_.size() && even(at_a_, end) && even(at_b_, end)) ++end;
    return end - first;
  }

  TensorType type_;
  Operand a_, b_;
  Fused fused_;
  reference::Offsets at_a_{}, at_b_{};
};

}  // namespace

StepPointer gemm_step(const Site& site, const Gemm& op) {
  if (!floats(site) || op.alpha.value_or(1.0) != 1.0) return nullptr;
  auto bias = column_bias(site, op);
  if (!bias) return nullptr;
  return std::make_unique<GemmStep>(site, operand(site.input(0).shape, op.transpose_a, true),
                                    operand(site.input(1).shape, op.transpose_b, false), std::move(*bias));
}

StepPointer matmul_step(const Site& site, const Matmul& op) {
  if (!floats(site)) return nullptr;
  Operand a = operand(site.input(0).shape, op.transpose_a, true);
  Operand b = operand(site.input(1).shape, op.transpose_b, false);
  const bool one_b = element_count(b.batch) == 1;
  if (one_b && (!op.transpose_a || element_count(a.batch) == 1)) {
    a.rows *= element_count(a.batch);
    return std::make_unique<GemmStep>(site, std::move(a), std::move(b), std::vector<float>{});
  }
  return std::make_unique<BatchedStep>(site, std::move(a), std::move(b));
}

}  // namespace chipcast::kernels
