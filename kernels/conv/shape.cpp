// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv/shape.h"

#include <algorithm>
#include <string>

#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

[[noreturn]] void refuse(const std::string& what) { throw InputError("conv", what); }

void at_least_one(const char* name, std::int64_t value) {
  if (value < 1) refuse(std::string(name) + " " + std::to_string(value) + " is below 1");
}

/// So that output() stays within 63 bits.
void within_extents(const char* name, std::int64_t value) {
  if (value >= -kMaxExtent && value <= kMaxExtent) return;
  refuse(std::string(name) + " " + std::to_string(value) + " is outside [-" + std::to_string(kMaxExtent) + ", " +
         std::to_string(kMaxExtent) + "]");
}

void check_extents(const ConvShape& shape, std::size_t axis) {
  at_least_one("input extent", shape.input[axis]);
  at_least_one("kernel extent", shape.kernel[axis]);
  at_least_one("stride", shape.stride[axis]);
  at_least_one("dilation", shape.dilation[axis]);
  for (const std::int64_t value : {shape.input[axis], shape.kernel[axis]}) within_extents("extent", value);
  within_extents("stride", shape.stride[axis]);
  within_extents("dilation", shape.dilation[axis]);
  for (const std::int64_t value : {shape.pad_begin[axis], shape.pad_end[axis]}) within_extents("pad", value);
  const std::int64_t extra = shape.output_padding[axis];
  const std::int64_t most = shape.transposed ? std::max(shape.stride[axis], shape.dilation[axis]) - 1 : 0;
  if (extra < 0 || extra > most) {
    refuse("output padding " + std::to_string(extra) + " is outside [0, " + std::to_string(most) +
           "]; it is for transposed convolutions and below their stride or dilation");
  }
}

void check_output(const ConvShape& shape, std::size_t axis) {
  if (shape.output()[axis] < 1) {
    refuse("kernel " + std::to_string(shape.kernel[axis]) + " with dilation " + std::to_string(shape.dilation[axis]) +
           " and pads " + std::to_string(shape.pad_begin[axis]) + ", " + std::to_string(shape.pad_end[axis]) +
           " leaves no output of an input of " + std::to_string(shape.input[axis]) +
           "; pad more or use a larger input");
  }
}

void check_sizes(const ConvShape& s) {
  const auto check_array = [](const char* name, std::int64_t first, const Extents3& axes, std::int64_t last) {
    check_type({{first, axes[0], axes[1], axes[2], last}, DType::fp32}, std::string("conv: ") + name);
  };
  check_array("input", s.batch, s.input, s.in_channels);
  check_array("output", s.batch, s.output(), s.out_channels);
  check_array("weights", s.out_channels, s.kernel, s.in_per_group());
}

}  // namespace

Extents3 ConvShape::output() const {
  Extents3 result{};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t reach = dilation[i] * (kernel[i] - 1) + 1, pads = pad_begin[i] + pad_end[i];
    if (transposed) {
      result[i] = stride[i] * (input[i] - 1) + reach - pads + output_padding[i];
    } else {
      const std::int64_t room = input[i] + pads - reach;
      result[i] = room < 0 ? 0 : room / stride[i] + 1;
    }
  }
  return result;
}

std::int64_t ConvShape::output_pixels() const {
  const Extents3 out = output();
  return batch * out[0] * out[1] * out[2];
}

std::int64_t ConvShape::macs() const {
  return (transposed ? input_pixels() : output_pixels()) * taps() * in_per_group() * out_channels;
}

void check(const ConvShape& shape) {
  at_least_one("batch", shape.batch);
  at_least_one("input channels", shape.in_channels);
  at_least_one("output channels", shape.out_channels);
  at_least_one("groups", shape.groups);
  if (shape.in_channels % shape.groups != 0 || shape.out_channels % shape.groups != 0) {
    refuse(std::to_string(shape.groups) + " groups do not divide " + std::to_string(shape.in_channels) + " input and " +
           std::to_string(shape.out_channels) + " output channels");
  }
  for (std::size_t axis = 0; axis < 3; ++axis) check_extents(shape, axis);
  for (std::size_t axis = 0; axis < 3; ++axis) check_output(shape, axis);
  check_sizes(shape);
}

}  // namespace chipcast::kernels
