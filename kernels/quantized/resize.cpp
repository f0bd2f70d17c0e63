// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/quantized/call.h"

namespace chipcast::kernels::quantized {
namespace {

struct Sides {
  std::int64_t in, out;
};

/// Neighbours along an axis and the place between them, in 1/1024 (resize_bilinear.h, its integer form).
struct Between {
  std::int64_t low, high, part;
};

Between between(std::int64_t at, Sides s, ResizeCoordinates coordinates) {
  const bool corners = coordinates == ResizeCoordinates::align_corners && s.out > 1;
  const std::int64_t step =
      corners ? (1024 * (s.in - 1) + (s.out - 1) / 2) / (s.out - 1) : (1024 * s.in + s.out / 2) / s.out;
  std::int64_t place = at * step;
  if (coordinates == ResizeCoordinates::half_pixel) place += step / 2 - 512;
  const std::int64_t low = std::max<std::int64_t>(place / 1024, 0);
  return {low, std::min((place + 1023) / 1024, s.in - 1), place - 1024 * low};
}

std::int64_t nearest(std::int64_t at, Sides s, ResizeCoordinates coordinates) {
  const bool corners = coordinates == ResizeCoordinates::align_corners && s.out > 1;
  const float scale = corners ? static_cast<float>(s.in - 1) / static_cast<float>(s.out - 1)
                              : static_cast<float>(s.in) / static_cast<float>(s.out);
  const bool half = coordinates == ResizeCoordinates::half_pixel;
  const float place = (static_cast<float>(at) + (half ? 0.5F : 0.0F)) * scale;
  const auto whole = static_cast<std::int64_t>(coordinates == ResizeCoordinates::align_corners ? std::round(place)
                                                                                               : std::floor(place));
  return std::clamp<std::int64_t>(whole, 0, s.in - 1);
}

std::int64_t rounded(std::int64_t sum) { return (sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20); }

/// Calls set(index of y, n, row, column, channel) for every element, channels last.
template <class Set>
void for_each(const Shape& shape, Set&& set) {
  std::size_t index = 0;
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t row = 0; row < shape[1]; ++row) {
      for (std::int64_t column = 0; column < shape[2]; ++column) {
        for (std::int64_t c = 0; c < shape[3]; ++c) set(index++, n, row, column, c);
      }
    }
  }
}

class Image {
 public:
  explicit Image(const Array& x) : shape_(x.shape()), values_(stored(x)) {}
  std::int64_t operator()(std::int64_t n, std::int64_t row, std::int64_t column, std::int64_t c) const {
    return values_[static_cast<std::size_t>(((n * shape_[1] + row) * shape_[2] + column) * shape_[3] + c)];
  }

 private:
  const Shape& shape_;
  Ints values_;
};

Ints resized(const Resize& resize, const Call& call) {
  const Image x(call.in(0));
  const Shape &in = call.in(0).shape(), &out = call.out().shape;
  const Sides rows{in[1], out[1]}, columns{in[2], out[2]};
  const auto coordinates = resize.coordinates.value_or(ResizeCoordinates::half_pixel);
  Ints values(static_cast<std::size_t>(call.out().elements()));
  if (resize.mode == "nearest") {
    for_each(out, [&](std::size_t i, std::int64_t n, std::int64_t row, std::int64_t column, std::int64_t c) {
      values[i] = x(n, nearest(row, rows, coordinates), nearest(column, columns, coordinates), c);
    });
    return values;
  }
  for_each(out, [&](std::size_t i, std::int64_t n, std::int64_t row, std::int64_t column, std::int64_t c) {
    const Between v = between(row, rows, coordinates), h = between(column, columns, coordinates);
    values[i] = rounded(x(n, v.low, h.low, c) * (1024 - v.part) * (1024 - h.part) +
                        x(n, v.high, h.low, c) * v.part * (1024 - h.part) +
                        x(n, v.low, h.high, c) * (1024 - v.part) * h.part + x(n, v.high, h.high, c) * v.part * h.part);
  });
  return values;
}

/// Images with channels last, and the coordinates that TensorFlow Lite has.
bool fits(const Resize& resize, const Call& call) {
  const Shape &in = call.in(0).shape(), &out = call.out().shape;
  const auto coordinates = resize.coordinates.value_or(ResizeCoordinates::half_pixel);
  const bool known = coordinates == ResizeCoordinates::half_pixel || coordinates == ResizeCoordinates::asymmetric ||
                     coordinates == ResizeCoordinates::align_corners;
  const bool nearest_rule = coordinates == ResizeCoordinates::asymmetric
                                ? resize.rounding == ResizeRounding::floor
                                : resize.rounding == ResizeRounding::round_prefer_ceil;
  const bool mode = resize.mode == "linear" || (resize.mode == "nearest" && nearest_rule);
  return mode && known && in.size() == 4 && in[0] == out[0] && in[3] == out[3] && resize.coordinate_scales.empty() &&
         !resize.exclude_outside.value_or(false);
}

}  // namespace

Arrays evaluate(const Resize& resize, const Call& call) {
  const auto y = affine_of(call.graph, call.op.outputs[0]);
  if (!y || !(*y == call.in_affine(0)) || !fits(resize, call)) {
    return resize.mode == "nearest" ? moved(call) : through_floats(call);
  }
  return {array_of(resized(resize, call), call.out())};
}

}  // namespace chipcast::kernels::quantized
