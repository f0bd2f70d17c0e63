// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/reference/call.h"
#include "kernels/reference/planes.h"

namespace chipcast::kernels::reference {
namespace {

/// Outputs [first, last) of an axis whose place in the input, output * stride + shift, lies inside it.
struct Range {
  std::int64_t first, last;
};

Range inside(std::int64_t shift, std::int64_t stride, std::int64_t in, std::int64_t out) {
  const std::int64_t first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
  const std::int64_t last = shift >= in ? 0 : (in - 1 - shift) / stride + 1;
  return {first, std::max(first, std::min(last, out))};
}

/// One tap: its place in the kernel, and how far the input lies before (negative) the output's first place.
struct Tap {
  std::array<std::int64_t, 3> shift{};
  std::size_t index{};
};

std::vector<Tap> taps(const std::array<WindowAxis, 3>& axes) {
  std::vector<Tap> out;
  for (std::int64_t z = 0; z < axes[0].kernel; ++z) {
    for (std::int64_t y = 0; y < axes[1].kernel; ++y) {
      for (std::int64_t x = 0; x < axes[2].kernel; ++x) {
        const std::array<std::int64_t, 3> at{z, y, x};
        Tap tap{.index = out.size()};
        for (std::size_t i = 0; i < 3; ++i) tap.shift[i] = at[i] * axes[i].dilation - axes[i].pad_begin;
        out.push_back(tap);
      }
    }
  }
  return out;
}

/// Calls body(wide row, narrow row) for the rows that a tap joins: wide + i * stride meets narrow + i, i < count.
template <class Body>
void for_rows(const std::array<WindowAxis, 3>& axes, const Tap& tap, const Extents& wide, const Extents& narrow,
              Body&& body) {
  std::array<Range, 3> range{};
  for (std::size_t i = 0; i < 3; ++i) range[i] = inside(tap.shift[i], axes[i].stride, wide[i], narrow[i]);
  for (std::int64_t z = range[0].first; z < range[0].last; ++z) {
    for (std::int64_t y = range[1].first; y < range[1].last; ++y) {
      const std::int64_t wide_z = z * axes[0].stride + tap.shift[0], wide_y = y * axes[1].stride + tap.shift[1];
      const std::int64_t wide_x = range[2].first * axes[2].stride + tap.shift[2];
      body((wide_z * wide[1] + wide_y) * wide[2] + wide_x, (z * narrow[1] + y) * narrow[2] + range[2].first,
           range[2].last - range[2].first);
    }
  }
}

template <class C>
void fill_bias(Planes<C>& y, const Array* bias) {
  if (bias == nullptr) return;
  const Values<C> values = unpack<C>(*bias);
  for (std::int64_t n = 0; n < y.batch; ++n) {
    for (std::int64_t c = 0; c < y.channels; ++c) std::ranges::fill(y.plane(n, c), values[static_cast<std::size_t>(c)]);
  }
}

/// y[o] += w[o][i] * x[i] under each tap.
template <class C>
void convolve(const Planes<C>& x, const Planes<C>& w, Planes<C>& y, std::int64_t groups,
              const std::array<WindowAxis, 3>& axes) {
  const auto all = taps(axes);
  const std::int64_t per_group = y.channels / groups, stride = axes[2].stride;
  for (std::int64_t n = 0; n < y.batch; ++n) {
    for (std::int64_t o = 0; o < y.channels; ++o) {
      C* out = y.plane(n, o).data();
      for (std::int64_t i = 0; i < w.channels; ++i) {
        const C* in = x.plane(n, o / per_group * w.channels + i).data();
        for (const Tap& tap : all) {
          const C weight = w.plane(o, i)[tap.index];
          for_rows(axes, tap, x.extents, y.extents, [&](std::int64_t from, std::int64_t to, std::int64_t count) {
            for (std::int64_t j = 0; j < count; ++j) out[to + j] += weight * in[from + j * stride];
          });
        }
      }
    }
  }
}

/// Weight O/groups,spatial,I as I,O/groups,spatial.
template <class C>
Planes<C> transposed_weight(const Array& weight, Layout layout) {
  if (layout == Layout::nchw) return planes<C>(weight, layout);
  const Planes<C> stored = planes<C>(weight, Layout::nhwc);  // O/groups,I,spatial
  Planes<C> out = stored;
  std::swap(out.batch, out.channels);
  for (std::int64_t o = 0; o < stored.batch; ++o) {
    for (std::int64_t i = 0; i < stored.channels; ++i) std::ranges::copy(stored.plane(o, i), out.plane(i, o).begin());
  }
  return out;
}

/// y += w[i][o] * x[i] at the places that a convolution of y would read for x.
template <class C>
void spread(const Planes<C>& x, const Planes<C>& w, Planes<C>& y, std::int64_t groups,
            const std::array<WindowAxis, 3>& axes) {
  const auto all = taps(axes);
  const std::int64_t per_group = x.channels / groups, stride = axes[2].stride;
  for (std::int64_t n = 0; n < x.batch; ++n) {
    for (std::int64_t i = 0; i < x.channels; ++i) {
      const C* in = x.plane(n, i).data();
      for (std::int64_t o = 0; o < w.channels; ++o) {
        C* out = y.plane(n, i / per_group * w.channels + o).data();
        for (const Tap& tap : all) {
          const C weight = w.plane(i, o)[tap.index];
          for_rows(axes, tap, y.extents, x.extents, [&](std::int64_t to, std::int64_t from, std::int64_t count) {
            for (std::int64_t j = 0; j < count; ++j) out[to + j * stride] += weight * in[from + j];
          });
        }
      }
    }
  }
}

}  // namespace

Arrays evaluate(const Conv& op, const Call& call) {
  const Array &x = call.in(0), &weight = call.in(1);
  const auto axes = three_axes(window_axes(op, spatial_extents(x.shape(), op.layout, call.place),
                                           kernel_extents(weight.shape(), op.layout), false, call.place));
  return dispatch(compute_of({x.dtype(), weight.dtype()}), [&]<class C>() -> Arrays {
    auto y = empty_planes<C>(call.out(), op.layout);
    fill_bias(y, call.maybe(2));
    convolve(planes<C>(x, op.layout), planes<C>(weight, op.layout), y, op.groups, axes);
    return {from_planes(y, call.out(), op.layout)};
  });
}

Arrays evaluate(const ConvTranspose& op, const Call& call) {
  const Array &x = call.in(0), &weight = call.in(1);
  const auto axes = three_axes(transposed_window_axes(op, spatial_extents(x.shape(), op.layout, call.place),
                                                      kernel_extents(weight.shape(), op.layout), call.place));
  return dispatch(compute_of({x.dtype(), weight.dtype()}), [&]<class C>() -> Arrays {
    auto y = empty_planes<C>(call.out(), op.layout);
    fill_bias(y, call.maybe(2));
    spread(planes<C>(x, op.layout), transposed_weight<C>(weight, op.layout), y, op.groups, axes);
    return {from_planes(y, call.out(), op.layout)};
  });
}

}  // namespace chipcast::kernels::reference
