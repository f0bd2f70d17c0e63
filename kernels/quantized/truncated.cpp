// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/quantized/products.h"
#include "kernels/reference/planes.h"

/// Fixed point as row-stationary arrays of 16 bits have it: a product of 32 bits loses its lower bits before it joins a
/// sum of 16 (Chen et al., JSSC 2017, section V-B). A chip shifts; the multiplier here is that of the scales.
namespace chipcast::kernels::quantized {
namespace {

/// x * m, the fraction dropped: floor, as two's complement has it. |x| < 2^31.
struct Dropping {
  std::int64_t multiplier;
  int shift;  ///< to the right

  explicit Dropping(FixedMultiplier m) : multiplier(m.multiplier), shift(31 - m.shift) {}
  std::int64_t operator()(std::int64_t x) const { return (x * multiplier) >> shift; }
  /// Of a bias, which may have more bits.
  std::int64_t wide(std::int64_t x) const {
    const double whole = std::floor(static_cast<double>(x) * std::ldexp(static_cast<double>(multiplier), -shift));
    return static_cast<std::int64_t>(std::clamp(whole, -1e9, 1e9));
  }
};

Dropping dropping(const ProductOutput& output, std::int64_t channel) {
  return Dropping(output.multipliers[output.multipliers.size() == 1 ? 0 : static_cast<std::size_t>(channel)]);
}

std::int64_t bias_at(const Ints& bias, std::int64_t channel) {
  return bias.empty() ? 0 : bias[static_cast<std::size_t>(channel)];
}

std::int64_t saturated(std::int64_t sum, const Call& call, const ProductOutput& output) {
  const Range range = range_of(call.out().dtype);
  return std::clamp(sum + output.zero_point, std::int64_t{range.low}, std::int64_t{range.high});
}

/// A line of outputs gains the products of a line of inputs with one weight; output 0 meets input `shift`.
void add_line(const std::int64_t* in, std::int64_t weight, const WindowAxis& axis, std::int64_t shift,
              const Dropping& drop, std::int64_t* out) {
  const std::int64_t first = shift >= 0 ? 0 : (-shift + axis.stride - 1) / axis.stride;
  const std::int64_t last = shift >= axis.in ? 0 : std::min(axis.out, (axis.in - 1 - shift) / axis.stride + 1);
  for (std::int64_t x = first; x < last; ++x) out[x] += drop(in[x * axis.stride + shift] * weight);
}

/// All products of a plane of inputs with a filter's plane.
void add_plane(const std::int64_t* in, const std::int64_t* filter, const std::array<WindowAxis, 3>& axes,
               const Dropping& drop, std::int64_t* out) {
  const auto place = [&](std::size_t axis, std::int64_t at, std::int64_t tap) {
    return at * axes[axis].stride + tap * axes[axis].dilation - axes[axis].pad_begin;
  };
  const std::int64_t rows = axes[1].out, kernel_rows = axes[1].kernel, taps = axes[2].kernel;
  for (std::int64_t line = 0; line < axes[0].out * rows; ++line) {
    for (std::int64_t tap = 0; tap < axes[0].kernel * kernel_rows; ++tap) {
      const std::int64_t z = place(0, line / rows, tap / kernel_rows), y = place(1, line % rows, tap % kernel_rows);
      if (z < 0 || z >= axes[0].in || y < 0 || y >= axes[1].in) continue;
      const std::int64_t* from = in + (z * axes[1].in + y) * axes[2].in;
      for (std::int64_t x = 0; x < taps; ++x) {
        add_line(from, filter[tap * taps + x], axes[2], place(2, 0, x), drop, out + line * axes[2].out);
      }
    }
  }
}

/// A matrix of centred values, transposed as asked.
struct Centred {
  Ints values;
  std::int64_t row_step, column_step;

  Centred(const Array& array, const Affine& affine, bool transpose)
      : values(stored(centred(array, affine))),
        row_step(transpose ? 1 : array.shape()[1]),
        column_step(transpose ? array.shape()[1] : 1) {}
  std::int64_t at(std::int64_t row, std::int64_t column) const {
    return values[static_cast<std::size_t>(row * row_step + column * column_step)];
  }
};

}  // namespace

Array truncated(const Conv& conv, const Call& call, const ProductOutput& output) {
  const auto axes =
      reference::three_axes(window_axes(conv, spatial_extents(call.in(0).shape(), conv.layout, call.place),
                                        kernel_extents(call.in(1).shape(), conv.layout), false, call.place));
  const auto x = reference::planes<std::int64_t>(centred(call.in(0), call.in_affine(0)), conv.layout);
  const auto w = reference::planes<std::int64_t>(centred(call.in(1), call.in_affine(1)), conv.layout);
  auto y = reference::empty_planes<std::int64_t>(call.out(), conv.layout);
  const Ints bias = stored_bias(call);
  const std::int64_t per_group = y.channels / conv.groups;
  for (std::int64_t n = 0; n < y.batch; ++n) {
    for (std::int64_t o = 0; o < y.channels; ++o) {
      const auto out = y.plane(n, o);
      const Dropping drop = dropping(output, o);
      std::ranges::fill(out, drop.wide(bias_at(bias, o)));
      for (std::int64_t i = 0; i < w.channels; ++i) {
        add_plane(x.plane(n, o / per_group * w.channels + i).data(), w.plane(o, i).data(), axes, drop, out.data());
      }
      for (auto& sum : out) sum = saturated(sum, call, output);
    }
  }
  return reference::from_planes(y, call.out(), conv.layout);
}

Array truncated(const Gemm& gemm, const Call& call, const ProductOutput& output) {
  const Centred a(call.in(0), call.in_affine(0), gemm.transpose_a);
  const Centred b(call.in(1), call.in_affine(1), gemm.transpose_b);
  const std::int64_t rows = call.out().shape[0], columns = call.out().shape[1];
  const std::int64_t depth = call.in(0).shape()[gemm.transpose_a ? 0 : 1];
  const Ints bias = stored_bias(call);
  Ints values;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const Dropping drop = dropping(output, column);
      std::int64_t sum = drop.wide(bias_at(bias, column));
      for (std::int64_t k = 0; k < depth; ++k) sum += drop(a.at(row, k) * b.at(k, column));
      values.push_back(saturated(sum, call, output));
    }
  }
  return array_of(values, call.out());
}

}  // namespace chipcast::kernels::quantized
