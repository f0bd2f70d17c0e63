// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "kernels/quantized/call.h"
#include "kernels/quantized/products.h"
#include "kernels/reference/planes.h"

namespace chipcast::kernels::quantized {
namespace {

using Places = std::vector<std::int64_t>;

/// Coordinates along one axis that a window covers.
Places inside(const WindowAxis& axis, std::int64_t out) {
  Places places;
  for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
    const std::int64_t at = out * axis.stride - axis.pad_begin + tap * axis.dilation;
    if (at >= 0 && at < axis.in) places.push_back(at);
  }
  return places;
}

std::int64_t maximum(std::span<const std::int64_t> plane, const Places& places) {
  std::int64_t most = std::numeric_limits<std::int64_t>::min();
  for (const auto at : places) most = std::max(most, plane[static_cast<std::size_t>(at)]);
  return most;
}

/// The mean of stored values, halves away from zero.
std::int64_t average(std::span<const std::int64_t> plane, const Places& places) {
  std::int64_t sum = 0;
  const auto count = static_cast<std::int64_t>(places.size());
  for (const auto at : places) sum += plane[static_cast<std::size_t>(at)];
  return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

std::array<WindowAxis, 3> axes_of(const Pool& pool, const Call& call) {
  const auto extents = spatial_extents(call.in(0).shape(), pool.layout, call.place);
  if (!pool.global) return reference::three_axes(window_axes(pool, extents, pool.kernel, pool.ceil_mode, call.place));
  std::vector<WindowAxis> axes;
  for (const auto extent : extents) axes.push_back({.in = extent, .kernel = extent});
  return reference::three_axes(axes);
}

Places window(const std::array<WindowAxis, 3>& axes, const reference::Extents& at, const reference::Extents& extents) {
  Places places;
  const Places rows = inside(axes[1], at[1]), columns = inside(axes[2], at[2]);
  for (const auto z : inside(axes[0], at[0])) {
    for (const auto y : rows) {
      for (const auto x : columns) places.push_back((z * extents[1] + y) * extents[2] + x);
    }
  }
  return places;
}

Array pooled(const Pool& pool, const Call& call) {
  const auto axes = axes_of(pool, call);
  const auto x = reference::planes<std::int64_t>(call.in(0), pool.layout);
  auto y = reference::empty_planes<std::int64_t>(call.out(), pool.layout);
  for (std::int64_t at = 0; at < y.plane_size(); ++at) {
    const auto& e = y.extents;
    const Places places = window(axes, {at / e[2] / e[1], at / e[2] % e[1], at % e[2]}, x.extents);
    if (places.empty()) call.fail("a window lies in the padding alone; correct the padding");
    for (std::int64_t n = 0; n < y.batch; ++n) {
      for (std::int64_t c = 0; c < y.channels; ++c) {
        const auto plane = x.plane(n, c);
        y.plane(n, c)[static_cast<std::size_t>(at)] =
            pool.function == PoolFunction::max ? maximum(plane, places) : average(plane, places);
      }
    }
  }
  return reference::from_planes(y, TensorType{call.out().shape, call.in(0).dtype()}, pool.layout);
}

}  // namespace

Arrays evaluate(const Pool& pool, const Call& call) {
  const bool counted = pool.function == PoolFunction::avg && pool.count_include_pad;
  if (pool.function == PoolFunction::lp || counted || call.op.outputs.size() > 1) return through_floats(call);
  if (!call.options.reference) {
    if (auto fast = fast_pool(pool, call)) return {*fast};
  }
  const Affine x = call.in_affine(0), y = call.out_affine();
  const Array values = pooled(pool, call);
  return {x == y && call.in(0).dtype() == call.out().dtype ? values : requantized(values, x, call.out(), y)};
}

}  // namespace chipcast::kernels::quantized
