// SPDX-License-Identifier: Apache-2.0
#include "workloads/zoo/zoo.h"

#include <cmath>
#include <set>

#include "count.h"
#include "sim/base/check.h"
#include "workloads/transforms.h"
#include "workloads/work.h"

namespace chipcast {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view name, const ZooOptions& options) {
  try {
    zoo_network(name, options);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

class EveryNetwork : public testing::TestWithParam<std::string> {};

TEST_P(EveryNetwork, builds_in_topological_order_with_its_own_name) {
  const Graph g = zoo_network(GetParam());
  EXPECT_EQ(g.name, GetParam());
  std::vector<bool> ready(g.tensors.size(), false);
  for (std::size_t i = 0; i < g.tensors.size(); ++i) ready[i] = g.tensors[i].parameter;
  for (const TensorId id : g.inputs) ready.at(id.index()) = true;
  for (const Op& op : g.ops) {
    for (const auto& id : op.inputs) EXPECT_TRUE(!id || ready.at(id->index())) << op.name;
    for (const TensorId id : op.outputs) ready.at(id.index()) = true;
  }
  ASSERT_FALSE(g.outputs.empty());
  for (const TensorId id : g.outputs) EXPECT_TRUE(ready.at(id.index()));
}

TEST_P(EveryNetwork, names_operators_and_tensors_once) {
  const Graph g = zoo_network(GetParam());
  std::set<std::string> ops, tensors;
  for (const Op& op : g.ops) EXPECT_TRUE(ops.insert(op.name).second) << op.name;
  for (const Tensor& t : g.tensors) EXPECT_TRUE(tensors.insert(t.name).second) << t.name;
}

TEST_P(EveryNetwork, reads_every_parameter_and_keeps_fp32) {
  const Graph g = zoo_network(GetParam());
  const auto consumers = g.consumers();
  for (std::size_t i = 0; i < g.tensors.size(); ++i) {
    if (!g.tensors[i].parameter) continue;
    EXPECT_FALSE(consumers.at(i).empty()) << g.tensors[i].name;
    EXPECT_EQ(g.tensors[i].type.dtype, DType::fp32) << g.tensors[i].name;
  }
}

TEST_P(EveryNetwork, scales_work_but_not_parameters_with_the_batch) {
  const Graph one = zoo_network(GetParam()), four = zoo_network(GetParam(), {.batch = 4});
  EXPECT_EQ(zoo_test::macs(four), 4 * zoo_test::macs(one));
  EXPECT_EQ(zoo_test::stored(four), zoo_test::stored(one));
  EXPECT_EQ(four.tensor(four.outputs[0]).type.shape[0], 4);
}

TEST_P(EveryNetwork, is_counted_alike_by_the_project_and_by_hand) {
  const Graph g = zoo_network(GetParam());
  EXPECT_EQ(totals(g).macs.count(), zoo_test::macs(g));
  EXPECT_EQ(totals(g).parameters, zoo_test::stored(g));
}

TEST_P(EveryNetwork, folds_every_batch_normalisation) {
  const Graph g = zoo_network(GetParam()), folded = fold_batch_norm(g);
  const auto producers = folded.producers();
  for (const Op& op : folded.ops) {
    if (!op.as<BatchNorm>()) continue;
    const auto before = producers.at(op.inputs.at(0)->index());
    EXPECT_FALSE(before && zoo_test::is_product(folded.op(*before))) << op.name;  // before the products of ResNet v2
  }
  EXPECT_EQ(totals(folded).macs, totals(g).macs);
  EXPECT_EQ(totals(folded).parameters, zoo_test::folded(g));
}

TEST_P(EveryNetwork, survives_its_json_form) {
  const Json json = zoo_network(GetParam()).to_json();
  EXPECT_EQ(Graph::from_json(json, "zoo").to_json().dump(), json.dump());
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const ZooEntry& entry : zoo()) out.push_back(entry.name);
  return out;
}
INSTANTIATE_TEST_SUITE_P(zoo, EveryNetwork, testing::ValuesIn(names()), [](const auto& i) { return i.param; });

TEST(zoo, lists_each_name_once_with_description_and_source) {
  std::set<std::string> seen;
  for (const ZooEntry& entry : zoo()) {
    EXPECT_TRUE(seen.insert(entry.name).second) << entry.name;
    EXPECT_FALSE(entry.description.empty());
    EXPECT_FALSE(entry.source.empty());
  }
}

TEST(zoo, guesses_what_was_meant) {
  EXPECT_THAT(error_of("mobilenetv2", {}), HasSubstr("did you mean \"mobilenet_v2\"?"));
  EXPECT_THAT(error_of("resnet-50", {}), HasSubstr("did you mean \"resnet50\"?"));
}

TEST(zoo, refuses_options_that_a_network_does_not_have) {
  EXPECT_EQ(error_of("resnet18", {.width = 0.5}), "options.width: resnet18 has no such option; leave it out");
  EXPECT_THAT(error_of("mlperf_tiny_kws", {.resolution = 64}), HasSubstr("options.resolution"));
  EXPECT_THAT(error_of("mobilenet_v1", {.sequence_length = 64}), HasSubstr("options.sequence_length"));
}

TEST(zoo, refuses_values_out_of_range) {
  EXPECT_EQ(error_of("resnet18", {.batch = 0}), "options.batch: 0 is outside [1, 4096]");
  EXPECT_EQ(error_of("resnet18", {.resolution = 16}), "options.resolution: 16 is outside [32, 4096]");
  EXPECT_EQ(error_of("mobilenet_v1", {.width = 0.05}), "options.width: 0.05 is outside [0.1, 4]");
  EXPECT_THAT(error_of("mobilenet_v1", {.width = std::nan("")}), HasSubstr("options.width: nan"));
  EXPECT_EQ(error_of("bert_tiny", {.sequence_length = 513}), "options.sequence_length: 513 is outside [1, 512]");
}

TEST(zoo, refuses_edges_at_which_maps_do_not_meet) {
  EXPECT_EQ(error_of("yolov5n", {.resolution = 330}), "options.resolution: 330 is no multiple of 32, as yolov5n needs");
  EXPECT_EQ(error_of("facenet", {.resolution = 64}), "options.resolution: 64 is outside [75, 4096]");
}

TEST(zoo, builds_at_the_ends_of_its_ranges) {
  for (const ZooEntry& entry : zoo()) {
    if (!error_of(entry.name, {.resolution = 224}).empty()) continue;
    const bool whole = error_of(entry.name, {.resolution = 225}).empty();  // others want multiples of 32
    const std::int64_t least = entry.name == "facenet" ? 75 : entry.name == "alexnet" ? 63 : 32;
    EXPECT_EQ(error_of(entry.name, {.resolution = least}), "") << entry.name;
    EXPECT_EQ(error_of(entry.name, {.batch = 4096, .resolution = whole ? least + 1 : 64}), "") << entry.name;
    EXPECT_EQ(error_of(entry.name, {.resolution = 4096}), "") << entry.name;
  }
  for (const double width : {0.1, 4.0}) EXPECT_EQ(error_of("mobilenet_v3_small", {.width = width}), "");
  for (const std::int64_t tokens : {1, 512}) EXPECT_EQ(error_of("bert_tiny", {.sequence_length = tokens}), "");
}

}  // namespace
}  // namespace chipcast
