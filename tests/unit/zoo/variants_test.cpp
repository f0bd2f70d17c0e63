// SPDX-License-Identifier: Apache-2.0
// Where a public file departs from the paper: by exactly how much, with the arithmetic.
#include "count.h"

namespace chipcast {
namespace {

using namespace zoo_test;

TEST(zoo_variants, mobilenet_v2_of_ncnn_has_one_more_convolution) {
  const Graph paper = zoo_network("mobilenet_v2"), file = zoo_network("mobilenet_v2_ncnn");
  // A 1x1 convolution 32 -> 32 at 112x112 ahead of the first depthwise one, where the expansion is 1.
  EXPECT_EQ(macs(file) - macs(paper), 32 * 32 * 112 * 112);
  EXPECT_EQ(folded(file) - folded(paper), 32 * 32 + 32);
}

TEST(zoo_variants, resnet18_of_ncnn_has_one_more_projection) {
  const Graph paper = zoo_network("resnet18"), file = zoo_network("resnet18_ncnn");
  // A 1x1 convolution 64 -> 64 at 56x56 on the shortcut of the first block, which the paper leaves as it is.
  EXPECT_EQ(macs(file) - macs(paper), 64 * 64 * 56 * 56);
  EXPECT_EQ(folded(file) - folded(paper), 64 * 64 + 64);
}

TEST(zoo_variants, resnet50_v1_5_moves_three_strides) {
  const Graph v1 = zoo_network("resnet50"), v1_5 = zoo_network("resnet50_v1_5");
  // The first 1x1 of stages 3 to 5 runs on the plane before the stride: three more quarters of a plane.
  const std::int64_t moved =
      256 * 128 * (56 * 56 - 28 * 28) + 512 * 256 * (28 * 28 - 14 * 14) + 1024 * 512 * (14 * 14 - 7 * 7);
  EXPECT_EQ(macs(v1_5) - macs(v1), moved);
  EXPECT_EQ(stored(v1_5), stored(v1));
}

TEST(zoo_variants, squeezenet_of_ncnn_pads_its_last_convolution) {
  const Graph plain = zoo_network("squeezenet1_1", {.resolution = 227}), file = zoo_network("squeezenet1_1_ncnn");
  // 14x14 becomes 16x16 ahead of 512 -> 1000.
  EXPECT_EQ(macs(file) - macs(plain), 512 * 1000 * (16 * 16 - 14 * 14));
  EXPECT_EQ(stored(file), stored(plain));
}

/// Convolutions of a MobileNetV3 block without squeeze-and-excitation, with its biases after folding.
struct Bottleneck {
  std::int64_t in, kernel, expanded, out, squeezed, plane_in, plane_out;

  std::int64_t expand() const { return in == expanded ? 0 : in * expanded; }
  std::int64_t macs() const {
    return expand() * plane_in + kernel * kernel * expanded * plane_out + expanded * out * plane_out +
           2 * expanded * squeezed;
  }
  std::int64_t parameters() const {
    const std::int64_t biases = (in == expanded ? 0 : expanded) + expanded + out + squeezed + expanded;
    return expand() + kernel * kernel * expanded + expanded * out + 2 * expanded * squeezed + biases;
  }
};

TEST(zoo_variants, mobilenet_v3_of_ncnn_widens_one_block_early) {
  const std::int64_t p14 = 14 * 14, p7 = 7 * 7;
  // Paper: 112 -> 160 with stride 2, then 160 -> 160 by 960. File: 112 -> 160 at 14x14, then 160 -> 160 by 672 with
  // stride 2. The file squeezes to exactly a quarter (168, 240); the paper's code rounds to multiples of 8, which
  // changes only 72 -> 18 (24) and 120 -> 30 (32).
  const Bottleneck paper13{112, 5, 672, 160, 168, p14, p7}, paper14{160, 5, 960, 160, 240, p7, p7};
  const Bottleneck file13{112, 5, 672, 160, 168, p14, p14}, file14{160, 5, 672, 160, 168, p14, p7};
  const std::int64_t fewer_squeezed = 2 * 72 * (24 - 18) + 2 * (2 * 120 * (32 - 30));
  const std::int64_t fewer_biases = (24 - 18) + 2 * (32 - 30);
  const Graph paper = zoo_network("mobilenet_v3_large"), file = zoo_network("mobilenet_v3_large_ncnn");
  EXPECT_EQ(macs(file) - macs(paper), file13.macs() + file14.macs() - paper13.macs() - paper14.macs() - fewer_squeezed);
  EXPECT_EQ(folded(file) - folded(paper), file13.parameters() + file14.parameters() - paper13.parameters() -
                                              paper14.parameters() - fewer_squeezed - fewer_biases);
}

}  // namespace
}  // namespace chipcast
