// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "kernels/executor/families.h"
#include "kernels/executor/layouts.h"
#include "kernels/executor/strided.h"
#include "kernels/reference/indices.h"
#include "kernels/reference/values.h"

namespace chipcast::kernels {
namespace {

using reference::axis_of;
using reference::strides_of;

bool whole_bytes(const Site& site) {
  return bits_of(site.output().dtype) >= 8 && site.op().fused.empty() && site.input(0).dtype == site.output().dtype;
}

/// Axis of a stored value that the graph calls `axis`.
std::size_t stored_axis(std::size_t axis, std::size_t rank, bool channels_last) {
  if (!channels_last || axis == 0) return axis;
  return axis == 1 ? rank - 1 : axis - 1;
}

Shape stored_shape(const Shape& shape, bool channels_last) {
  return channels_last ? channels_last_shape(shape) : shape;
}

class ConcatStep : public Step {
 public:
  ConcatStep(const Site& site, std::size_t axis) : type_(site.output()), axis_(axis) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const bool channels_last = std::ranges::any_of(inputs, [](const Value* x) { return x->channels_last; });
    Array y = Array::unfilled({stored_shape(type_.shape, channels_last), type_.dtype});
    const std::size_t axis = stored_axis(axis_, type_.shape.size(), channels_last);
    const auto strides = strides_of(y.shape());
    std::int64_t first = 0;
    for (Value* input : inputs) {
      const Array& x = channels_last ? stage.channels_last(*input) : stage.plain(*input);
      copy_box(x, y, {x.shape(), strides_of(x.shape()), strides, 0, first * strides[axis]}, stage.pool());
      first += x.shape()[axis];
    }
    return {{std::move(y), channels_last}};
  }
  std::string kernel() const override { return "concat"; }

 private:
  TensorType type_;
  std::size_t axis_;
};

/// Boxes cut out of one value: split and slice. Starts and steps are in the graph's order of axes.
class CutStep : public Step {
 public:
  struct Piece {
    TensorType type{};
    std::vector<std::int64_t> starts{}, steps{};
  };
  CutStep(std::vector<Piece> pieces, std::string name) : pieces_(std::move(pieces)), name_(std::move(name)) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    const auto own = strides_of(x.array.shape());
    std::vector<Value> out;
    for (const Piece& piece : pieces_) {
      Array y = Array::unfilled({stored_shape(piece.type.shape, x.channels_last), piece.type.dtype});
      Box box{y.shape(), own, strides_of(y.shape())};
      for (std::size_t i = 0; i < own.size(); ++i) {
        const std::size_t axis = stored_axis(i, own.size(), x.channels_last);
        box.from += piece.starts[i] * own[axis];
        box.from_strides[axis] *= piece.steps[i];
      }
      copy_box(x.array, y, box, stage.pool());
      out.push_back({std::move(y), x.channels_last});
    }
    return out;
  }
  std::string kernel() const override { return name_; }

 private:
  std::vector<Piece> pieces_;
  std::string name_;
};

class PadStep : public Step {
 public:
  PadStep(const Site& site, const Pad& op) : type_(site.output()), pads_(op.pads), value_(op.value.value_or(0.0)) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    Array y = filled({stored_shape(type_.shape, x.channels_last), type_.dtype});
    const std::size_t rank = type_.shape.size();
    Box box{x.array.shape(), strides_of(x.array.shape()), strides_of(y.shape())};
    for (std::size_t i = 0; i < rank; ++i) {
      const std::size_t axis = stored_axis(i, rank, x.channels_last);
      box.to += std::max<std::int64_t>(pads_[i], 0) * box.to_strides[axis];
      box.from += std::max<std::int64_t>(-pads_[i], 0) * box.from_strides[axis];
      box.shape[axis] += std::min<std::int64_t>(pads_[i], 0) + std::min<std::int64_t>(pads_[rank + i], 0);
    }
    if (std::ranges::all_of(box.shape, [](std::int64_t extent) { return extent > 0; })) {
      copy_box(x.array, y, box, stage.pool());
    }
    return {{std::move(y), x.channels_last}};
  }
  std::string kernel() const override { return "pad"; }

 private:
  Array filled(const TensorType& type) const {
    if (value_ == 0.0) return Array(type);
    return reference::pack(reference::Values<double>(static_cast<std::size_t>(type.elements()), value_), type);
  }
  TensorType type_;
  std::vector<std::int64_t> pads_;
  double value_;
};

class TransposeStep : public Step {
 public:
  TransposeStep(const Site& site, std::vector<std::size_t> order) : type_(site.output()), order_(std::move(order)) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    const auto own = strides_of(x.array.shape());
    Box box{type_.shape, {}, strides_of(type_.shape)};
    for (const std::size_t axis : order_)
      box.from_strides.push_back(own[stored_axis(axis, own.size(), x.channels_last)]);
    if (lies_alike(box)) return {{x.array.reshaped(type_.shape)}};
    Array y = Array::unfilled(type_);
    copy_box(x.array, y, box, stage.pool());
    return {{std::move(y)}};
  }
  std::string kernel() const override { return "transpose"; }

 private:
  static bool lies_alike(const Box& box) {
    for (std::size_t i = 0; i < box.shape.size(); ++i) {
      if (box.shape[i] != 1 && box.from_strides[i] != box.to_strides[i]) return false;
    }
    return true;
  }
  TensorType type_;
  std::vector<std::size_t> order_;
};

class ReshapeStep : public Step {
 public:
  explicit ReshapeStep(const Site& site) : shape_(site.output().shape) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    return {{stage.plain(*inputs[0]).reshaped(shape_)}};
  }
  std::string kernel() const override { return ""; }

 private:
  Shape shape_;
};

/// Rows of a table, or of each of several tables.
class GatherStep : public Step {
 public:
  GatherStep(const Site& site, std::size_t axis) : type_(site.output()), axis_(axis), place_(site.place()) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array& data = stage.plain(*inputs[0]);
    const auto indices = reference::unpack<std::int64_t>(stage.plain(*inputs[1]));
    const auto lines = reference::along(data.shape(), axis_);
    Array y = Array::unfilled(type_);
    std::int64_t to = 0;
    for (std::int64_t o = 0; o < lines.outer; ++o) {
      for (const auto index : indices) {
        const std::int64_t from = lines.at(o, checked(index, lines.extent), 0);
        copy_box(data, y, {{lines.inner}, {1}, {1}, from, to}, stage.pool());
        to += lines.inner;
      }
    }
    return {{std::move(y)}};
  }
  std::string kernel() const override { return "gather"; }

 private:
  std::int64_t checked(std::int64_t index, std::int64_t extent) const {
    if (index >= -extent && index < extent) return index < 0 ? index + extent : index;
    throw InputError(place_, "index " + std::to_string(index) + " is outside [" + std::to_string(-extent) + ", " +
                                 std::to_string(extent - 1) + "]; correct the values of indices");
  }
  TensorType type_;
  std::size_t axis_;
  std::string place_;
};

}  // namespace

StepPointer concat_step(const Site& site, const Concat& op) {
  for (std::size_t i = 0; i < site.op().inputs.size(); ++i) {
    if (site.input(i).dtype != site.output().dtype) return nullptr;
  }
  if (!whole_bytes(site)) return nullptr;
  return std::make_unique<ConcatStep>(site, axis_of(op.axis, site.output().shape.size()));
}

StepPointer split_step(const Site& site, const Split& op) {
  if (!whole_bytes(site)) return nullptr;
  const std::size_t rank = site.input(0).shape.size(), axis = axis_of(op.axis, rank);
  std::vector<CutStep::Piece> pieces;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < site.op().outputs.size(); ++i) {
    CutStep::Piece piece{site.output(i), std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 1)};
    piece.starts[axis] = first;
    first += piece.type.shape[axis];
    pieces.push_back(std::move(piece));
  }
  return std::make_unique<CutStep>(std::move(pieces), "split");
}

StepPointer slice_step(const Site& site, const Slice& op) {
  if (!whole_bytes(site)) return nullptr;
  const Shape& x = site.input(0).shape;
  CutStep::Piece piece{site.output(), std::vector<std::int64_t>(x.size(), 0), std::vector<std::int64_t>(x.size(), 1)};
  for (std::size_t i = 0; i < op.starts.size(); ++i) {
    const std::size_t axis = op.axes.empty() ? i : axis_of(op.axes[i], x.size());
    const std::int64_t step = op.steps.empty() ? 1 : op.steps[i];
    const std::int64_t start = op.starts[i] < 0 ? op.starts[i] + x[axis] : op.starts[i];
    piece.starts[axis] = std::clamp<std::int64_t>(start, 0, step > 0 ? x[axis] : x[axis] - 1);
    piece.steps[axis] = piece.type.shape[axis] == 1 ? 1 : step;
  }
  return std::make_unique<CutStep>(std::vector{std::move(piece)}, "slice");
}

StepPointer pad_step(const Site& site, const Pad& op) {
  if (!whole_bytes(site) || op.mode != "constant") return nullptr;
  return std::make_unique<PadStep>(site, op);
}

StepPointer transpose_step(const Site& site, const Transpose& op) {
  if (!whole_bytes(site)) return nullptr;
  const std::size_t rank = site.input(0).shape.size();
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < rank; ++i) order.push_back(op.perm.empty() ? rank - 1 - i : axis_of(op.perm[i], rank));
  return std::make_unique<TransposeStep>(site, std::move(order));
}

StepPointer reshape_step(const Site& site, const Reshape&) {
  if (site.input(0).dtype != site.output().dtype || !site.op().fused.empty()) return nullptr;
  return std::make_unique<ReshapeStep>(site);
}

StepPointer gather_step(const Site& site, const Gather& op) {
  if (!whole_bytes(site)) return nullptr;
  return std::make_unique<GatherStep>(site, axis_of(op.axis, site.input(0).shape.size()));
}

}  // namespace chipcast::kernels
