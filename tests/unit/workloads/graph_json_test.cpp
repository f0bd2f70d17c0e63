// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "sim/config/json.h"
#include "tests/unit/workloads/graphs.h"

namespace chipcast {
namespace {

using graph_test::error_of;
using graph_test::small_network;
using ::testing::HasSubstr;

/// A complete document: y = relu(conv(x, w)).
Json document() {
  return Json::parse(R"({
    "format": "chipcast-graph", "version": 1, "name": "tiny",
    "tensors": {"x": {"shape": [1, 3, 8, 8]}, "w": {"shape": [4, 3, 3, 3], "parameter": true}},
    "inputs": ["x"], "outputs": ["y"],
    "ops": [{"name": "conv", "kind": "conv", "inputs": ["x", "w", ""], "outputs": ["c"], "attributes": {"pads": [1, 1, 1, 1]}},
            {"name": "relu", "kind": "unary", "inputs": ["c"], "outputs": ["y"], "attributes": {"function": "relu"}}]})");
}

std::string read_error(const Json& json) {
  return error_of([&] { Graph::from_json(json, "net.json"); });
}

TEST(GraphJson, ReadsTheDocumentedForm) {
  const Graph graph = Graph::from_json(document(), "net.json");
  EXPECT_EQ(graph.name, "tiny");
  ASSERT_EQ(graph.ops.size(), 2U);
  EXPECT_EQ(graph.ops[0].label(), "conv");
  EXPECT_EQ(graph.ops[1].label(), "relu");
  EXPECT_FALSE(graph.ops[0].inputs[2]);
  EXPECT_EQ(graph.tensor(graph.outputs[0]).type.shape, (Shape{1, 4, 8, 8}));
}

TEST(GraphJson, RoundTripIsExact) {
  for (const Graph& graph : {small_network(), Graph::from_json(document(), "net.json")}) {
    const Json written = graph.to_json();
    EXPECT_EQ(Graph::from_json(written, "again").to_json().dump(), written.dump());
    EXPECT_EQ(Graph::from_json(parse_json(written.dump(), "text"), "again").to_json().dump(), written.dump());
  }
}

TEST(GraphJson, RoundTripKeepsFormatsFusionsHistoryAndUnusedParameters) {
  Json json = document();
  json["tensors"]["c"] = Json::parse(R"({"dtype": "int8", "quantization": {"scales": [0.1], "zero_points": [-3]}})");
  json["tensors"]["spare"] = Json::parse(R"({"shape": [2], "parameter": true, "dtype": "int4"})");
  json["ops"][0]["fused"] = Json::parse(R"([{"name": "r6", "unary": {"function": "clip", "min": 0.0, "max": 6.0}}])");
  json["history"] = Json::parse(R"([{"transform": "t", "op": "conv", "detail": "d"}])");
  const Graph graph = Graph::from_json(json, "net.json");
  EXPECT_EQ(graph.tensor(graph.outputs[0]).type.dtype, DType::int8) << "relu takes the format of its input";
  const Json written = graph.to_json();
  EXPECT_EQ(Graph::from_json(written, "again").to_json().dump(), written.dump());
  EXPECT_EQ(written["tensors"]["spare"]["dtype"], "int4");
  EXPECT_EQ(written["ops"][0]["fused"][0]["unary"]["max"], 6.0);
  EXPECT_EQ(written["history"][0]["transform"], "t");
}

TEST(GraphJson, SortsOperatorsAndKeepsFileOrderAmongReadyOnes) {
  Json json = document();
  std::swap(json["ops"][0], json["ops"][1]);
  const Graph graph = Graph::from_json(json, "net.json");
  EXPECT_EQ(graph.ops[0].name, "conv");
  EXPECT_EQ(graph.ops[1].name, "relu");
}

TEST(GraphJson, NamesTheOperatorsOfACycle) {
  Json json = document();
  json["ops"][0]["inputs"][0] = "y";
  EXPECT_EQ(read_error(json),
            "net.json.ops: operators wait for each other in a cycle: \"relu\" -> \"conv\" -> \"relu\"; a network must "
            "have none");
  json = document();
  json["ops"][1]["inputs"][0] = "y";
  EXPECT_THAT(read_error(json), HasSubstr("cycle: \"relu\" -> \"relu\""));
}

TEST(GraphJson, ShapeMismatchNamesBothShapes) {
  Json json = document();
  json["tensors"]["c"]["shape"] = {1, 4, 7, 8};
  EXPECT_EQ(read_error(json),
            "net.json.ops[0] (\"conv\"): tensor \"c\" is declared 1x4x7x8 but the operator gives 1x4x8x8; correct one "
            "of them");
}

TEST(GraphJson, UnknownNamesComeWithAGuess) {
  Json json = document();
  json["ops"][0]["attributes"]["grops"] = 1;
  EXPECT_THAT(read_error(json),
              HasSubstr("net.json.ops[0].attributes: unknown field \"grops\" (did you mean \"groups\"?)"));
  json = document();
  json["ops"][1]["kind"] = "unry";
  EXPECT_THAT(read_error(json),
              HasSubstr("net.json.ops[1].kind: \"unry\" is not an operator (did you mean \"unary\"?)"));
  json = document();
  json["tensors"]["weights"] = json["tensors"]["w"];
  json["ops"][0]["inputs"][1] = "wieghts";
  EXPECT_THAT(read_error(json),
              HasSubstr("net.json.ops[0].inputs[1]: tensor \"wieghts\" is not known (did you mean \"weights\"?)"));
  json = document();
  json["opss"] = 1;
  EXPECT_THAT(read_error(json), HasSubstr("net.json: unknown field \"opss\" (did you mean \"ops\"?)"));
}

TEST(GraphJson, RefusesTensorsWithTwoOriginsOrNone) {
  Json json = document();
  json["ops"][1]["outputs"][0] = "c";
  EXPECT_THAT(read_error(json), HasSubstr("tensor \"c\" is written by operators \"conv\" and \"relu\""));
  json = document();
  json["ops"][1]["outputs"][0] = "x";
  EXPECT_THAT(read_error(json), HasSubstr("\"x\" is an input of the network; an operator cannot write it"));
  json = document();
  json["inputs"] = Json::array();
  EXPECT_THAT(read_error(json), HasSubstr("net.json.tensors.x: no operator writes this tensor"));
  json = document();
  json["inputs"] = {"x", "w"};
  EXPECT_THAT(read_error(json), HasSubstr("\"w\" is a parameter"));
  json = document();
  json["inputs"] = {"x", "x"};
  EXPECT_THAT(read_error(json), HasSubstr("\"x\" is listed twice"));
  json = document();
  json["ops"][1]["name"] = "conv";
  EXPECT_THAT(read_error(json), HasSubstr("operator \"conv\" exists already"));
  json = document();
  json["outputs"] = {"y", "y"};
  EXPECT_THAT(read_error(json), HasSubstr("is an output already"));
}

TEST(GraphJson, RefusesHostileShapes) {
  for (const auto& [shape, words] :
       std::vector<std::pair<Json, std::string>>{{{1, 3, -8, 8}, "extent -8"},
                                                 {{1, 0, 8, 8}, "extent 0"},
                                                 {{1, 2147483648, 8, 8}, "extent 2147483648"},
                                                 {{2147483647, 2147483647, 8, 8}, "exceeds 63 bits"},
                                                 {{1, 1, 1, 1, 1, 1, 1, 1, 1}, "9 axes"}}) {
    Json json = document();
    json["tensors"]["x"]["shape"] = shape;
    const std::string error = read_error(json);
    EXPECT_THAT(error, HasSubstr("net.json.tensors.x: "));
    EXPECT_THAT(error, HasSubstr(words));
  }
}

TEST(GraphJson, RefusesWrongTypesAndMissingParts) {
  EXPECT_THAT(read_error(Json::array()), HasSubstr("net.json: expected an object"));
  for (const char* key : {"format", "version", "name", "outputs", "ops"}) {
    Json json = document();
    json.erase(key);
    EXPECT_THAT(read_error(json), HasSubstr(std::string("net.json.") + key + ": missing")) << key;
  }
  Json json = document();
  json["version"] = 2;
  EXPECT_THAT(read_error(json), HasSubstr("net.json.version: 2 is not known"));
  json = document();
  json["format"] = "onnx";
  EXPECT_THAT(read_error(json), HasSubstr("\"onnx\" is not a network"));
  json = document();
  json["ops"] = Json::array();
  EXPECT_THAT(read_error(json), HasSubstr("at least one operator"));
  json = document();
  json["outputs"] = Json::array();
  EXPECT_THAT(read_error(json), HasSubstr("has no outputs"));
  json = document();
  json["tensors"]["w"].erase("shape");
  EXPECT_THAT(read_error(json), HasSubstr("net.json.tensors.w: a parameter needs a shape"));
  json = document();
  json["tensors"]["x"]["quantization"] = Json::parse(R"({"scales": [1.0, 2.0]})");
  EXPECT_THAT(read_error(json), HasSubstr("set axis for one per channel"));
  json = document();
  json["ops"][0]["attributes"]["strides"] = {0, 1};
  EXPECT_THAT(read_error(json), HasSubstr("net.json.ops[0] (\"conv\"): stride 0 is outside [1, 2147483647]"));
}

std::string numbered(const std::string& stem, int i) { return stem + std::to_string(i); }

/// A chain of n unary operators, listed backwards: the worst case for sorting and for recursion.
Json backward_chain(int n) {
  Json json = Json::parse(R"({"format": "chipcast-graph", "version": 1, "name": "chain",
                              "tensors": {"t0": {"shape": [4]}}, "inputs": ["t0"], "ops": []})");
  for (int i = n; i-- > 0;) {
    json["ops"].push_back({{"name", numbered("op", i)},
                           {"kind", "unary"},
                           {"inputs", {numbered("t", i)}},
                           {"outputs", {numbered("t", i + 1)}},
                           {"attributes", {{"function", "relu"}}}});
  }
  json["outputs"] = {numbered("t", n)};
  return json;
}

/// Seconds to read and write a chain of n operators.
double chain_seconds(int n) {
  const Json json = backward_chain(n);
  const auto start = std::chrono::steady_clock::now();
  const Graph graph = Graph::from_json(json, "chain");
  EXPECT_EQ(graph.ops.size(), static_cast<std::size_t>(n));
  EXPECT_EQ(graph.ops.back().name, numbered("op", n - 1));
  EXPECT_EQ(graph.to_json()["ops"].size(), static_cast<std::size_t>(n));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(GraphJson, ChainsOfAHundredThousandOperatorsTakeLinearTime) {
  const double small = chain_seconds(10'000);
  EXPECT_LT(chain_seconds(100'000), 50 * small) << "linear work takes 10 times as long, quadratic work 100 times";
}

TEST(GraphJson, LongCyclesAreShortened) {
  Json json = backward_chain(50'000);
  json["ops"].back()["inputs"][0] = "t50000";
  EXPECT_THAT(read_error(json), HasSubstr("... (50000 operators)"));
}

}  // namespace
}  // namespace chipcast
