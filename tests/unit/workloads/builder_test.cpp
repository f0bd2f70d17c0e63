// SPDX-License-Identifier: Apache-2.0
#include "workloads/builder.h"

#include "tests/unit/workloads/graphs.h"

namespace chipcast {
namespace {

using graph_test::error_of;
using graph_test::fp32;
using graph_test::small_network;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(GraphBuilder, NamesOutputsAfterTheOperator) {
  GraphBuilder b("names");
  const auto x = b.input("x", fp32({2, 6}));
  const auto pieces = b.add("cut", Split{.axis = 1, .sizes = {1, 2, 3}}, {x});
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(b.tensor_name(pieces[0]), "cut");
  EXPECT_EQ(b.tensor_name(pieces[2]), "cut:2");
  EXPECT_EQ(b.type(pieces[2]).shape, (Shape{2, 3}));
  EXPECT_EQ(b.add("best", TopK{.k = 2}, {x}).size(), 2U);
  EXPECT_EQ(b.tensor_name(b.add_one("y", Unary{}, {x}, {"other"})), "other");
}

TEST(GraphBuilder, RefusesNamesTwiceAndNone) {
  GraphBuilder b("names");
  const auto x = b.input("x", fp32({4}));
  EXPECT_THAT(error_of([&] { b.parameter("x", fp32({4})); }),
              HasSubstr("parameter \"x\": tensor \"x\" exists already"));
  EXPECT_THAT(error_of([&] { b.input("", fp32({4})); }), HasSubstr("a tensor needs a name"));
  b.add_one("relu", Unary{}, {x}, {"y"});
  EXPECT_THAT(error_of([&] { b.add_one("relu", Unary{}, {x}, {"z"}); }), HasSubstr("operator \"relu\" exists already"));
  EXPECT_THAT(error_of([&] { b.add_one("", Unary{}, {x}); }), HasSubstr("an operator needs a name"));
  EXPECT_THAT(error_of([&] { b.add_one("two", Unary{}, {x}, {"a", "b"}); }), HasSubstr("add_one takes one"));
}

TEST(GraphBuilder, ErrorsNameTheOperator) {
  GraphBuilder b("errors");
  const auto x = b.input("x", fp32({4}));
  EXPECT_THAT(error_of([&] { b.add_one("conv1", Conv{}, {x, x}); }), HasSubstr("operator \"conv1\": input x is 4;"));
  EXPECT_THAT(error_of([&] { b.input("big", fp32({1, 0})); }), HasSubstr("input \"big\": extent 0"));
  EXPECT_THAT(error_of([&] { std::move(b).build(); }), HasSubstr("network \"errors\": has no operators"));
}

TEST(GraphBuilder, ChecksQuantization) {
  GraphBuilder b("q");
  const auto parameter = [&](Quantization q) {
    return error_of([&] { b.parameter("w", {{8, 4}, DType::int8}, std::move(q)); });
  };
  EXPECT_THAT(parameter({.scales = {0.1, 0.2}}), HasSubstr("1 or 1 are allowed (set axis for one per channel)"));
  EXPECT_THAT(parameter({.scales = {0.1, 0.2}, .axis = 0}), HasSubstr("1 or 8 are allowed"));
  EXPECT_THAT(parameter({.scales = {0.1}, .axis = 2}), HasSubstr("axis 2 is not an axis of 8x4"));
  EXPECT_THAT(parameter({.scales = {-0.1}}), HasSubstr("scale -0.1"));
}

TEST(GraphBuilder, LaterOperatorsSeeAChangedFormat) {
  GraphBuilder b("formats");
  const auto x = b.input("x", fp32({4}));
  const auto y = b.add_one("y", Unary{}, {x});
  b.set_format(y, DType::int8, Quantization{.scales = {0.5}, .zero_points = {3}});
  EXPECT_EQ(b.type(b.add_one("z", Unary{}, {y})).dtype, DType::int8);
}

TEST(Graph, KnowsProducersAndConsumers) {
  GraphBuilder b("square");
  const auto x = b.input("x", fp32({4}));
  const auto y = b.add_one("mul", Binary{.function = BinaryFunction::mul}, {x, x});
  b.output(b.add_one("add", Binary{}, {x, y}));
  const Graph graph = std::move(b).build();
  EXPECT_THAT(graph.consumers()[x.index()], ElementsAre(OpId(0), OpId(1)));
  EXPECT_FALSE(graph.producers()[x.index()]);
  EXPECT_EQ(graph.producers()[y.index()], OpId(0));
}

TEST(Op, LabelsSayWhatItIs) {
  const Graph graph = small_network();
  std::vector<std::string> labels;
  for (const auto& op : graph.ops) labels.push_back(op.label());
  EXPECT_THAT(labels, ElementsAre("conv", "batch_norm", "relu", "max_pool"));
  const auto label = [](const Attributes& attributes) { return Op{.name = "op", .attributes = attributes}.label(); };
  EXPECT_EQ(label(Pool{{}, PoolFunction::avg, true}), "global_avg_pool");
  EXPECT_EQ(label(Reduce{.function = ReduceFunction::argmax}), "argmax");
  EXPECT_EQ(label(Reduce{}), "reduce_mean");
  EXPECT_EQ(label(Softmax{.log = true}), "log_softmax");
  EXPECT_EQ(label(Norm{}), "layer_norm");
  EXPECT_EQ(label(Recurrent{.cell = Cell::gru}), "gru");
  EXPECT_EQ(label(SpaceDepth{}), "depth_to_space");
}

TEST(ElementCount, TellsWhenItWouldWrap) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({2, 3}), 6);
  EXPECT_THROW(element_count({4'000'000'000, 4'000'000'000}), std::overflow_error);
  EXPECT_EQ(to_text(Shape{1, 3, 224, 224}), "1x3x224x224");
  EXPECT_EQ(to_text(Shape{}), "scalar");
}

}  // namespace
}  // namespace chipcast
