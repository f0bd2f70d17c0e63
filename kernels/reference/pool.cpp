// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reference/call.h"
#include "kernels/reference/planes.h"

namespace chipcast::kernels::reference {
namespace {

/// Coordinates along one axis that a window covers: those inside the input, and how many lie in it or its padding.
struct Covered {
  std::vector<std::int64_t> inside{};
  std::int64_t with_padding{0};
};

Covered covered(const WindowAxis& axis, std::int64_t out) {
  Covered result;
  for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
    const std::int64_t at = out * axis.stride - axis.pad_begin + tap * axis.dilation;
    if (at >= 0 && at < axis.in) result.inside.push_back(at);
    // What ceil_mode reads beyond the padding does not count.
    if (at >= -axis.pad_begin && at < axis.in + axis.pad_end) ++result.with_padding;
  }
  return result;
}

template <class C>
struct Pooled {
  C value{};
  std::int64_t index{0};  ///< in the plane, of the maximum
};

/// Folds the elements of one window.
template <class C>
Pooled<C> pooled(const Pool& op, std::span<const C> plane, const std::vector<std::int64_t>& places,
                 std::int64_t padded) {
  Pooled<C> out;
  if (op.function == PoolFunction::max) {
    out.value =
        std::numeric_limits<C>::has_infinity ? -std::numeric_limits<C>::infinity() : std::numeric_limits<C>::lowest();
    for (const auto at : places) {
      const C value = plane[static_cast<std::size_t>(at)];
      if (value > out.value || std::isnan(static_cast<double>(value))) out = {value, at};
    }
    return out;
  }
  double sum = 0.0;
  const auto p = static_cast<double>(op.p.value_or(2));
  for (const auto at : places) {
    const auto value = static_cast<double>(plane[static_cast<std::size_t>(at)]);
    sum += op.function == PoolFunction::avg ? value : std::pow(std::fabs(value), p);
  }
  if (op.function == PoolFunction::lp) {
    out.value = static_cast<C>(std::pow(sum, 1.0 / p));
    return out;
  }
  const double mean =
      sum / static_cast<double>(op.count_include_pad ? padded : std::max<std::size_t>(places.size(), 1));
  out.value = static_cast<C>(std::is_integral_v<C> ? std::nearbyint(mean) : mean);
  return out;
}

std::vector<WindowAxis> pool_axes(const Pool& op, const Array& x, const std::string& place) {
  const auto extents = spatial_extents(x.shape(), op.layout, place);
  if (!op.global) return window_axes(op, extents, op.kernel, op.ceil_mode, place);
  std::vector<WindowAxis> axes;
  for (const auto extent : extents) axes.push_back({.in = extent, .kernel = extent});
  return axes;
}

/// Places in a plane under the window at output (z, y, x).
std::vector<std::int64_t> window_places(const std::array<Covered, 3>& axes, const Extents& extents) {
  std::vector<std::int64_t> out;
  for (const auto z : axes[0].inside) {
    for (const auto y : axes[1].inside) {
      for (const auto x : axes[2].inside) out.push_back((z * extents[1] + y) * extents[2] + x);
    }
  }
  return out;
}

/// ONNX's index of an element: its place in the whole channels-first tensor.
template <class C>
std::int64_t flat_index(const Planes<C>& x, std::int64_t n, std::int64_t c, std::int64_t at) {
  return (n * x.channels + c) * x.plane_size() + at;
}

}  // namespace

Arrays evaluate(const Pool& op, const Call& call) {
  const auto axes = three_axes(pool_axes(op, call.in(0), call.place));
  if (call.outputs.size() > 1 && op.layout == Layout::nhwc) call.fail("indices are defined for layout nchw only");
  return dispatch(compute_of({call.in(0).dtype()}), [&]<class C>() -> Arrays {
    const auto x = planes<C>(call.in(0), op.layout);
    auto y = empty_planes<C>(call.out(), op.layout);
    auto indices =
        call.outputs.size() > 1 ? empty_planes<std::int64_t>(call.out(1), op.layout) : Planes<std::int64_t>{};
    std::size_t out = 0;
    for (std::int64_t z = 0; z < y.extents[0]; ++z) {
      for (std::int64_t row = 0; row < y.extents[1]; ++row) {
        for (std::int64_t column = 0; column < y.extents[2]; ++column, ++out) {
          const std::array window{covered(axes[0], z), covered(axes[1], row), covered(axes[2], column)};
          const auto places = window_places(window, x.extents);
          const auto padded = window[0].with_padding * window[1].with_padding * window[2].with_padding;
          for (std::int64_t n = 0; n < y.batch; ++n) {
            for (std::int64_t c = 0; c < y.channels; ++c) {
              const auto result = pooled<C>(op, x.plane(n, c), places, padded);
              y.plane(n, c)[out] = result.value;
              if (!indices.values.empty()) indices.plane(n, c)[out] = flat_index(x, n, c, result.index);
            }
          }
        }
      }
    }
    Arrays results{from_planes(y, call.out(), op.layout)};
    if (!indices.values.empty()) results.push_back(from_planes(indices, call.out(1), op.layout));
    return results;
  });
}

}  // namespace chipcast::kernels::reference
