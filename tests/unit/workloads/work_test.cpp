// SPDX-License-Identifier: Apache-2.0
#include "workloads/work.h"

#include "tests/unit/workloads/graphs.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using graph_test::fp32;
using graph_test::one_op;
using graph_test::small_network;

Work work(const Attributes& attributes, const std::vector<Shape>& shapes) {
  return work_of(one_op(attributes, shapes), OpId(0));
}

std::int64_t element_ops(const Attributes& attributes, const std::vector<Shape>& shapes) {
  return work(attributes, shapes).element_ops.count();
}

bool moves(const Attributes& attributes, const Shape& shape) {
  return moves_data(one_op(attributes, {shape}), OpId(0));
}

TEST(Work, OfAConvolutionCountsProductsAndBytes) {
  const Work w = work(Conv{}, {{1, 3, 8, 8}, {4, 3, 3, 3}, {4}});
  EXPECT_EQ(w.macs.count(), 4 * 3 * 3 * 3 * 6 * 6) << "the bias is not counted";
  EXPECT_EQ(w.input_bytes.count(), 4 * 3 * 8 * 8);
  EXPECT_EQ(w.weight_bytes.count(), 4 * (4 * 3 * 3 * 3 + 4));
  EXPECT_EQ(w.output_bytes.count(), 4 * 4 * 6 * 6);
  EXPECT_EQ(w.parameters, 4 * 27 + 4);
  EXPECT_EQ(w.element_ops.count(), 0);
}

TEST(Work, CountsElementOperations) {
  Pool pool;
  pool.kernel = {3, 3};
  EXPECT_EQ(element_ops(pool, {{1, 2, 5, 5}}), 2 * 3 * 3 * 9);
  pool.global = true;
  EXPECT_EQ(element_ops(pool, {{1, 2, 5, 5}}), 2 * 25);
  EXPECT_EQ(element_ops(Unary{}, {{2, 3}}), 6);
  EXPECT_EQ(element_ops(Binary{}, {{2, 3}, {3}}), 6);
  EXPECT_EQ(element_ops(BatchNorm{}, {{1, 4, 2, 2}, {4}, {4}, {4}, {4}}), 16 * 2);
  EXPECT_EQ(element_ops(Norm{}, {{2, 8}, {8}, {8}}), 16 * (5 + 2));
  EXPECT_EQ(element_ops(Norm{.function = NormFunction::rms}, {{2, 8}, {8}}), 16 * (3 + 1));
  EXPECT_EQ(element_ops(Softmax{}, {{2, 8}}), 16 * 5);
  EXPECT_EQ(element_ops(Reduce{.axes = {1}}, {{2, 8}}), 16);
  EXPECT_EQ(element_ops(Reduce{.function = ReduceFunction::l2, .axes = {1}}, {{2, 8}}), 32);
  EXPECT_EQ(element_ops(Resize{.sizes = {1, 1, 4, 4}, .mode = "linear"}, {{1, 1, 2, 2}}), 16 * 2 * 2);
  EXPECT_EQ(element_ops(Transpose{}, {{2, 8}}), 0);
  EXPECT_EQ(element_ops(Recurrent{.hidden = 4}, {{3, 1, 2}, {1, 16, 2}, {1, 16, 4}}), 3 * 4 * 9);
}

TEST(Work, ReadsOfATableOnlyWhatIsGathered) {
  const Graph graph = one_op(Gather{}, {{12}, {1000, 64}}, {1, 0});  // table is the parameter
  EXPECT_EQ(work_of(graph, OpId(0)).weight_bytes.count(), 4 * 12 * 64);
  EXPECT_EQ(work(Slice{.starts = {0}, .ends = {2}, .axes = {}, .steps = {}}, {{100}}).input_bytes.count(), 4 * 2);
}

TEST(Work, CountsATensorThatIsReadTwiceOnce) {
  GraphBuilder b("square");
  const auto x = b.input("x", fp32({8}));
  b.output(b.add_one("mul", Binary{.function = BinaryFunction::mul}, {x, x}));
  EXPECT_EQ(work_of(std::move(b).build(), OpId(0)).input_bytes.count(), 4 * 8);
}

TEST(Work, PacksNarrowFormats) {
  EXPECT_EQ((TensorType{{3}, DType::int4}).bytes().count(), 2);    // 12 bits
  EXPECT_EQ((TensorType{{9}, DType::binary}).bytes().count(), 2);  // 9 bits
  EXPECT_EQ((TensorType{{}, DType::int64}).bytes().count(), 8);
}

TEST(MovesData, IsFalseForViewsAndIdentities) {
  EXPECT_FALSE(moves(Reshape{.shape = {-1}}, {2, 3}));
  EXPECT_FALSE(moves(Transpose{.perm = {0, 2, 3, 1}}, {1, 8, 1, 1}));
  EXPECT_FALSE(moves(Cast{.to = DType::fp32}, {4}));
  EXPECT_FALSE(moves(Expand{.shape = {1, 4}}, {4}));
  EXPECT_FALSE(moves(Pad{.pads = {0, 0}}, {4}));
  EXPECT_FALSE(moves(Slice{.starts = {0}, .ends = {99}, .axes = {}, .steps = {}}, {4}));
  EXPECT_FALSE(moves(Reduce{.axes = {1}}, {4, 1}));
  EXPECT_FALSE(moves(Concat{.axis = 0}, {4}));
  EXPECT_FALSE(moves(Unary{.function = UnaryFunction::clip}, {4}));
}

TEST(MovesData, IsTrueForTheRest) {
  EXPECT_TRUE(moves(Transpose{}, {2, 3}));
  EXPECT_TRUE(moves(Cast{.to = DType::int8}, {4}));
  EXPECT_TRUE(moves(Slice{.starts = {3}, .ends = {-5}, .axes = {}, .steps = {-1}}, {4})) << "reverses";
  EXPECT_TRUE(moves(Reduce{.function = ReduceFunction::sum_square, .axes = {1}}, {4, 1}));
  EXPECT_TRUE(moves(Unary{}, {4}));
  EXPECT_EQ(work(Reshape{.shape = {-1}}, {{2, 3}}).output_bytes.count(), 0);
}

TEST(Totals, CountEachParameterOnce) {
  GraphBuilder b("shared");
  const auto x = b.input("x", fp32({4, 4}));
  const auto w = b.parameter("w", fp32({4, 4}));
  b.parameter("unused", fp32({100}));
  const auto y = b.add_one("a", Gemm{}, {x, w});
  b.output(b.add_one("b", Gemm{}, {y, w}));
  const GraphTotals t = totals(std::move(b).build());
  EXPECT_EQ(t.macs.count(), 2 * 64);
  EXPECT_EQ(t.parameters, 16);
  EXPECT_EQ(t.weight_bytes.count(), 64);
  EXPECT_EQ(t.ops, 2U);
}

TEST(OpDescription, ClassifiesOperators) {
  const auto op_class = [](const Attributes& attributes, const std::vector<Shape>& shapes) {
    return describe_ops(one_op(attributes, shapes)).at(0).op_class;
  };
  Conv depthwise;
  depthwise.groups = 4;
  EXPECT_EQ(op_class(Conv{}, {{1, 4, 8, 8}, {4, 4, 3, 3}}), OpClass::conv);
  EXPECT_EQ(op_class(depthwise, {{1, 4, 8, 8}, {4, 1, 3, 3}}), OpClass::depthwise_conv);
  EXPECT_EQ(op_class(Gemm{}, {{1, 4}, {4, 3}}), OpClass::vector_matrix);
  EXPECT_EQ(op_class(Gemm{}, {{2, 4}, {4, 3}}), OpClass::matrix);
  EXPECT_EQ(op_class(Softmax{}, {{4}}), OpClass::reduction);
  EXPECT_EQ(op_class(Transpose{}, {{2, 4}}), OpClass::data_movement);
  EXPECT_EQ(op_class(Reshape{.shape = {-1}}, {{2, 4}}), OpClass::view);
  EXPECT_EQ(op_class(Recurrent{.hidden = 4}, {{3, 1, 2}, {1, 16, 2}, {1, 16, 4}}), OpClass::recurrent);
}

TEST(OpDescription, DescribesFormatsAndLabels) {
  const auto ops = describe_ops(small_network());
  ASSERT_EQ(ops.size(), 4U);
  EXPECT_EQ(ops[0].compute_dtype, DType::fp32);
  EXPECT_EQ(ops[0].inputs.size(), 2U);
  EXPECT_TRUE(ops[0].inputs[1].parameter);
  EXPECT_EQ(ops[3].label, "max_pool");
  GraphBuilder b("indices");
  const auto i = b.input("i", {{12}, DType::int64});
  const auto table = b.parameter("table", {{100, 8}, DType::int8});
  b.output(b.add_one("gather", Gather{}, {table, i}));
  EXPECT_EQ(describe_ops(std::move(b).build()).at(0).compute_dtype, DType::int8) << "not the indices' int64";
}

TEST(Label, TellsDepthwiseFromGrouped) {
  Conv conv;
  conv.groups = 2;
  const Graph grouped = one_op(conv, {{1, 4, 8, 8}, {4, 2, 3, 3}});
  EXPECT_EQ(grouped.label(OpId(0)), "grouped_conv");
  conv.groups = 4;
  EXPECT_EQ(one_op(conv, {{1, 4, 8, 8}, {4, 1, 3, 3}}).label(OpId(0)), "depthwise_conv");
}

}  // namespace
}  // namespace chipcast
