// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "accelerators/ipu/amp.h"

/// Cycles of the vertices for convolutions with few channels per group: poplibs' planner model (I2). Two of them
/// multiply on the vector units of the workers.
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

/// Four taps of a row at a time on the matrix units, for groups of up to 4 channels ("SLIC"), fp16 only, strides of 1
/// and of 2 along columns.
struct Slic {
  std::int64_t rows = 1, columns = 1;
  std::int64_t kernel_height = 1, kernel_width = 1, stride = 1;
  std::int64_t group_sets = 1;         ///< sets of convolution groups
  std::int64_t groups_per_vertex = 4;  ///< 1 of 4 channels, 2 of 2, or 4, 8, 16 of 1
};
std::int64_t slic(const Amp& amp, const Slic& work);
/// One set and one row of four taps; the first one starts the sums.
std::int64_t slic_inner(const Amp& amp, const Slic& work, bool first);

/// Cycles of a dot product of `size` elements with both operands in a tile's memory.
std::int64_t dot_product(const Amp& amp, std::int64_t size);

}  // namespace chipcast::ipu
