// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "kernels/executor/families.h"
#include "kernels/executor/strided.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels {
namespace {

using reference::broadcast_strides;
using reference::strides_of;

bool moves_whole_bytes(const Site& site) {
  return bits_of(site.output().dtype) >= 8 && site.op().fused.empty() && site.input(0).dtype == site.output().dtype;
}

/// x seen under `factors`, its axes in the order `order`.
Box reordered(const Shape& factors, std::span<const std::size_t> order) {
  const auto own = strides_of(factors);
  Box box;
  for (const std::size_t axis : order) {
    box.shape.push_back(factors[axis]);
    box.from_strides.push_back(own[axis]);
  }
  box.to_strides = strides_of(box.shape);
  return box;
}

/// Interleaves the channels of groups, in the order in which the value lies.
class ShuffleStep : public Step {
 public:
  ShuffleStep(const Site& site, const ChannelShuffle& op) : type_(site.output()), op_(op) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    const Shape& shape = x.array.shape();
    const bool last = x.channels_last || op_.layout == Layout::nhwc;
    const auto lines = reference::along(shape, last ? shape.size() - 1 : 1);
    const Shape factors{lines.outer, op_.groups, lines.extent / op_.groups, lines.inner};
    Array y({shape, type_.dtype});
    copy_box(x.array, y, reordered(factors, std::array<std::size_t, 4>{0, 2, 1, 3}), stage.pool());
    return {{std::move(y), x.channels_last}};
  }
  std::string kernel() const override { return "channel_shuffle"; }

 private:
  TensorType type_;
  ChannelShuffle op_;
};

/// Blocks of the plane to channels and back, as kernels/reference has it; channels last stays channels last.
class SpaceDepthStep : public Step {
 public:
  SpaceDepthStep(const Site& site, const SpaceDepth& op) : type_(site.output()), op_(op) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    const bool last = x.channels_last || op_.layout == Layout::nhwc;
    Array y({x.channels_last ? channels_last_shape(type_.shape) : type_.shape, type_.dtype});
    copy_box(x.array, y,
             last ? box_last(op_.to_depth ? x.array.shape() : y.shape())
                  : box_first(op_.to_depth ? x.array.shape() : y.shape()),
             stage.pool());
    return {{std::move(y), x.channels_last}};
  }
  std::string kernel() const override { return op_.to_depth ? "space_to_depth" : "depth_to_space"; }

 private:
  using Order = std::array<std::size_t, 6>;
  /// `wide` is the shape of the side with the larger plane.
  Box box_last(const Shape& wide) const {
    const std::int64_t b = op_.block, rows = wide[1] / b, columns = wide[2] / b, channels = wide[3];
    if (op_.to_depth) {
      return reordered({wide[0], rows, b, columns, b, channels},
                       op_.column_row_depth ? Order{0, 1, 3, 5, 2, 4} : Order{0, 1, 3, 2, 4, 5});
    }
    if (op_.column_row_depth) return reordered({wide[0], rows, columns, channels, b, b}, Order{0, 1, 4, 2, 5, 3});
    return reordered({wide[0], rows, columns, b, b, channels}, Order{0, 1, 3, 2, 4, 5});
  }
  Box box_first(const Shape& wide) const {
    const std::int64_t b = op_.block, channels = wide[1], rows = wide[2] / b, columns = wide[3] / b;
    if (op_.to_depth) {
      return reordered({wide[0], channels, rows, b, columns, b},
                       op_.column_row_depth ? Order{0, 1, 3, 5, 2, 4} : Order{0, 3, 5, 1, 2, 4});
    }
    if (op_.column_row_depth) return reordered({wide[0], channels, b, b, rows, columns}, Order{0, 1, 4, 2, 5, 3});
    return reordered({wide[0], b, b, channels, rows, columns}, Order{0, 3, 4, 1, 5, 2});
  }
  TensorType type_;
  SpaceDepth op_;
};

/// One box of a plain value, whose strides may be 0: expand and tile.
class RepeatStep : public Step {
 public:
  RepeatStep(TensorType type, Box box, std::string name)
      : type_(std::move(type)), box_(std::move(box)), name_(std::move(name)) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    Array y(type_);
    copy_box(stage.plain(*inputs[0]), y, box_, stage.pool());
    return {{std::move(y)}};
  }
  std::string kernel() const override { return name_; }

 private:
  TensorType type_;
  Box box_;
  std::string name_;
};

}  // namespace

StepPointer channel_shuffle_step(const Site& site, const ChannelShuffle& op) {
  if (!moves_whole_bytes(site) || site.input(0).shape.size() < 2) return nullptr;
  return std::make_unique<ShuffleStep>(site, op);
}

StepPointer space_depth_step(const Site& site, const SpaceDepth& op) {
  if (!moves_whole_bytes(site) || site.input(0).shape.size() != 4) return nullptr;
  return std::make_unique<SpaceDepthStep>(site, op);
}

StepPointer expand_step(const Site& site, const Expand&) {
  if (!moves_whole_bytes(site)) return nullptr;
  const Shape& shape = site.output().shape;
  Box box{shape, broadcast_strides(site.input(0).shape, shape), strides_of(shape)};
  return std::make_unique<RepeatStep>(site.output(), std::move(box), "expand");
}

StepPointer tile_step(const Site& site, const Tile&) {
  const Shape &x = site.input(0).shape, &y = site.output().shape;
  if (!moves_whole_bytes(site) || x.size() != y.size()) return nullptr;
  const auto from = strides_of(x), to = strides_of(y);
  Box box;
  for (std::size_t i = 0; i < x.size(); ++i) {  // each axis as copies x extent
    box.shape.insert(box.shape.end(), {y[i] / x[i], x[i]});
    box.from_strides.insert(box.from_strides.end(), {0, from[i]});
    box.to_strides.insert(box.to_strides.end(), {x[i] * to[i], to[i]});
  }
  return std::make_unique<RepeatStep>(site.output(), std::move(box), "tile");
}

}  // namespace chipcast::kernels
