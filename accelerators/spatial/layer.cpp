// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/layer.h"

#include "accelerators/spatial/tile_size.h"
#include "sim/base/check.h"

namespace chipcast::spatial {

std::int64_t Layer::macs() const {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes) product *= size;
  return product;
}

std::int64_t Layer::elements(Operand operand) const {
  std::array<double, kLoopDims> whole{};
  for (std::size_t d = 0; d < kLoopDims; ++d) whole[d] = static_cast<double>(sizes[d]);
  return static_cast<std::int64_t>(tile_size(*this, operand, whole));
}

Layer layer_of(const OpDescription& op, const LoopNest& nest, std::int64_t partial_bits) {
  Layer layer;
  layer.sizes = {nest.batch,      nest.groups,    nest.out_channels,  nest.in_channels,
                 nest.out_height, nest.out_width, nest.kernel_height, nest.kernel_width};
  layer.stride_y = nest.stride_h;
  layer.stride_x = nest.stride_w;
  layer.dilation_y = nest.dilation_h;
  layer.dilation_x = nest.dilation_w;
  // Products of matrices have their rows in out_height and no window.
  layer.in_height = std::max<std::int64_t>(nest.in_height, 1);
  layer.in_width = std::max<std::int64_t>(nest.in_width, 1);
  if (nest.kernel_height == 1) layer.in_height = std::max(layer.in_height, nest.out_height);
  if (nest.kernel_width == 1) layer.in_width = std::max(layer.in_width, nest.out_width);
  layer.weight_bits = bits_of(op.weight_dtype);
  layer.input_bits = layer.output_bits = bits_of(op.compute_dtype);
  layer.partial_bits = partial_bits;
  return layer;
}

void check_layer(const Layer& layer, const std::string& place) {
  double product = 1.0;
  for (const std::int64_t size : layer.sizes) product *= static_cast<double>(size);
  if (product <= 4503599627370496.0) return;
  throw InputError(place, "its loops multiply to more than 2^52; cut it into smaller operators");
}

}  // namespace chipcast::spatial
