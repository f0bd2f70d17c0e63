// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms.h"

#include "tests/unit/workloads/graphs.h"
#include "workloads/work.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

using graph_test::error_of;
using graph_test::fp32;
using graph_test::small_network;
using ::testing::HasSubstr;

std::vector<std::string> op_names(const Graph& graph) {
  std::vector<std::string> out;
  for (const auto& op : graph.ops) out.push_back(op.name);
  return out;
}

const Tensor& tensor(const Graph& graph, const std::string& name) {
  for (const auto& t : graph.tensors) {
    if (t.name == name) return t;
  }
  throw std::out_of_range("no tensor " + name);
}

std::vector<std::optional<TensorId>> norm_inputs(GraphBuilder& b, TensorId x, const std::string& name) {
  std::vector<std::optional<TensorId>> inputs{x};
  for (const char* part : {"scale", "bias", "mean", "variance"}) {
    inputs.push_back(b.parameter(name + "." + part, fp32({8})));
  }
  return inputs;
}

TEST(FoldBatchNorm, MergesIntoTheConvolution) {
  const Graph folded = fold_batch_norm(small_network());
  EXPECT_EQ(op_names(folded), (std::vector<std::string>{"conv", "relu", "pool"}));
  EXPECT_EQ(folded.tensor(folded.ops[0].outputs[0]).name, "bn") << "readers keep their tensor";
  EXPECT_EQ(folded.tensor(*folded.ops[0].inputs[2]).type.shape, (Shape{8}));
  // 8 * 27 weights and 8 biases remain of 8 * 27 + 4 * 8.
  EXPECT_EQ(totals(folded).parameters, 8 * 27 + 8);
  ASSERT_EQ(folded.history.size(), 1U);
  EXPECT_THAT(folded.history[0].detail, HasSubstr("bias conv.bias added"));
  EXPECT_EQ(folded.tensors.size(), 6U) << "x, weight, bias and three results";
}

TEST(FoldBatchNorm, FoldsChainsAndKeepsAnExistingBias) {
  GraphBuilder b("chain");
  const auto x = b.input("x", fp32({2, 4}));
  const auto y = b.add_one("fc", Gemm{}, {x, b.parameter("w", fp32({4, 8})), b.parameter("c", fp32({8}))});
  const auto n = b.add_one("n1", BatchNorm{}, norm_inputs(b, y, "n1"));
  b.output(b.add_one("n2", BatchNorm{}, norm_inputs(b, n, "n2")));
  const Graph folded = fold_batch_norm(std::move(b).build());
  EXPECT_EQ(op_names(folded), (std::vector<std::string>{"fc"}));
  EXPECT_EQ(folded.tensor(*folded.ops[0].inputs[2]).name, "c");
  EXPECT_EQ(folded.tensor(folded.outputs[0]).name, "n2");
}

TEST(FoldBatchNorm, LeavesWhatItMustNotTouch) {
  GraphBuilder b("kept");
  const auto x = b.input("x", fp32({1, 8, 4, 4}));
  const auto w = b.parameter("w", fp32({8, 8, 1, 1}));
  const auto shared = b.add_one("shared_weight_a", Conv{}, {x, w});
  const auto also = b.add_one("shared_weight_b", Conv{}, {x, w});
  b.output(b.add_one("n1", BatchNorm{}, norm_inputs(b, shared, "n1")));
  b.output(also);
  const auto two_readers = b.add_one("two_readers", Conv{}, {x, b.parameter("w2", fp32({8, 8, 1, 1}))});
  b.output(b.add_one("n2", BatchNorm{}, norm_inputs(b, two_readers, "n2")));
  b.output(b.add_one("relu", Unary{}, {two_readers}));
  const auto published = b.add_one("published", Conv{}, {x, b.parameter("w3", fp32({8, 8, 1, 1}))});
  b.output(published);
  b.output(b.add_one("n3", BatchNorm{}, norm_inputs(b, published, "n3")));
  b.output(b.add_one("n4", BatchNorm{}, norm_inputs(b, x, "n4")));
  const Graph before = std::move(b).build();
  const Graph folded = fold_batch_norm(before);
  EXPECT_EQ(op_names(folded), op_names(before));
  EXPECT_TRUE(folded.history.empty());
}

TEST(FuseActivations, MergesIntoTheOperatorBefore) {
  const Graph fused = fuse_activations(fold_batch_norm(small_network()));
  EXPECT_EQ(op_names(fused), (std::vector<std::string>{"conv", "pool"}));
  ASSERT_EQ(fused.ops[0].fused.size(), 1U);
  EXPECT_EQ(fused.ops[0].fused[0].name, "relu");
  EXPECT_EQ(fused.tensor(fused.ops[0].outputs[0]).name, "relu");
  EXPECT_EQ(work_of(fused, OpId(0)).element_ops.count(), 8 * 8 * 8) << "the function still costs an operation each";
  EXPECT_EQ(Graph::from_json(fused.to_json(), "again").to_json().dump(), fused.to_json().dump());
}

TEST(FuseActivations, ThenFoldingKeepsTheFunction) {
  const Graph graph = fold_batch_norm(fuse_activations(small_network()));
  EXPECT_EQ(op_names(graph), (std::vector<std::string>{"conv", "pool"}));
  EXPECT_EQ(graph.ops[0].fused.at(0).name, "relu");
}

TEST(FuseActivations, LeavesSharedAndPublishedTensors) {
  GraphBuilder b("kept");
  const auto x = b.input("x", fp32({4}));
  const auto sum = b.add_one("sum", Binary{}, {x, x});
  b.output(b.add_one("relu", Unary{}, {sum}));
  b.output(b.add_one("tanh", Unary{.function = UnaryFunction::tanh}, {sum}));
  const auto published = b.add_one("published", Binary{}, {x, x});
  b.output(published);
  b.output(b.add_one("relu2", Unary{}, {published}));
  b.output(b.add_one("of_input", Unary{}, {x}));
  const auto softmax = b.add_one("softmax", Softmax{}, {x});
  b.output(b.add_one("log", Unary{.function = UnaryFunction::log}, {softmax}));
  const auto truth = b.add_one("nan_source", Binary{}, {x, x});
  b.output(b.add_one("is_nan", Unary{.function = UnaryFunction::is_nan}, {truth}));
  const Graph before = std::move(b).build();
  EXPECT_EQ(op_names(fuse_activations(before)), op_names(before));
}

TEST(ConvertDtype, GivesIntegersWithWideBiases) {
  const Graph graph = convert_dtype(fold_batch_norm(small_network()), DType::int8);
  for (const auto& t : graph.tensors) {
    EXPECT_EQ(t.type.dtype, t.name == "conv.bias" ? DType::int32 : DType::int8) << t.name;
  }
  const Graph four = convert_dtype(graph, DType::int4);
  EXPECT_EQ(tensor(four, "conv.weight").type.dtype, DType::int4);
  EXPECT_EQ(tensor(four, "x").type.dtype, DType::int4) << "W4A4";
  EXPECT_EQ(tensor(four, "conv.bias").type.dtype, DType::int32);
  EXPECT_EQ(totals(four).weight_bytes.count(), 8 * 27 / 2 + 8 * 4);
  const Graph back = convert_dtype(four, DType::fp16);
  for (const auto& t : back.tensors) EXPECT_EQ(t.type.dtype, DType::fp16) << t.name;
  EXPECT_EQ(back.history.size(), 4U);
}

TEST(ConvertDtype, LeavesIndicesConditionsAndDropsScales) {
  GraphBuilder b("text");
  const auto ids = b.input("ids", {{12}, DType::int64});
  const auto table = b.parameter("table", {{100, 8}, DType::fp32});
  const auto x = b.add_one("embed", Gather{}, {table, ids});
  const auto positive = b.add_one("positive", Binary{.function = BinaryFunction::greater}, {x, x});
  const auto kept = b.add_one("keep", Where{}, {positive, x, x});
  b.set_format(kept, DType::fp32, Quantization{.scales = {0.5}, .zero_points = {0}, .axis = {}});
  const auto cast = b.add_one("cast", Cast{.to = DType::fp16}, {kept});
  b.output(b.add_one("best", Reduce{.function = ReduceFunction::argmax, .axes = {1}}, {cast}));
  const Graph graph = convert_dtype(std::move(b).build(), DType::int8);
  EXPECT_EQ(tensor(graph, "ids").type.dtype, DType::int64);
  EXPECT_EQ(tensor(graph, "positive").type.dtype, DType::boolean);
  EXPECT_EQ(tensor(graph, "best").type.dtype, DType::int64);
  EXPECT_EQ(tensor(graph, "table").type.dtype, DType::int8);
  EXPECT_FALSE(tensor(graph, "keep").quantization);
  EXPECT_EQ(graph.ops[3].as<Cast>()->to, DType::int8);
  EXPECT_FALSE(moves_data(graph, OpId(3)));
}

TEST(ConvertDtype, RefusesFormatsThatNetworksDoNotRunIn) {
  EXPECT_THAT(error_of([] { convert_dtype(small_network(), DType::int64); }),
              HasSubstr("networks do not run in int64; allowed: fp64, fp32"));
}

TEST(RemoveDead, DropsWhatNoOutputNeeds) {
  GraphBuilder b("dead");
  const auto x = b.input("x", fp32({4}));
  const auto idle = b.input("idle", fp32({4}));
  const auto spare = b.add_one("spare1", Binary{}, {x, b.parameter("w", fp32({4}))});
  b.add_one("spare2", Unary{}, {spare});
  b.parameter("unused", fp32({4}));
  b.output(b.add_one("relu", Unary{}, {x}));
  const Graph graph = remove_dead(std::move(b).build());
  EXPECT_EQ(op_names(graph), (std::vector<std::string>{"relu"}));
  EXPECT_EQ(graph.tensors.size(), 3U) << "x, idle (an input stays), relu";
  EXPECT_EQ(graph.tensor(graph.inputs.at(idle.index())).name, "idle");
  ASSERT_EQ(graph.history.size(), 3U);
  EXPECT_EQ(graph.history[2].detail, "2 unread parameters removed");
}

class TransformsOfTheZoo : public ::testing::TestWithParam<std::string> {};

TEST_P(TransformsOfTheZoo, KeepWorkAndStayReadable) {
  const Graph original = zoo_network(GetParam());
  const Graph folded = fold_batch_norm(original);
  const Graph fused = fuse_activations(folded);
  const Graph narrow = convert_dtype(fused, DType::int8);
  for (const Graph* graph : {&folded, &fused, &narrow}) {
    EXPECT_EQ(totals(*graph).macs, totals(original).macs);
    const Json json = graph->to_json();
    EXPECT_EQ(Graph::from_json(json, "again").to_json().dump(), json.dump());
  }
  EXPECT_EQ(op_names(remove_dead(narrow)), op_names(narrow)) << "no transform leaves dead operators";
  EXPECT_LE(totals(folded).parameters, totals(original).parameters);
  if (GetParam() == "resnet50_v2") return;  // normalises before its products
  for (const auto& op : folded.ops) EXPECT_EQ(op.as<BatchNorm>(), nullptr) << op.name;
}

std::vector<std::string> zoo_names() {
  std::vector<std::string> out;
  for (const ZooEntry& entry : zoo()) out.push_back(entry.name);
  return out;
}
INSTANTIATE_TEST_SUITE_P(All, TransformsOfTheZoo, ::testing::ValuesIn(zoo_names()),
                         [](const auto& network) { return network.param; });

}  // namespace
}  // namespace chipcast
