// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "tests/unit/workloads/graphs.h"

namespace chipcast {
namespace {

using graph_test::infer;
using graph_test::shape_error;
using graph_test::shape_of;
using ::testing::HasSubstr;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

TEST(ConcatShape, AddsOneAxis) {
  EXPECT_EQ(shape_of(Concat{.axis = 1}, {{{1, 3, 4}}, {{1, 5, 4}}, {{1, 2, 4}}}), (Shape{1, 10, 4}));
  EXPECT_EQ(shape_of(Concat{.axis = -1}, {{{3}}, {{5}}}), (Shape{8}));
  EXPECT_THAT(shape_error(Concat{.axis = 1}, {{{1, 3, 4}}, {{1, 5, 3}}}), HasSubstr("may differ along axis 1 only"));
  EXPECT_THAT(shape_error(Concat{.axis = 0}, {{{3}}, {{3, 1}}}), HasSubstr("input 1 is 3x1"));
  EXPECT_THAT(shape_error(Concat{.axis = 0}, {{{2147483647}}, {{1}}}), HasSubstr("extent 2147483648"));
  EXPECT_THAT(shape_error(Concat{}, {}), HasSubstr("has 0 inputs"));
}

TEST(SplitShape, TakesSizesOrCutsEvenly) {
  const auto given = infer(Split{.axis = 1, .sizes = {1, 4}}, {{{2, 5}}}, 2);
  EXPECT_EQ(given[0].shape, (Shape{2, 1}));
  EXPECT_EQ(given[1].shape, (Shape{2, 4}));
  const auto even = infer(Split{.axis = 0}, {{{7}}}, 3);  // ceil(7 / 3) = 3, 3 and the rest: 1
  EXPECT_EQ(even[0].shape, (Shape{3}));
  EXPECT_EQ(even[2].shape, (Shape{1}));
  EXPECT_THAT(shape_error(Split{.axis = 0}, {{{4}}}, 5), HasSubstr("does not split into 5 pieces"));
  EXPECT_THAT(shape_error(Split{.axis = 0, .sizes = {1, 1}}, {{{4}}}, 2), HasSubstr("sizes add up to 2"));
  EXPECT_THAT(shape_error(Split{.axis = 0, .sizes = {5, -1}}, {{{4}}}, 2), HasSubstr("size -1"));
  EXPECT_THAT(shape_error(Split{.axis = 0, .sizes = {2, 2}}, {{{4}}}, 3),
              HasSubstr("sizes has 2 entries; 3 are needed"));
}

Shape sliced(std::int64_t extent, std::int64_t start, std::int64_t end, std::int64_t step) {
  return shape_of(Slice{.starts = {start}, .ends = {end}, .axes = {}, .steps = {step}}, {{{extent}}});
}

TEST(SliceShape, CountsAsOnnxDoes) {
  EXPECT_EQ(sliced(10, 2, 7, 1), (Shape{5}));
  EXPECT_EQ(sliced(10, 0, 10, 3), (Shape{4}));          // 0, 3, 6, 9
  EXPECT_EQ(sliced(10, -3, kHighest, 1), (Shape{3}));   // 7, 8, 9
  EXPECT_EQ(sliced(10, kLowest, -8, 1), (Shape{2}));    // 0, 1
  EXPECT_EQ(sliced(10, -1, kLowest, -1), (Shape{10}));  // all, backwards
  EXPECT_EQ(sliced(10, 9, 0, -4), (Shape{3}));          // 9, 5, 1
  EXPECT_EQ(sliced(10, 9, kLowest, kLowest), (Shape{1}));
  EXPECT_EQ(shape_of(Slice{.starts = {1}, .ends = {3}, .axes = {-1}, .steps = {}}, {{{4, 5}}}), (Shape{4, 2}));
}

TEST(SliceShape, RefusesEmptyAndDoubtfulOnes) {
  EXPECT_THAT(shape_error(Slice{.starts = {3}, .ends = {3}, .axes = {}, .steps = {}}, {{{5}}}),
              HasSubstr("takes nothing of axis 0 of 5 (start 3, end 3, step 1)"));
  EXPECT_THAT(shape_error(Slice{.starts = {0}, .ends = {3}, .axes = {}, .steps = {0}}, {{{5}}}), HasSubstr("is 0"));
  EXPECT_THAT(shape_error(Slice{.starts = {0}, .ends = {3, 4}, .axes = {}, .steps = {}}, {{{5}}}),
              HasSubstr("ends has 2"));
  EXPECT_THAT(shape_error(Slice{.starts = {0, 0}, .ends = {1, 1}, .axes = {0, -1}, .steps = {}}, {{{5}}}),
              HasSubstr("axis -1 is listed twice"));
}

TEST(TransposeShape, PermutesAxes) {
  EXPECT_EQ(shape_of(Transpose{.perm = {0, 3, 1, 2}}, {{{1, 2, 3, 4}}}), (Shape{1, 4, 2, 3}));
  EXPECT_EQ(shape_of(Transpose{}, {{{2, 3}}}), (Shape{3, 2}));
  EXPECT_THAT(shape_error(Transpose{.perm = {0, 0}}, {{{2, 3}}}), HasSubstr("axis 0 is listed twice"));
  EXPECT_THAT(shape_error(Transpose{.perm = {0}}, {{{2, 3}}}), HasSubstr("perm has 1 entries; 2 are needed"));
}

TEST(ReshapeShape, FillsOpenAndCopiedExtents) {
  EXPECT_EQ(shape_of(Reshape{.shape = {0, -1}}, {{{2, 3, 4}}}), (Shape{2, 12}));
  EXPECT_EQ(shape_of(Reshape{.shape = {}}, {{{1, 1}}}), Shape{});
  EXPECT_THAT(shape_error(Reshape{.shape = {5, -1}}, {{{2, 3}}}), HasSubstr("do not fill shape [5, -1]"));
  EXPECT_THAT(shape_error(Reshape{.shape = {-1, -1}}, {{{2, 3}}}), HasSubstr("more than one -1"));
  EXPECT_THAT(shape_error(Reshape{.shape = {0, 0, 0}}, {{{2, 3}}}), HasSubstr("copies an axis that the input lacks"));
  EXPECT_THAT(shape_error(Reshape{.shape = {0, 6}, .zero_copies = false}, {{{2, 3}}}), HasSubstr("extent 0"));
  EXPECT_THAT(shape_error(Reshape{.shape = {-2, -3}}, {{{2, 3}}}), HasSubstr("extent -2"));
  EXPECT_THAT(shape_error(Reshape{.shape = {kHighest, 2}}, {{{2, 3}}}), HasSubstr("does not fit 63 bits"));
  EXPECT_THAT(shape_error(Reshape{.shape = {1, 1, 1, 1, 1, 1, 1, 1, 6}}, {{{2, 3}}}), HasSubstr("has 9 axes"));
}

TEST(PadShape, AddsOrCrops) {
  EXPECT_EQ(shape_of(Pad{.pads = {0, 1, 0, 2}}, {{{2, 3}}}), (Shape{2, 6}));
  EXPECT_EQ(shape_of(Pad{.pads = {-1, 0}}, {{{3}}}), (Shape{2}));
  EXPECT_THAT(shape_error(Pad{.pads = {-3, 0}}, {{{3}}}), HasSubstr("extent 0"));
  EXPECT_THAT(shape_error(Pad{.pads = {1}}, {{{3}}}), HasSubstr("pads has 1 entries; 2 are needed"));
  EXPECT_THAT(shape_error(Pad{.pads = {kHighest, kHighest}}, {{{3}}}), HasSubstr("does not fit 63 bits"));
  EXPECT_THAT(shape_error(Pad{.pads = {3, 0}, .mode = "reflect"}, {{{3}}}), HasSubstr("needs pads below its extent 3"));
  EXPECT_THAT(shape_error(Pad{.pads = {0, 0}, .mode = "refelct"}, {{{3}}}), HasSubstr("did you mean \"reflect\"?"));
}

TEST(ExpandTileShape, RepeatExtents) {
  EXPECT_EQ(shape_of(Expand{.shape = {2, 1, 6}}, {{{3, 1}}}), (Shape{2, 3, 6}));
  EXPECT_THAT(shape_error(Expand{.shape = {-1}}, {{{3}}}), HasSubstr("extent -1"));
  EXPECT_EQ(shape_of(Tile{.repeats = {2, 3}}, {{{4, 5}}}), (Shape{8, 15}));
  EXPECT_THAT(shape_error(Tile{.repeats = {0}}, {{{4}}}), HasSubstr("extent 0"));
  EXPECT_THAT(shape_error(Tile{.repeats = {kHighest}}, {{{4}}}), HasSubstr("does not fit 63 bits"));
}

TEST(SelectionShape, GathersReducesAndSorts) {
  EXPECT_EQ(shape_of(Gather{}, {{{30522, 128}}, {{1, 12}}}), (Shape{1, 12, 128}));
  EXPECT_EQ(shape_of(Gather{.axis = -1}, {{{4, 5}}, {Shape{}}}), (Shape{4}));
  EXPECT_EQ(shape_of(Reduce{.axes = {2, -1}}, {{{1, 8, 4, 4}}}), (Shape{1, 8, 1, 1}));
  EXPECT_EQ(shape_of(Reduce{.axes = {}, .keep_dims = false}, {{{1, 8}}}), Shape{});
  EXPECT_EQ(infer(Reduce{.function = ReduceFunction::argmax, .axes = {1}, .keep_dims = false}, {{{2, 8}}}).at(0),
            (TensorType{{2}, DType::int64}));
  EXPECT_THAT(shape_error(Reduce{.axes = {1, -1}}, {{{2, 8}}}), HasSubstr("listed twice"));
  const auto top = infer(TopK{.k = 3}, {{{2, 8}}}, 2);
  EXPECT_EQ(top[0].shape, (Shape{2, 3}));
  EXPECT_EQ(top[1].dtype, DType::int64);
  EXPECT_THAT(shape_error(TopK{.k = 9}, {{{2, 8}}}), HasSubstr("k 9 is outside [1, 8]"));
  EXPECT_EQ(shape_of(Scatter{}, {{{5}}, {{2}}, {{2}}}), (Shape{5}));
  EXPECT_EQ(shape_of(CumSum{.axis = -1}, {{{2, 5}}}), (Shape{2, 5}));
  EXPECT_THAT(shape_error(CumSum{.axis = 2}, {{{2, 5}}}), HasSubstr("axis 2"));
}

TEST(DetectionShape, CountsBoxes) {
  // 19 * 19 cells of 3 priors: 1083 boxes of 4 numbers, and their variances
  EXPECT_EQ(shape_of(PriorBox{.priors_per_cell = 3}, {{{1, 512, 19, 19}}, {{1, 3, 300, 300}}}), (Shape{1, 2, 4332}));
  EXPECT_EQ(shape_of(Detect{.function = "ssd", .max_detections = 50}, {{{1, 100}}, {{1, 100}}}), (Shape{50, 6}));
  EXPECT_THAT(shape_error(Detect{.function = "yollo"}, {{{1}}}), HasSubstr("did you mean \"yolo\"?"));
}

}  // namespace
}  // namespace chipcast
