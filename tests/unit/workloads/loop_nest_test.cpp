// SPDX-License-Identifier: Apache-2.0
#include "workloads/loop_nest.h"

#include "tests/unit/workloads/graphs.h"
#include "workloads/work.h"

namespace chipcast {
namespace {

using graph_test::error_of;
using graph_test::one_op;
using ::testing::HasSubstr;

/// The nests of an operator on an input and parameters of these shapes.
std::vector<LoopNest> nests(const Attributes& attributes, const std::vector<Shape>& shapes) {
  return loop_nests(one_op(attributes, shapes), OpId(0));
}

Conv strided(std::int64_t stride, std::int64_t pad, std::int64_t groups = 1) {
  Conv op;
  op.strides = {stride, stride};
  op.pads = {pad, pad, pad, pad};
  op.groups = groups;
  return op;
}

TEST(LoopNest, OfAConvolution) {
  const auto nest = nests(strided(2, 3), {{2, 3, 224, 224}, {64, 3, 7, 7}}).at(0);
  EXPECT_EQ(nest, (LoopNest{.batch = 2,
                            .out_channels = 64,
                            .in_channels = 3,
                            .out_height = 112,
                            .out_width = 112,
                            .kernel_height = 7,
                            .kernel_width = 7,
                            .stride_h = 2,
                            .stride_w = 2,
                            .in_height = 224,
                            .in_width = 224,
                            .pad_top = 3,
                            .pad_left = 3}));
  EXPECT_EQ(nest.macs(), 2LL * 64 * 3 * 112 * 112 * 7 * 7);
}

TEST(LoopNest, OfDepthwiseOneAndThreeDimensionalConvolutions) {
  const auto depthwise = nests(strided(1, 1, 32), {{1, 32, 9, 9}, {64, 1, 3, 3}}).at(0);
  EXPECT_EQ(depthwise.groups, 32);
  EXPECT_EQ(depthwise.out_channels, 2);
  EXPECT_EQ(depthwise.in_channels, 1);
  const auto flat = nests(Conv{}, {{1, 4, 16}, {8, 4, 3}}).at(0);
  EXPECT_EQ(flat.out_height, 1);
  EXPECT_EQ(flat.out_width, 14);
  // Output depth 8 - 2 + 1 = 7 goes into batch, kernel depth 2 into the input channels.
  const auto deep = nests(Conv{}, {{1, 3, 8, 9, 10}, {5, 3, 2, 3, 4}}).at(0);
  EXPECT_EQ(deep.batch, 7);
  EXPECT_EQ(deep.in_channels, 6);
  EXPECT_EQ(deep.macs(), 5LL * 3 * (7 * 7 * 7) * (2 * 3 * 4));
}

TEST(LoopNest, OfATransposedConvolutionRunsOverTheInput) {
  ConvTranspose op;
  op.strides = {2, 2};
  const auto nest = nests(op, {{1, 8, 4, 5}, {8, 6, 3, 3}}).at(0);
  EXPECT_TRUE(nest.transposed);
  EXPECT_EQ(nest.out_height, 4);
  EXPECT_EQ(nest.out_width, 5);
  // Input elements * kernel * output channels per group.
  EXPECT_EQ(nest.macs(), (8LL * 4 * 5) * (3 * 3) * 6);
}

TEST(LoopNest, OfMatrixProducts) {
  const auto gemm = nests(Gemm{.transpose_b = true}, {{4, 7}, {3, 7}}).at(0);
  EXPECT_EQ(gemm.out_height, 4);
  EXPECT_EQ(gemm.in_channels, 7);
  EXPECT_EQ(gemm.out_channels, 3);
  // Axis of 3 heads differs in the second operand: groups; axis of 2 does not: batch.
  const auto batched = nests(Matmul{}, {{2, 1, 5, 7}, {3, 7, 4}}).at(0);
  EXPECT_EQ(batched.batch, 2);
  EXPECT_EQ(batched.groups, 3);
  EXPECT_EQ(batched.macs(), 2LL * 3 * 5 * 7 * 4);
  const auto vectors = nests(Matmul{}, {{7}, {7}}).at(0);
  EXPECT_EQ(vectors.macs(), 7);
}

TEST(LoopNest, OfRecurrentCellsHasInputAndStateProducts) {
  const auto both =
      nests(Recurrent{.cell = Cell::gru, .hidden = 16, .bidirectional = true}, {{10, 2, 8}, {2, 48, 8}, {2, 48, 16}});
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].macs(), 10LL * 2 * 2 * 48 * 8);
  EXPECT_EQ(both[1].macs(), 10LL * 2 * 2 * 48 * 16);
  EXPECT_FALSE(both[0].sequential_rows);
  EXPECT_TRUE(both[1].sequential_rows);
}

TEST(LoopNest, IsAbsentWithoutAProduct) { EXPECT_TRUE(nests(Softmax{}, {{1, 10}}).empty()); }

TEST(LoopNest, RefusesCountsBeyond63Bits) {
  // Rows 2^31 - 1, inner 2^20, columns 2^26: 2^77 multiply-accumulates, though each matrix fits.
  const Graph graph = one_op(Gemm{}, {{2147483647, 1048576}, {1048576, 67108864}});
  EXPECT_THAT(error_of([&] { loop_nests(graph, OpId(0)); }), HasSubstr("operator \"op\": needs more than 2^63"));
  EXPECT_THAT(error_of([&] { work_of(graph, OpId(0)); }), HasSubstr("needs more than 2^63"));
  EXPECT_THAT(error_of([&] { totals(graph); }), HasSubstr("needs more than 2^63"));
}

TEST(OpWindows, AreResolved) {
  Pool pool;
  pool.kernel = {3, 3};
  pool.strides = {2, 2};
  pool.pad_mode = PadMode::same_upper;
  const auto axes = op_windows(one_op(pool, {{1, 4, 6, 6}}), OpId(0));
  ASSERT_EQ(axes.size(), 2U);
  EXPECT_EQ(axes[0].pad_end, 1);
  pool.global = true;
  EXPECT_EQ(op_windows(one_op(pool, {{1, 4, 6, 5}}), OpId(0)).at(1).kernel, 5);
  EXPECT_TRUE(op_windows(one_op(Unary{}, {{4}}), OpId(0)).empty());
}

}  // namespace
}  // namespace chipcast
