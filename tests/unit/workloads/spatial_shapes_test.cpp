// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "tests/unit/workloads/graphs.h"

namespace chipcast {
namespace {

using graph_test::infer;
using graph_test::shape_error;
using graph_test::shape_of;
using ::testing::HasSubstr;

/// A convolution's window; lists are per axis.
Conv conv(std::vector<std::int64_t> strides, std::vector<std::int64_t> pads, std::vector<std::int64_t> dilations = {},
          std::int64_t groups = 1) {
  Conv op;
  op.strides = std::move(strides);
  op.pads = std::move(pads);
  op.dilations = std::move(dilations);
  op.groups = groups;
  return op;
}

Conv automatic(PadMode mode, std::vector<std::int64_t> strides) {
  Conv op;
  op.pad_mode = mode;
  op.strides = std::move(strides);
  return op;
}

Pool pool(std::vector<std::int64_t> kernel, std::vector<std::int64_t> strides, std::vector<std::int64_t> pads,
          bool ceil_mode) {
  Pool op;
  op.kernel = std::move(kernel);
  op.strides = std::move(strides);
  op.pads = std::move(pads);
  op.ceil_mode = ceil_mode;
  return op;
}

TEST(ConvShape, FollowsTheWindowFormula) {
  // (224 + 3 + 3 - 7) / 2 + 1 = 112
  EXPECT_EQ(shape_of(conv({2, 2}, {3, 3, 3, 3}), {{{1, 3, 224, 224}}, {{64, 3, 7, 7}}}), (Shape{1, 64, 112, 112}));
  // Reach of 3 taps at distance 2 is 5: (16 - 5) / 1 + 1 = 12
  EXPECT_EQ(shape_of(conv({}, {}, {2}), {{{2, 4, 16}}, {{8, 4, 3}}}), (Shape{2, 8, 12}));
  // Cropping: (8 - 1 - 1 - 3) + 1 = 4
  EXPECT_EQ(shape_of(conv({}, {-1, -1, -1, -1}), {{{1, 1, 8, 8}}, {{1, 1, 3, 3}}}), (Shape{1, 1, 4, 4}));
  // 3-D: (8 - 2) / 2 + 1 = 4
  EXPECT_EQ(shape_of(conv({2, 2, 2}, {}), {{{1, 3, 8, 8, 8}}, {{5, 3, 2, 2, 2}}}), (Shape{1, 5, 4, 4, 4}));
}

TEST(ConvShape, KnowsGroupsAndLayouts) {
  EXPECT_EQ(shape_of(conv({}, {1, 1, 1, 1}, {}, 32), {{{1, 32, 9, 9}}, {{32, 1, 3, 3}}, {{32}}}), (Shape{1, 32, 9, 9}));
  Conv nhwc = conv({}, {}, {}, 2);
  nhwc.layout = Layout::nhwc;
  EXPECT_EQ(shape_of(nhwc, {{{1, 9, 9, 4}}, {{6, 3, 3, 2}}, std::nullopt}), (Shape{1, 7, 7, 6}));
}

TEST(ConvShape, PadsAutomatically) {
  // ceil(5 / 2) = 3 for both; valid: (5 - 3) / 2 + 1 = 2
  const std::vector<std::optional<Shape>> inputs{{{1, 1, 5, 5}}, {{1, 1, 3, 3}}};
  EXPECT_EQ(shape_of(automatic(PadMode::same_upper, {2, 2}), inputs), (Shape{1, 1, 3, 3}));
  EXPECT_EQ(shape_of(automatic(PadMode::same_lower, {2, 2}), inputs), (Shape{1, 1, 3, 3}));
  EXPECT_EQ(shape_of(automatic(PadMode::valid, {2, 2}), inputs), (Shape{1, 1, 2, 2}));
}

TEST(WindowAxes, PutTheOddElementWhereTheModeSays) {
  // in 6, kernel 3, stride 2: out 3, padding (3 - 1) * 2 + 3 - 6 = 1
  const auto upper = window_axes(automatic(PadMode::same_upper, {2}), {6}, {3}, false, "op").at(0);
  EXPECT_EQ(upper.pad_begin, 0);
  EXPECT_EQ(upper.pad_end, 1);
  const auto lower = window_axes(automatic(PadMode::same_lower, {2}), {6}, {3}, false, "op").at(0);
  EXPECT_EQ(lower.pad_begin, 1);
  EXPECT_EQ(lower.pad_end, 0);
}

TEST(ConvShape, RefusesHostileWindows) {
  const std::vector<std::optional<Shape>> inputs{{{1, 3, 8, 8}}, {{4, 3, 3, 3}}};
  EXPECT_THAT(shape_error(conv({0, 1}, {}), inputs), HasSubstr("op: stride 0 is outside [1, 2147483647]"));
  EXPECT_THAT(shape_error(conv({1}, {}), inputs), HasSubstr("stride has 1 entries; 2 are needed"));
  EXPECT_THAT(shape_error(conv({}, {}, {-1, 1}), inputs), HasSubstr("dilation -1"));
  EXPECT_THAT(shape_error(conv({}, {-8, 0, 0, 0}), inputs), HasSubstr("which has 0 with padding"));
  EXPECT_THAT(shape_error(conv({}, {}, {4, 4}), inputs),
              HasSubstr("reaches over 9 elements of spatial axis 0, which has 8"));
  EXPECT_THAT(shape_error(conv({}, {2147483647, 0, 2147483647, 0}), inputs), HasSubstr("would be 4294967300"));
  EXPECT_THAT(shape_error(conv({}, {std::numeric_limits<std::int64_t>::max(), 0, 0, 0}), inputs),
              HasSubstr("pad 9223"));
  Conv both = automatic(PadMode::same_upper, {});
  both.pads = {1, 1, 1, 1};
  EXPECT_THAT(shape_error(both, inputs), HasSubstr("pads are given although pad_mode is same_upper"));
}

TEST(ConvShape, RefusesChannelsThatDoNotFit) {
  EXPECT_THAT(shape_error(conv({}, {}), {{{1, 3, 8, 8}}, {{4, 2, 3, 3}}}), HasSubstr("needs 3"));
  EXPECT_THAT(shape_error(conv({}, {}, {}, 2), {{{1, 3, 8, 8}}, {{4, 1, 3, 3}}}),
              HasSubstr("do not split into 2 groups"));
  EXPECT_THAT(shape_error(conv({}, {}, {}, 0), {{{1, 3, 8, 8}}, {{4, 3, 3, 3}}}), HasSubstr("0 groups"));
  EXPECT_THAT(shape_error(conv({}, {}), {{{1, 3, 8, 8}}, {{4, 3, 3, 3}}, {{5}}}),
              HasSubstr("input bias is 5; 4 is needed"));
  EXPECT_THAT(shape_error(conv({}, {}), {{{1, 3, 8, 8}}, {{4, 3, 3}}}), HasSubstr("weight is 4x3x3; 4 axes"));
  EXPECT_THAT(shape_error(conv({}, {}), {{{3, 8}}, {{4, 3}}}), HasSubstr("3 to 5 axes"));
  EXPECT_THAT(shape_error(conv({}, {}), {{{1, 3, 8, 8}}}), HasSubstr("inputs are: x, weight, bias?"));
  EXPECT_THAT(shape_error(conv({}, {}), {{{1, 3, 8, 8}}, std::nullopt}), HasSubstr("input 1 is absent"));
  EXPECT_THAT(shape_error(conv({}, {}), {{{1, 3, 8, 8}}, {{4, 3, 3, 3}}}, 2), HasSubstr("has 2 outputs"));
}

TEST(ConvTransposeShape, InvertsTheConvolution) {
  ConvTranspose op;
  op.strides = {2, 2};
  op.pads = {1, 1, 1, 1};
  // 2 * (4 - 1) + 3 - 2 = 7; with output_padding 1: 8
  EXPECT_EQ(shape_of(op, {{{1, 8, 4, 4}}, {{8, 5, 3, 3}}}), (Shape{1, 5, 7, 7}));
  op.output_padding = {1, 1};
  EXPECT_EQ(shape_of(op, {{{1, 8, 4, 4}}, {{8, 5, 3, 3}}}), (Shape{1, 5, 8, 8}));
  op.output_padding = {2, 2};
  EXPECT_THAT(shape_error(op, {{{1, 8, 4, 4}}, {{8, 5, 3, 3}}}), HasSubstr("output_padding 2"));
}

TEST(ConvTransposeShape, KnowsSameGivenShapesGroupsAndLayouts) {
  ConvTranspose op;
  op.strides = {2, 2};
  op.pad_mode = PadMode::same_upper;  // out = in * stride
  EXPECT_EQ(shape_of(op, {{{1, 8, 5, 5}}, {{8, 2, 3, 3}}}), (Shape{1, 2, 10, 10}));
  op.pad_mode = PadMode::explicit_pads;
  op.output_shape = {9, 10};
  op.groups = 4;  // 2 output channels per group
  EXPECT_EQ(shape_of(op, {{{1, 8, 5, 5}}, {{8, 2, 3, 3}}, {{8}}}), (Shape{1, 8, 9, 10}));
  op.layout = Layout::nhwc;
  EXPECT_EQ(shape_of(op, {{{1, 5, 5, 8}}, {{2, 3, 3, 8}}}), (Shape{1, 9, 10, 8}));
  EXPECT_THAT(shape_error(op, {{{1, 5, 5, 8}}, {{2, 3, 3, 7}}}), HasSubstr("has 7 input channels"));
}

TEST(PoolShape, RoundsDownOrUp) {
  // floor((6 - 3) / 2) + 1 = 2, ceil = 3
  EXPECT_EQ(shape_of(pool({3, 3}, {2, 2}, {}, false), {{{1, 4, 6, 6}}}), (Shape{1, 4, 2, 2}));
  EXPECT_EQ(shape_of(pool({3, 3}, {2, 2}, {}, true), {{{1, 4, 6, 6}}}), (Shape{1, 4, 3, 3}));
  // ceil((5 + 2 - 2) / 3) + 1 = 3 windows would start at 0, 3, 6; 6 lies beyond the input and its left padding
  // (5 + 1): dropped.
  EXPECT_EQ(shape_of(pool({2}, {3}, {1, 1}, true), {{{1, 1, 5}}}), (Shape{1, 1, 2}));
}

TEST(PoolShape, IsGlobalAndGivesIndices) {
  Pool global;
  global.global = true;
  EXPECT_EQ(shape_of(global, {{{1, 4, 6, 6}}}), (Shape{1, 4, 1, 1}));
  global.layout = Layout::nhwc;
  EXPECT_EQ(shape_of(global, {{{1, 6, 6, 4}}}), (Shape{1, 1, 1, 4}));
  const auto both = infer(pool({2, 2}, {2, 2}, {}, false), {{{1, 4, 6, 6}}}, 2);
  EXPECT_EQ(both[1].shape, both[0].shape);
  EXPECT_EQ(both[1].dtype, DType::int64);
  EXPECT_THAT(shape_error(Pool{}, {{{1, 4, 6, 6}}}), HasSubstr("kernel is missing"));
  EXPECT_THAT(shape_error(pool({2}, {}, {}, false), {{{1, 4, 6, 6}}}), HasSubstr("kernel has 1 spatial axes"));
  EXPECT_THAT(shape_error(pool({0, 2}, {}, {}, false), {{{1, 4, 6, 6}}}), HasSubstr("kernel 0"));
}

TEST(SpaceDepthShape, MovesBetweenSpaceAndChannels) {
  EXPECT_EQ(shape_of(SpaceDepth{.block = 2}, {{{1, 12, 3, 5}}}), (Shape{1, 3, 6, 10}));
  EXPECT_EQ(shape_of(SpaceDepth{.block = 2, .to_depth = true}, {{{1, 3, 6, 10}}}), (Shape{1, 12, 3, 5}));
  EXPECT_EQ(shape_of(SpaceDepth{.block = 2, .layout = Layout::nhwc}, {{{1, 3, 5, 12}}}), (Shape{1, 6, 10, 3}));
  EXPECT_THAT(shape_error(SpaceDepth{.block = 2}, {{{1, 6, 3, 5}}}), HasSubstr("not a multiple of 4"));
  EXPECT_THAT(shape_error(SpaceDepth{.block = 0}, {{{1, 6, 3, 5}}}), HasSubstr("block 0"));
  EXPECT_THAT(shape_error(SpaceDepth{.block = 4'000'000'000}, {{{1, 6, 3, 5}}}), HasSubstr("block"));
}

TEST(ResizeShape, TakesSizesOrScales) {
  EXPECT_EQ(shape_of(Resize{.sizes = {1, 3, 7, 9}}, {{{1, 3, 4, 4}}}), (Shape{1, 3, 7, 9}));
  // floor(5 * 1.5) = 7
  EXPECT_EQ(shape_of(Resize{.scales = {1, 1, 1.5, 2}}, {{{1, 3, 5, 4}}}), (Shape{1, 3, 7, 8}));
  EXPECT_THAT(shape_error(Resize{}, {{{1, 3, 4, 4}}}), HasSubstr("either sizes or scales"));
  EXPECT_THAT(shape_error(Resize{.scales = {2, 2}}, {{{1, 3, 4, 4}}}), HasSubstr("scales has 2 entries"));
  EXPECT_THAT(shape_error(Resize{.sizes = {1, 3, 0, 9}}, {{{1, 3, 4, 4}}}), HasSubstr("extent 0"));
  for (const double scale : {0.0, -1.0, 1e300, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT(shape_error(Resize{.scales = {scale}}, {{{4}}}), HasSubstr("gives no extent")) << scale;
  }
  EXPECT_THAT(shape_error(Resize{.sizes = {4}, .mode = "bilinear"}, {{{4}}}),
              HasSubstr("mode \"bilinear\" is not known"));
}

TEST(ChannelShuffleShape, NeedsDivisibleChannels) {
  EXPECT_EQ(shape_of(ChannelShuffle{.groups = 3}, {{{1, 12, 3, 5}}}), (Shape{1, 12, 3, 5}));
  EXPECT_THAT(shape_error(ChannelShuffle{.groups = 5}, {{{1, 12, 3, 5}}}), HasSubstr("do not split into 5 groups"));
}

}  // namespace
}  // namespace chipcast
