// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv/geometry.h"

#include <algorithm>

namespace chipcast::kernels::conv_detail {

namespace {

AxisPart ordinary(const ConvShape& shape, std::size_t axis) {
  AxisPart part;
  part.outputs = shape.output()[axis];
  part.step = shape.stride[axis];
  for (std::int64_t k = 0; k < shape.kernel[axis]; ++k) {
    part.taps.push_back({k, k * shape.dilation[axis] - shape.pad_begin[axis]});
  }
  return part;
}

/// Output o receives input i through tap k where o = i * stride + k * dilation - pad. For o = phase + stride * j that
/// is i = j + (phase + pad - k * dilation) / stride, for the taps that divide.
AxisPart phase_of(const ConvShape& shape, std::size_t axis, std::int64_t phase) {
  const std::int64_t stride = shape.stride[axis], outputs = shape.output()[axis];
  AxisPart part;
  part.outputs = outputs > phase ? (outputs - phase - 1) / stride + 1 : 0;
  part.first = phase;
  part.spacing = stride;
  for (std::int64_t k = shape.kernel[axis] - 1; k >= 0; --k) {
    const std::int64_t distance = phase + shape.pad_begin[axis] - k * shape.dilation[axis];
    if (distance % stride == 0) part.taps.push_back({k, distance / stride});
  }
  return part;
}

std::vector<AxisPart> parts_of_axis(const ConvShape& shape, std::size_t axis) {
  if (!shape.transposed) return {ordinary(shape, axis)};
  std::vector<AxisPart> phases;
  for (std::int64_t phase = 0; phase < shape.stride[axis]; ++phase) {
    AxisPart part = phase_of(shape, axis, phase);
    if (part.outputs > 0) phases.push_back(std::move(part));
  }
  return phases;
}

}  // namespace

std::int64_t AxisPart::lowest() const {
  std::int64_t low = taps.front().offset;
  for (const Tap& tap : taps) low = std::min(low, tap.offset);
  return low;
}

std::int64_t AxisPart::highest() const {
  std::int64_t high = taps.front().offset;
  for (const Tap& tap : taps) high = std::max(high, tap.offset);
  return high + (outputs - 1) * step;
}

bool AxisPart::taps_adjacent() const {
  for (std::size_t i = 1; i < taps.size(); ++i) {
    if (taps[i].offset != taps[i - 1].offset + 1) return false;
  }
  return true;
}

std::int64_t Part::taps() const {
  return static_cast<std::int64_t>(axes[0].taps.size() * axes[1].taps.size() * axes[2].taps.size());
}

std::vector<Part> parts_of(const ConvShape& shape) {
  std::vector<Part> parts;
  for (const AxisPart& z : parts_of_axis(shape, 0)) {
    for (const AxisPart& y : parts_of_axis(shape, 1)) {
      for (const AxisPart& x : parts_of_axis(shape, 2)) parts.push_back({{z, y, x}});
    }
  }
  return parts;
}

std::int64_t output_pixel(const ConvShape& shape, const Part& part, std::int64_t row) {
  const Extents3 out = shape.output();
  std::int64_t place = 0, count = 1;
  for (std::size_t axis = 3; axis-- > 0; count *= out[axis]) {
    const AxisPart& along = part.axes[axis];
    place += (along.first + row % along.outputs * along.spacing) * count;
    row /= along.outputs;
  }
  return place + row * count;
}

}  // namespace chipcast::kernels::conv_detail
