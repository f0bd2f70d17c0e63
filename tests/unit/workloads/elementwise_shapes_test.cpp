// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/unit/workloads/graphs.h"

namespace chipcast {
namespace {

using graph_test::infer;
using graph_test::shape_error;
using graph_test::shape_of;
using ::testing::HasSubstr;

DType format(const Attributes& attributes, const std::vector<TensorType>& inputs) {
  std::vector<const TensorType*> pointers;
  for (const auto& type : inputs) pointers.push_back(&type);
  return infer_shapes(attributes, pointers, 1, "op").at(0).dtype;
}

TEST(UnaryShape, KeepsShapeAndFormat) {
  EXPECT_EQ(shape_of(Unary{}, {{{2, 3}}}), (Shape{2, 3}));
  EXPECT_EQ(shape_of(Unary{}, {{Shape{}}}), Shape{});
  EXPECT_EQ(format(Unary{}, {{{2}, DType::int8}}), DType::int8);
  EXPECT_EQ(format(Unary{.function = UnaryFunction::is_nan}, {{{2}, DType::fp16}}), DType::boolean);
  EXPECT_THAT(shape_error(Unary{.function = UnaryFunction::clip, .min = 6.0, .max = 0.0}, {{{2}}}),
              HasSubstr("is above max"));
  EXPECT_THAT(shape_error(Unary{.alpha = std::nan("")}, {{{2}}}), HasSubstr("alpha is not a finite number"));
}

TEST(BinaryShape, BroadcastsFromTheRight) {
  EXPECT_EQ(shape_of(Binary{}, {{{2, 1, 4}}, {{3, 1}}}), (Shape{2, 3, 4}));
  EXPECT_EQ(shape_of(Binary{}, {{Shape{}}, {{3, 1}}}), (Shape{3, 1}));
  EXPECT_THAT(shape_error(Binary{}, {{{2, 3}}, {{2}}}), HasSubstr("shapes 2x3 and 2 do not broadcast"));
}

TEST(BinaryShape, TakesTheWiderFormat) {
  EXPECT_EQ(format(Binary{}, {{{2}, DType::int8}, {{2}, DType::int32}}), DType::int32);
  EXPECT_EQ(format(Binary{}, {{{2}, DType::int64}, {{2}, DType::fp16}}), DType::fp16);
  EXPECT_EQ(format(Binary{.function = BinaryFunction::less}, {{{2}, DType::fp32}, {{2}, DType::fp32}}), DType::boolean);
}

TEST(PreluShape, AlignsTheSlopeRightOrAtTheChannels) {
  for (const Shape& slope : {Shape{1}, Shape{8, 1, 1}, Shape{8}, Shape{}}) {
    EXPECT_EQ(shape_of(Prelu{}, {{{1, 8, 4, 4}}, {slope}}), (Shape{1, 8, 4, 4})) << to_text(slope);
  }
  EXPECT_THAT(shape_error(Prelu{}, {{{1, 8, 4, 4}}, {{7}}}), HasSubstr("slope 7 does not broadcast"));
  EXPECT_THAT(shape_error(Prelu{}, {{{8}}, {{2, 8}}}), HasSubstr("slope 2x8 does not broadcast"));
}

TEST(WhereShape, BroadcastsAllThree) {
  EXPECT_EQ(shape_of(Where{}, {{{4, 1}}, {{1, 3}}, {Shape{}}}), (Shape{4, 3}));
  EXPECT_EQ(format(Where{}, {{{2}, DType::boolean}, {{2}, DType::int8}, {{2}, DType::int8}}), DType::int8);
}

TEST(CastShape, ChangesTheFormatOnly) {
  EXPECT_EQ(infer(Cast{.to = DType::int8}, {{{2, 3}}}).at(0), (TensorType{{2, 3}, DType::int8}));
}

TEST(NormalisationShape, KeepsTheShape) {
  const Shape c{8};
  EXPECT_EQ(shape_of(BatchNorm{}, {{{1, 8, 4, 4}}, c, c, c, c}), (Shape{1, 8, 4, 4}));
  EXPECT_EQ(shape_of(BatchNorm{.layout = Layout::nhwc}, {{{1, 4, 4, 8}}, c, c, c, c}), (Shape{1, 4, 4, 8}));
  EXPECT_THAT(shape_error(BatchNorm{}, {{{1, 8, 4, 4}}, c, c, {{7}}, c}), HasSubstr("input mean is 7; 8 is needed"));
  EXPECT_EQ(shape_of(Norm{}, {{{2, 5, 16}}, {{16}}, {{16}}}), (Shape{2, 5, 16}));
  EXPECT_EQ(shape_of(Norm{.function = NormFunction::l2, .axis = 1}, {{{1, 8, 4, 4}}, {{8}}}), (Shape{1, 8, 4, 4}));
  EXPECT_EQ(shape_of(Norm{.function = NormFunction::group, .groups = 4}, {{{1, 8, 4, 4}}, c, c}), (Shape{1, 8, 4, 4}));
  EXPECT_THAT(shape_error(Norm{.function = NormFunction::group, .groups = 3}, {{{1, 8, 4}}}),
              HasSubstr("does not divide"));
  EXPECT_THAT(shape_error(Norm{.function = NormFunction::instance}, {{{1, 8, 4}}, {{4}}}),
              HasSubstr("8 values, one per channel"));
  EXPECT_THAT(shape_error(Norm{.axis = 3}, {{{2, 5, 16}}}), HasSubstr("axis 3 is outside [-3, 2]"));
  EXPECT_EQ(shape_of(Lrn{}, {{{1, 8, 4, 4}}}), (Shape{1, 8, 4, 4}));
  EXPECT_THAT(shape_error(Lrn{.size = 0}, {{{1, 8}}}), HasSubstr("size 0"));
  EXPECT_EQ(shape_of(Softmax{}, {{{2, 10}}}), (Shape{2, 10}));
  EXPECT_THAT(shape_error(Softmax{.axis = -3}, {{{2, 10}}}), HasSubstr("axis -3 is outside [-2, 1]"));
  EXPECT_THAT(shape_error(Softmax{}, {{Shape{}}}), HasSubstr("axis -1"));
}

}  // namespace
}  // namespace chipcast
