// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/windows.h"

#include <algorithm>
#include <cmath>

#include "accelerators/tile_geometry.h"

namespace chipcast::ethos_u {
namespace {

std::int64_t input_count(const OpDescription& op) {
  return std::max(result_count(op), op.input_bytes.count() * 8 / bits_of(op.compute_dtype));
}

/// Smallest stride whose largest plane (nothing cropped, all that may be added) holds so many results.
std::int64_t least_spread(const LoopNest& nest, std::int64_t plane) {
  std::int64_t stride = 1;
  const auto extent = [&](std::int64_t in, std::int64_t kernel) {
    return in == 1 && kernel == 1 ? 1 : in * stride + kernel - 1;
  };
  while (extent(nest.in_height, nest.kernel_height) * extent(nest.in_width, nest.kernel_width) < plane) ++stride;
  return stride;
}

}  // namespace

std::int64_t result_count(const OpDescription& op) {
  return std::max<std::int64_t>(1, op.output_bytes.count() * 8 / bits_of(op.compute_dtype));
}

std::int64_t window_taps(const OpDescription& op) {
  if (op.op_class != OpClass::pool) return std::max<std::int64_t>(1, input_count(op) / result_count(op));
  return std::max<std::int64_t>(1, op.element_ops.count() / result_count(op));
}

bool one_window(const OpDescription& op) {
  if (op.op_class != OpClass::pool || op.label.starts_with("global_")) return true;
  const std::int64_t inputs = input_count(op), results = result_count(op);
  return inputs == results * window_taps(op) && window_stride(inputs, results) > kLargestStride;
}

std::int64_t window_stride(std::int64_t inputs, std::int64_t results) {
  const double scale = std::sqrt(static_cast<double>(inputs) / static_cast<double>(results));
  return std::max<std::int64_t>(1, std::llround(scale));
}

std::int64_t spread_of(const OpDescription& op) {
  if (!op.single_nest() || !op.nests.front().transposed) return 1;
  const LoopNest& nest = op.nests.front();
  const std::int64_t plane = result_count(op) / (nest.batch * nest.groups * nest.out_channels);
  const double growth = static_cast<double>(plane) / static_cast<double>(nest.in_height * nest.in_width);
  const bool one_row = nest.in_height == 1 && nest.kernel_height == 1;
  const std::int64_t stride = std::max<std::int64_t>(1, std::llround(one_row ? growth : std::sqrt(growth)));
  const bool small = nest.in_width < nest.kernel_width || nest.in_height < nest.kernel_height;
  return small && stride > 2 ? least_spread(nest, plane) : stride;
}

}  // namespace chipcast::ethos_u
