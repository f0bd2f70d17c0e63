// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/reference/call.h"
#include "kernels/reference/indices.h"
#include "workloads/window.h"

namespace chipcast::kernels::reference {
namespace {

/// The elements at these places; `fill` where a place is outside.
Array picked(const Array& x, const TensorType& type, const Offsets& places, std::uint64_t fill = 0) {
  const auto bits = unpack_bits(x);
  std::vector<std::uint64_t> out(places.size(), fill);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] != kOutside) out[i] = bits[static_cast<std::size_t>(places[i])];
  }
  return pack_bits(out, type);
}

/// 0, 1, ... of each axis.
std::vector<Offsets> own_coordinates(const Shape& shape) {
  std::vector<Offsets> out(shape.size());
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    for (std::int64_t i = 0; i < shape[axis]; ++i) out[axis].push_back(i);
  }
  return out;
}

/// Coordinate in the input of a coordinate before padding; kOutside where constant padding takes its value.
std::int64_t padded_coordinate(std::int64_t at, std::int64_t extent, const std::string& mode) {
  if (at >= 0 && at < extent) return at;
  if (mode == "edge") return std::clamp<std::int64_t>(at, 0, extent - 1);
  if (mode == "wrap") return ((at % extent) + extent) % extent;
  if (mode == "constant") return kOutside;
  const std::int64_t period = std::max<std::int64_t>(2 * (extent - 1), 1);
  const std::int64_t phase = ((at % period) + period) % period;
  return phase < extent ? phase : period - phase;
}

/// The axes of x cut into factors, reordered and joined again.
Array rearranged(const Array& x, const TensorType& type, const Shape& factors, const std::vector<std::size_t>& order) {
  const Offsets own = strides_of(factors);
  Shape shape;
  Offsets strides;
  for (const auto axis : order) {
    shape.push_back(factors[axis]);
    strides.push_back(own[axis]);
  }
  return picked(x, type, offsets(shape, strides));
}

}  // namespace

Arrays evaluate(const Concat& op, const Call& call) {
  const Shape& shape = call.out().shape;
  const std::size_t axis = axis_of(op.axis, shape.size());
  const AlongAxis whole = along(shape, axis);
  std::vector<std::uint64_t> out(static_cast<std::size_t>(call.out().elements()));
  std::int64_t first = 0;
  for (const Array& x : call.inputs) {
    if (x.dtype() != call.out().dtype) {
      call.fail("joins " + std::string(name_of(x.dtype())) + " and " + std::string(name_of(call.out().dtype)) +
                "; cast one of them first");
    }
    const auto bits = unpack_bits(x);
    const AlongAxis part = along(x.shape(), axis);
    const std::int64_t block = part.extent * part.inner;
    for (std::int64_t o = 0; o < part.outer; ++o) {
      std::copy_n(bits.begin() + o * block, block, out.begin() + whole.at(o, first, 0));
    }
    first += part.extent;
  }
  return {pack_bits(out, call.out())};
}

Arrays evaluate(const Split& op, const Call& call) {
  const Array& x = call.in(0);
  const std::size_t axis = axis_of(op.axis, x.shape().size());
  Arrays out;
  std::int64_t first = 0;
  for (const TensorType& type : call.outputs) {
    auto coordinates = own_coordinates(type.shape);
    for (auto& at : coordinates[axis]) at += first;
    out.push_back(picked(x, type, offsets(coordinates, strides_of(x.shape()))));
    first += type.shape[axis];
  }
  return out;
}

Arrays evaluate(const Slice& op, const Call& call) {
  const Array& x = call.in(0);
  auto coordinates = own_coordinates(call.out().shape);
  for (std::size_t i = 0; i < op.starts.size(); ++i) {
    const std::size_t axis = op.axes.empty() ? i : axis_of(op.axes[i], x.shape().size());
    const std::int64_t step = op.steps.empty() ? 1 : op.steps[i], extent = x.shape()[axis];
    const std::int64_t start = op.starts[i] < 0 ? op.starts[i] + extent : op.starts[i];
    const std::int64_t first = std::clamp<std::int64_t>(start, 0, step > 0 ? extent : extent - 1);
    // One element may be all that a huge step takes.
    for (auto& at : coordinates[axis]) at = at == 0 ? first : first + at * step;
  }
  return {picked(x, call.out(), offsets(coordinates, strides_of(x.shape())))};
}

Arrays evaluate(const Transpose& op, const Call& call) {
  const Array& x = call.in(0);
  const std::size_t rank = x.shape().size();
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < rank; ++i) order.push_back(op.perm.empty() ? rank - 1 - i : axis_of(op.perm[i], rank));
  return {rearranged(x, call.out(), x.shape(), order)};
}

Arrays evaluate(const Reshape&, const Call& call) {
  const Array same = call.in(0).reshaped(call.out().shape);
  if (same.type() != call.out()) call.fail("input and output differ in number format; cast first");
  return {same};
}

Arrays evaluate(const Pad& op, const Call& call) {
  const Array& x = call.in(0);
  auto coordinates = own_coordinates(call.out().shape);
  for (std::size_t axis = 0; axis < coordinates.size(); ++axis) {
    for (auto& at : coordinates[axis]) at = padded_coordinate(at - op.pads[axis], x.shape()[axis], op.mode);
  }
  const Array value = pack(Values<double>{op.value.value_or(0.0)}, {{}, x.dtype()});
  return {picked(x, call.out(), offsets(coordinates, strides_of(x.shape())), unpack_bits(value).front())};
}

Arrays evaluate(const Expand&, const Call& call) {
  const Array& x = call.in(0);
  return {picked(x, call.out(), offsets(call.out().shape, broadcast_strides(x.shape(), call.out().shape)))};
}

Arrays evaluate(const Tile&, const Call& call) {
  const Array& x = call.in(0);
  auto coordinates = own_coordinates(call.out().shape);
  for (std::size_t axis = 0; axis < coordinates.size(); ++axis) {
    for (auto& at : coordinates[axis]) at %= x.shape()[axis];
  }
  return {picked(x, call.out(), offsets(coordinates, strides_of(x.shape())))};
}

Arrays evaluate(const SpaceDepth& op, const Call& call) {
  const Array& x = call.in(0);
  const bool first = op.layout == Layout::nchw;
  const Shape& wide = op.to_depth ? x.shape() : call.out().shape;  // the side with the larger plane
  const std::int64_t batch = wide[0], channels = wide[first ? 1 : 3], b = op.block;
  const std::int64_t rows = wide[first ? 2 : 1] / b, columns = wide[first ? 3 : 2] / b;
  // The wide side's axes as factors, and the deep side's in terms of them: channel c, block row p, block column q.
  const bool crd = op.column_row_depth;
  if (op.to_depth) {
    if (first) {  // n c h p w q
      const Shape factors{batch, channels, rows, b, columns, b};
      return {
          rearranged(x, call.out(), factors,
                     crd ? std::vector<std::size_t>{0, 1, 3, 5, 2, 4} : std::vector<std::size_t>{0, 3, 5, 1, 2, 4})};
    }
    const Shape factors{batch, rows, b, columns, b, channels};  // n h p w q c
    return {rearranged(x, call.out(), factors,
                       crd ? std::vector<std::size_t>{0, 1, 3, 5, 2, 4} : std::vector<std::size_t>{0, 1, 3, 2, 4, 5})};
  }
  if (first) {
    if (crd) return {rearranged(x, call.out(), {batch, channels, b, b, rows, columns}, {0, 1, 4, 2, 5, 3})};
    return {rearranged(x, call.out(), {batch, b, b, channels, rows, columns}, {0, 3, 4, 1, 5, 2})};
  }
  if (crd) return {rearranged(x, call.out(), {batch, rows, columns, channels, b, b}, {0, 1, 4, 2, 5, 3})};
  return {rearranged(x, call.out(), {batch, rows, columns, b, b, channels}, {0, 1, 3, 2, 4, 5})};
}

Arrays evaluate(const ChannelShuffle& op, const Call& call) {
  const Array& x = call.in(0);
  const AlongAxis lines = along(x.shape(), channel_axis(op.layout, x.shape().size()));
  const Shape factors{lines.outer, op.groups, lines.extent / op.groups, lines.inner};
  return {rearranged(x, call.out(), factors, {0, 2, 1, 3})};
}

}  // namespace chipcast::kernels::reference
