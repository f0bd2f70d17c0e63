// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/workloads/graphs.h"

namespace chipcast {
namespace {

using graph_test::infer;
using graph_test::shape_error;
using graph_test::shape_of;
using ::testing::HasSubstr;

TEST(GemmShape, TransposesFirst) {
  EXPECT_EQ(shape_of(Gemm{}, {{{5, 7}}, {{7, 3}}}), (Shape{5, 3}));
  EXPECT_EQ(shape_of(Gemm{.transpose_a = true, .transpose_b = true}, {{{7, 5}}, {{3, 7}}, {{3}}}), (Shape{5, 3}));
  EXPECT_THAT(shape_error(Gemm{}, {{{5, 7}}, {{3, 7}}}), HasSubstr("inner extents 7 and 3"));
  EXPECT_THAT(shape_error(Gemm{}, {{{5, 7}}, {{7, 3}}, {{4}}}), HasSubstr("does not broadcast to 5x3"));
  EXPECT_THAT(shape_error(Gemm{}, {{{1, 5, 7}}, {{7, 3}}}), HasSubstr("input a is 1x5x7; 2 axes"));
}

TEST(MatmulShape, BroadcastsLeadingAxes) {
  EXPECT_EQ(shape_of(Matmul{}, {{{2, 1, 5, 7}}, {{3, 7, 4}}}), (Shape{2, 3, 5, 4}));
  EXPECT_EQ(shape_of(Matmul{.transpose_b = true}, {{{2, 5, 7}}, {{2, 4, 7}}}), (Shape{2, 5, 4}));
  EXPECT_THAT(shape_error(Matmul{}, {{{2, 5, 7}}, {{3, 7, 4}}}), HasSubstr("do not broadcast"));
}

TEST(MatmulShape, TakesVectorsAsNumPyDoes) {
  EXPECT_EQ(shape_of(Matmul{}, {{{7}}, {{7, 4}}}), (Shape{4}));
  EXPECT_EQ(shape_of(Matmul{}, {{{2, 5, 7}}, {{7}}}), (Shape{2, 5}));
  EXPECT_EQ(shape_of(Matmul{}, {{{7}}, {{7}}}), Shape{});
  EXPECT_THAT(shape_error(Matmul{.transpose_a = true}, {{{7}}, {{7}}}), HasSubstr("cannot be transposed"));
  EXPECT_THAT(shape_error(Matmul{}, {{Shape{}}, {{7}}}), HasSubstr("input a is scalar"));
}

TEST(RecurrentShape, GivesSequenceAndStates) {
  // steps 10, batch 2, in 8, hidden 16; lstm: 4 * 16 = 64 rows of weights
  const auto types = infer(Recurrent{.cell = Cell::lstm, .hidden = 16}, {{{10, 2, 8}}, {{1, 64, 8}}, {{1, 64, 16}}}, 3);
  EXPECT_EQ(types[0].shape, (Shape{10, 1, 2, 16}));
  EXPECT_EQ(types[1].shape, (Shape{1, 2, 16}));
  EXPECT_EQ(types[2].shape, (Shape{1, 2, 16}));
  const Recurrent gru{.cell = Cell::gru, .hidden = 16, .bidirectional = true, .batch_first = true};
  EXPECT_EQ(shape_of(gru, {{{2, 10, 8}}, {{2, 48, 8}}, {{2, 48, 16}}, {{2, 96}}, {{2, 2, 16}}}), (Shape{2, 10, 32}));
}

TEST(RecurrentShape, ChecksEveryOperand) {
  const Recurrent rnn{.cell = Cell::rnn, .hidden = 4};
  const std::vector<std::optional<Shape>> good{{{3, 1, 2}}, {{1, 4, 2}}, {{1, 4, 4}}, {{1, 8}}, {{1, 1, 4}}};
  EXPECT_EQ(shape_of(rnn, good), (Shape{3, 1, 1, 4}));
  const std::vector<const char*> roles{"x", "W", "R", "B", "h0"};
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i]->back() += 1;
    EXPECT_THAT(shape_error(rnn, bad), HasSubstr(std::string("input ") + (i == 0 ? "W" : roles[i]))) << i;
  }
  EXPECT_THAT(shape_error(rnn, good, 3), HasSubstr("has 3 outputs")) << "only an lstm has a carry";
  EXPECT_THAT(shape_error(Recurrent{.hidden = 0}, good), HasSubstr("hidden 0"));
}

}  // namespace
}  // namespace chipcast
