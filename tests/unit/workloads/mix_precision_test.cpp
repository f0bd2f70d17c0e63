// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/unit/workloads/graphs.h"
#include "workloads/op_description.h"
#include "workloads/transforms.h"
#include "workloads/work.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

using graph_test::error_of;
using graph_test::fp32;
using ::testing::HasSubstr;

DType format(const Graph& graph, const std::string& name) {
  for (const auto& tensor : graph.tensors) {
    if (tensor.name == name) return tensor.type.dtype;
  }
  throw std::out_of_range("no tensor " + name);
}

const Op& op(const Graph& graph, const std::string& name) {
  for (const auto& each : graph.ops) {
    if (each.name == name) return each;
  }
  throw std::out_of_range("no operator " + name);
}

DType computes_in(const Graph& graph, const std::string& name) {
  for (const auto& each : describe_ops(graph)) {
    if (each.name == name) return each.compute_dtype;
  }
  throw std::out_of_range("no operator " + name);
}

/// x -> a -> flat -> b -> add(b, a) -> y; a and b are products with a weight and a bias each.
Graph branches() {
  GraphBuilder b("branches");
  const auto x = b.input("x", fp32({1, 4, 4, 4}));
  const auto a = b.add_one("a", Conv{}, {x, b.parameter("a.w", fp32({4, 4, 1, 1})), b.parameter("a.b", fp32({4}))});
  const auto flat = b.add_one("flat", Reshape{.shape = {4, 16}}, {a});
  const auto c = b.add_one("b", Gemm{}, {flat, b.parameter("b.w", fp32({16, 16})), b.parameter("b.b", fp32({16}))});
  const auto back = b.add_one("back", Reshape{.shape = {1, 4, 4, 4}}, {c});
  b.output(b.add_one("add", Binary{}, {back, a}));
  return convert_dtype(std::move(b).build(), DType::int8);
}

TEST(MixPrecision, GivesOperatorsTheirOwnFormat) {
  const Graph graph = mix_precision(branches(), {{"b", DType::int4}});
  EXPECT_EQ(computes_in(graph, "a"), DType::int8);
  EXPECT_EQ(computes_in(graph, "b"), DType::int4);
  EXPECT_EQ(computes_in(graph, "add"), DType::int8);
  EXPECT_EQ(format(graph, "b.w"), DType::int4);
  EXPECT_EQ(format(graph, "b.b"), DType::int32);
  EXPECT_EQ(format(graph, "a.w"), DType::int8);
  EXPECT_EQ(format(graph, "a"), DType::int8) << "the addition reads the wider one";
  EXPECT_EQ(format(graph, "flat"), DType::int4);
  EXPECT_EQ(format(graph, "b"), DType::int8) << "a product writes what its reader wants";
  EXPECT_EQ(format(graph, "a/int4"), DType::int4);
  EXPECT_EQ(op(graph, "a/int4").as<Cast>()->to, DType::int4);
  EXPECT_THAT(graph.history.back().detail, HasSubstr("1 casts"));
  EXPECT_EQ(graph.ops.size(), 6U);
}

TEST(MixPrecision, WritesAtOnceWhatItsOnlyReaderWants) {
  const Graph graph = mix_precision(branches(), {{"*", DType::int16}, {"a", DType::int8}});
  EXPECT_EQ(format(graph, "x"), DType::int8);
  EXPECT_EQ(format(graph, "a"), DType::int16);
  EXPECT_EQ(format(graph, "b.w"), DType::int16);
  EXPECT_EQ(format(graph, "add"), DType::int8) << "outputs of the network stay";
  EXPECT_EQ(graph.ops.size(), 5U) << "no casts";
}

TEST(MixPrecision, TheLastPatternCountsAndClassesAreNames) {
  const Graph graph = mix_precision(branches(), {{"class:matrix", DType::int4}, {"class:conv", DType::fp16}});
  EXPECT_EQ(computes_in(graph, "a"), DType::fp16);
  EXPECT_EQ(format(graph, "a.b"), DType::fp16);
  EXPECT_EQ(computes_in(graph, "b"), DType::int4);
  const Graph last = mix_precision(branches(), {{"b", DType::int4}, {"?", DType::int16}});
  EXPECT_EQ(computes_in(last, "b"), DType::int16);
}

TEST(MixPrecision, SharedParametersAreStoredInBothFormats) {
  GraphBuilder b("shared");
  const auto x = b.input("x", fp32({4, 4}));
  const auto w = b.parameter("w", fp32({4, 4}));
  const auto first = b.add_one("first", Gemm{}, {x, w});
  b.output(b.add_one("second", Gemm{}, {first, w}));
  const Graph graph = mix_precision(convert_dtype(std::move(b).build(), DType::int8), {{"second", DType::int4}});
  EXPECT_EQ(format(graph, "w"), DType::int8);
  EXPECT_EQ(format(graph, "w/int4"), DType::int4);
}

TEST(MixPrecision, RefusesPatternsThatMeanNothing) {
  const auto error = [](const std::string& pattern, DType dtype = DType::int4) {
    return error_of([&] { mix_precision(branches(), {{pattern, dtype}}); });
  };
  EXPECT_THAT(error("adt"), HasSubstr("precision.adt: no operator of branches matches (did you mean \"add\"?)"));
  EXPECT_THAT(error("flat"), HasSubstr("\"flat\" passes values on"));
  EXPECT_THAT(error("class:convs"), HasSubstr("did you mean \"conv\"?"));
  EXPECT_THAT(error("a", DType::int64), HasSubstr("precision.a: networks do not run in int64"));
}

TEST(MixPrecision, PatternsMatchAsShellsDo) {
  for (const auto& [pattern, text] : std::vector<std::pair<std::string, std::string>>{
           {"*", ""}, {"a*c", "abbc"}, {"a*b*c", "aXbYbZc"}, {"?b", "ab"}, {"**", "x"}, {"a.b", "a.b"}}) {
    EXPECT_TRUE(matches(pattern, text)) << pattern << ' ' << text;
  }
  for (const auto& [pattern, text] : std::vector<std::pair<std::string, std::string>>{
           {"", "a"}, {"a", ""}, {"a*c", "abcd"}, {"?", ""}, {"a?", "a"}, {"a.b", "axb"}}) {
    EXPECT_FALSE(matches(pattern, text)) << pattern << ' ' << text;
  }
}

class MixedZoo : public ::testing::TestWithParam<std::string> {};

TEST_P(MixedZoo, KeepsWorkAndIsAGraphThatReadsBack) {
  const Graph narrow = convert_dtype(fuse_activations(fold_batch_norm(zoo_network(GetParam()))), DType::int8);
  PrecisionPatterns patterns;
  for (std::size_t i = 0; i < narrow.ops.size(); i += 3) {
    if (!passes_on(narrow.ops[i])) patterns.emplace_back(narrow.ops[i].name, i % 2 == 0 ? DType::int4 : DType::int16);
  }
  const Graph mixed = mix_precision(narrow, patterns);
  EXPECT_EQ(totals(mixed).macs, totals(narrow).macs);
  const Json json = mixed.to_json();
  EXPECT_EQ(Graph::from_json(json, "again").to_json().dump(), json.dump());
  for (const auto& id : mixed.outputs) {
    EXPECT_EQ(format(mixed, mixed.tensor(id).name), format(narrow, mixed.tensor(id).name));
  }
  const auto described = describe_ops(mixed);
  const auto wanted = formats_of(mixed, patterns);
  for (std::size_t i = 0; i < described.size(); ++i) {
    if (!wanted[i] || described[i].macs == Ops(0)) continue;
    EXPECT_EQ(described[i].compute_dtype, *wanted[i]) << described[i].name;
  }
}

std::vector<std::string> zoo_names() {
  std::vector<std::string> out;
  for (const ZooEntry& entry : zoo()) out.push_back(entry.name);
  return out;
}
INSTANTIATE_TEST_SUITE_P(All, MixedZoo, ::testing::ValuesIn(zoo_names()),
                         [](const auto& network) { return network.param; });

}  // namespace
}  // namespace chipcast
