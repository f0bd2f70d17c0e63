// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/reference/call.h"
#include "kernels/reference/indices.h"
#include "kernels/reference/resize_terms.h"

namespace chipcast::kernels::reference {
namespace {

/// Place in the input of place `at` in the output; formulas of ONNX Resize's coordinate_transformation_mode.
double source(ResizeCoordinates mode, double at, double scale, std::int64_t in, std::int64_t out) {
  const auto extent = static_cast<double>(in), result = static_cast<double>(out);
  switch (mode) {
    case ResizeCoordinates::asymmetric:
      return at / scale;
    case ResizeCoordinates::align_corners:
      return out == 1 ? 0.0 : at * (extent - 1.0) / (result - 1.0);
    case ResizeCoordinates::pytorch_half_pixel:
      return out == 1 ? 0.0 : (at + 0.5) / scale - 0.5;
    case ResizeCoordinates::half_pixel_symmetric: {
      const double adjustment = result / (scale * extent), centre = extent / 2.0;
      return centre * (1.0 - adjustment) + (at + 0.5) / scale - 0.5;
    }
    case ResizeCoordinates::half_pixel:
      break;
  }
  return (at + 0.5) / scale - 0.5;
}

std::int64_t rounded(ResizeRounding mode, double at) {
  switch (mode) {
    case ResizeRounding::floor:
      return static_cast<std::int64_t>(std::floor(at));
    case ResizeRounding::ceil:
      return static_cast<std::int64_t>(std::ceil(at));
    case ResizeRounding::round_prefer_ceil:
      return static_cast<std::int64_t>(std::floor(at + 0.5));
    case ResizeRounding::round_prefer_floor:
      break;
  }
  return static_cast<std::int64_t>(std::ceil(at - 0.5));
}

/// Keys' cubic convolution (doi:10.1109/TASSP.1981.1163711) at distance `d` with coefficient a.
double cubic(double d, double a) {
  d = std::fabs(d);
  if (d <= 1.0) return ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0;
  return d < 2.0 ? ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a : 0.0;
}

/// Neighbours before they are brought inside.
Terms neighbours(const Resize& op, double at) {
  const auto first = static_cast<std::int64_t>(std::floor(at));
  if (op.mode == "nearest") {
    return {{rounded(op.rounding.value_or(ResizeRounding::round_prefer_floor), at), 1.0}};
  }
  const double fraction = at - std::floor(at);
  if (op.mode == "linear") return {{first, 1.0 - fraction}, {first + 1, fraction}};
  Terms out;
  for (std::int64_t i = -1; i <= 2; ++i) {
    out.push_back({first + i, cubic(static_cast<double>(i) - fraction, op.cubic_coefficient.value_or(-0.75))});
  }
  return out;
}

Terms terms(const Resize& op, double at, std::int64_t extent) {
  Terms out = neighbours(op, at);
  double total = 0.0;
  for (auto& term : out) {
    const bool outside = term.at < 0 || term.at >= extent;
    if (outside && op.exclude_outside.value_or(false)) term.weight = 0.0;
    term.at = std::clamp<std::int64_t>(term.at, 0, extent - 1);
    total += term.weight;
  }
  if (op.exclude_outside.value_or(false)) {
    for (auto& term : out) term.weight /= total;
  }
  return out;
}

}  // namespace

std::vector<Terms> axis_terms(const Resize& op, std::size_t axis, std::int64_t in, std::int64_t out) {
  double scale = static_cast<double>(out) / static_cast<double>(in);
  if (!op.scales.empty()) scale = op.scales[axis];
  if (!op.coordinate_scales.empty()) scale = op.coordinate_scales[axis];
  const auto mode = op.coordinates.value_or(ResizeCoordinates::half_pixel);
  std::vector<Terms> result;
  for (std::int64_t i = 0; i < out; ++i) {
    // An axis that keeps its extent keeps its elements.
    const double at =
        in == out && scale == 1.0 ? static_cast<double>(i) : source(mode, static_cast<double>(i), scale, in, out);
    result.push_back(terms(op, at, in));
  }
  return result;
}

namespace {

Values<double> resized_axis(const Values<double>& x, const AlongAxis& from, const std::vector<Terms>& all) {
  const AlongAxis to{from.outer, static_cast<std::int64_t>(all.size()), from.inner};
  Values<double> y(static_cast<std::size_t>(to.outer * to.extent * to.inner));
  for (std::int64_t o = 0; o < to.outer; ++o) {
    for (std::int64_t k = 0; k < to.extent; ++k) {
      for (std::int64_t i = 0; i < to.inner; ++i) {
        double sum = 0.0;
        for (const auto& term : all[static_cast<std::size_t>(k)]) {
          sum += term.weight * x[static_cast<std::size_t>(from.at(o, term.at, i))];
        }
        y[static_cast<std::size_t>(to.at(o, k, i))] = sum;
      }
    }
  }
  return y;
}

}  // namespace

Arrays evaluate(const Resize& op, const Call& call) {
  const Array& x = call.in(0);
  Shape shape = x.shape();
  if (!op.coordinate_scales.empty() && op.coordinate_scales.size() != shape.size()) {
    call.fail("coordinate_scales has " + std::to_string(op.coordinate_scales.size()) + " entries; " +
              std::to_string(shape.size()) + " are needed (or none)");
  }
  const bool nearest = op.mode == "nearest";
  if (!nearest) call.expect_float();
  Values<double> values = nearest ? Values<double>{} : unpack<double>(x);
  std::vector<Offsets> coordinates(shape.size());
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const auto all = axis_terms(op, axis, x.shape()[axis], call.out().shape[axis]);
    for (const auto& one : all) coordinates[axis].push_back(one.front().at);
    if (nearest || shape[axis] == call.out().shape[axis]) continue;
    values = resized_axis(values, along(shape, axis), all);
    shape[axis] = call.out().shape[axis];
  }
  if (!nearest) return {pack(values, call.out())};
  const auto bits = unpack_bits(x);
  std::vector<std::uint64_t> out;
  for (const auto place : offsets(coordinates, strides_of(x.shape())))
    out.push_back(bits[static_cast<std::size_t>(place)]);
  return {pack_bits(out, call.out())};
}

}  // namespace chipcast::kernels::reference
