// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/product.h"

#include <algorithm>

namespace chipcast::ipu {

std::int64_t window(std::int64_t out, std::int64_t stride, std::int64_t kernel, std::int64_t dilation,
                    std::int64_t available) {
  return std::min(available, (out - 1) * stride + (kernel - 1) * dilation + 1);
}

Product product_of(const OpDescription& op, const LoopNest& nest) {
  Product p;
  p.groups = nest.groups;
  p.out_channels = nest.out_channels;
  p.in_channels = nest.in_channels;
  p.dtype = op.compute_dtype;
  p.constant_weights = op.inputs.size() > 1 && op.inputs[1].parameter;
  const std::int64_t positions = nest.batch * nest.out_height * nest.out_width;
  if (nest.kernel_height * nest.kernel_width == 1) {
    p.columns = p.in_columns = positions;  // of a strided one, only what is read is sent
    return p;
  }
  p.batch = nest.batch;
  p.rows = nest.out_height;
  p.columns = nest.out_width;
  p.kernel_h = nest.kernel_height;
  p.kernel_w = nest.kernel_width;
  p.stride_h = nest.stride_h;
  p.stride_w = nest.stride_w;
  p.dilation_h = nest.dilation_h;
  p.dilation_w = nest.dilation_w;
  p.in_rows = nest.in_height;
  p.in_columns = nest.in_width;
  if (nest.transposed) {
    const std::int64_t results = op.output_bytes.count() * 8 / bits_of(op.compute_dtype);
    p.results_per_position = std::max<std::int64_t>(1, ceil_div(results, positions * nest.groups * nest.out_channels));
  }
  return p;
}

std::optional<ConvUnits> units_for(const Config& config, DType dtype) {
  const DType partials = dtype == DType::fp16 ? config.partials : DType::fp32;
  for (const ConvUnits& entry : config.conv_units) {
    if (entry.dtype == dtype && entry.partials == partials) return entry;
  }
  return std::nullopt;
}

}  // namespace chipcast::ipu
