// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "accelerators/tile_geometry.h"

namespace chipcast {
namespace {

/// A position of a transposed convolution scatters its kernel: it reads itself and no neighbour.
TEST(TransposedTiles, HaveNoHaloInTheirInputs) {
  LoopNest nest{.out_channels = 5,
                .in_channels = 3,
                .out_height = 9,
                .out_width = 8,
                .kernel_height = 4,
                .kernel_width = 4,
                .in_height = 9,
                .in_width = 8};
  const OpTile tile{.out_channels = 5, .in_channels = 3, .out_height = 2, .out_width = 8};
  EXPECT_EQ(input_elements(nest, tile), 3 * (2 + 3) * 8);
  nest.transposed = true;
  EXPECT_EQ(input_elements(nest, tile), 3 * 2 * 8);
  EXPECT_EQ(input_elements(nest, whole_tile(nest)), 3 * 9 * 8);
}

}  // namespace
}  // namespace chipcast
