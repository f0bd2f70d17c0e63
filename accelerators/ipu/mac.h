// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "accelerators/ipu/amp.h"

/// Cycles of the vertices that multiply on the vector units of the workers: poplibs' planner model (I2). They serve
/// convolutions with few channels per group.
namespace chipcast::ipu {

/// Sums along the input channels of a position ("horizontal"), any format.
struct HorizontalMac {
  std::int64_t rows = 1, columns = 1, taps = 1;
  std::int64_t groups = 1, in_channels = 1, out_channels = 1;
};
std::int64_t horizontal_mac(const Amp& amp, const HorizontalMac& work);

/// One position of `groups_per_vertex` (4, 8, 16) depthwise channels at a time ("vertical"), fp16 only.
struct VerticalMac {
  std::int64_t positions = 1, kernel_height = 1, kernel_width = 1;
  std::int64_t group_sets = 1;  ///< how many such sets of channels
  std::int64_t groups_per_vertex = 4;
};
std::int64_t vertical_mac(const Amp& amp, const VerticalMac& work);

/// Cycles of a dot product of `size` elements with both operands in a tile's memory.
std::int64_t dot_product(const Amp& amp, std::int64_t size);

}  // namespace chipcast::ipu
