// SPDX-License-Identifier: Apache-2.0
// Mappings as JSON: there and back, strict messages, and completion.
#include "mappers/mapping_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "accelerators/cpu/cost.h"
#include "accelerators/npu/cost.h"
#include "mappers/emitter.h"
#include "mappers/tiling/plans.h"
#include "mappers/validator.h"
#include "sim/base/check.h"
#include "workloads/builder.h"

namespace chipcast {
namespace {

/// x -> conv1 -> conv2 -> (flat, a view) -> fc, and conv1 -> skip; all int8.
Graph small_graph() {
  GraphBuilder b("small");
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  const auto x = b.input("x", {{1, 8, 16, 16}, DType::int8});
  const auto first = b.add_one("conv1", conv, {x, b.parameter("w1", {{16, 8, 3, 3}, DType::int8})});
  const auto second = b.add_one("conv2", conv, {first, b.parameter("w2", {{4, 16, 3, 3}, DType::int8})});
  Reshape reshape;
  reshape.shape = {1, 1024};
  const auto flat = b.add_one("flat", reshape, {second});
  b.output(b.add_one("fc", Gemm{}, {flat, b.parameter("w3", {{1024, 10}, DType::int8})}));
  b.output(b.add_one("skip", conv, {first, b.parameter("w4", {{4, 16, 3, 3}, DType::int8})}));
  return std::move(b).build();
}

class MappingJson : public testing::Test {
 protected:
  technology::Config technology_;
  std::unique_ptr<Device> npu_ = npu::make_device({}, "npu0", technology_);
  std::unique_ptr<Device> cpu_ = cpu::make_device({}, "cpu0", technology_);
  Graph graph_ = small_graph();
  std::vector<OpDescription> ops_ = describe_ops(graph_);
  std::vector<DeviceSlot> slots_{slot("npu0", *npu_, 0), slot("cpu0", *cpu_, 1)};
  MappingProblem problem_{
      .graph = graph_, .ops = ops_, .devices = slots_, .memory = "dram", .memory_capacity = Bytes(1 << 30)};
  tiling::Plans plans_{slots_};

  static DeviceSlot slot(const char* name, const Device& device, std::size_t kind) {
    return {.name = name, .device = &device, .kind = kind, .transfer = [](EngineKind, Bytes bytes) {
              return Time::ps(1000 + bytes.count() * 100);
            }};
  }
  Mapping read(const char* text) { return read_mapping(problem_, Json::parse(text), "mapping"); }
  std::string error_of(const char* text) {
    try {
      complete(problem_, read(text), plans_, "mapping");
    } catch (const InputError& error) {
      return error.what();
    }
    return {};
  }
  std::string problem_of(const char* text) {
    const auto problems = problems_of(problem_, complete(problem_, read(text), plans_, "mapping"), plans_);
    return problems.empty() ? "" : problems.front();
  }
};

TEST_F(MappingJson, NothingComesBetweenTheTasksOfAGroup) {
  const char* text = R"({"tasks": [{"op": "conv1", "device": "npu0", "group": 0},
                                   {"op": "fc", "device": "npu0", "group": 0}]})";
  EXPECT_EQ(problem_of(text), "");
  const Mapping mapping = complete(problem_, read(text), plans_, "mapping");
  const auto conv2 =
      std::find_if(mapping.tasks.begin(), mapping.tasks.end(), [](const Task& task) { return task.op == OpId(1); });
  ASSERT_NE(conv2, mapping.tasks.end());
  EXPECT_EQ(conv2->slot, 1U) << "the NPU would be faster, but is in the group";
}

TEST_F(MappingJson, ThereAndBack) {
  const Mapping mapping = complete(problem_, read(R"({"tasks": [
      {"op": "conv1", "device": "npu0", "part": {"axis": "out_rows", "begin": 0, "end": 10}},
      {"op": "conv1", "device": "cpu0", "part": {"axis": "out_rows", "begin": 10, "end": 16}},
      {"op": "skip", "device": "cpu0"}],
      "choices": [{"op": "conv2", "reason": "mine", "tiling": {"out_channels": 4, "in_channels": 16, "out_height": 4,
                                                              "out_width": 16}}]})"),
                                   plans_, "mapping");
  EXPECT_THAT(problems_of(problem_, mapping, plans_), testing::IsEmpty());
  ASSERT_EQ(mapping.tasks.size(), 6);
  EXPECT_EQ(mapping.tasks[2].op, OpId(4)) << "what is stated comes first";
  EXPECT_EQ(mapping.choices[1].tiling->tile.out_height, 4);
  const Json json = to_json(problem_, mapping);
  EXPECT_EQ(to_json(problem_, read_mapping(problem_, json, "mapping")), json);
}

TEST_F(MappingJson, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of(R"({"tasks": [{"op": "conv3", "device": "npu0"}]})"),
            "mapping.tasks[0].op: no operator of \"small\" is called \"conv3\" (did you mean \"conv1\"?)");
  EXPECT_EQ(error_of(R"({"tasks": [{"op": "conv1", "device": "npu"}]})"),
            "mapping.tasks[0].device: no device that may be used is called \"npu\" (did you mean \"npu0\"?)");
  EXPECT_EQ(error_of(R"({"tasks": [{"op": "flat", "device": "npu0"}]})"),
            "mapping.tasks[0].device: \"flat\" moves no data; leave it out");
  EXPECT_EQ(error_of(R"({"tasks": [{"op": "conv1", "device": "npu0", "part": {"axis": "out_rows", "begin": 9,
                                    "end": 17}}]})"),
            "mapping.tasks[0].part: \"conv1\" rows 9-16 are outside of its 16 output rows");
  EXPECT_EQ(error_of(R"({"tasks": [{"op": "conv1"}]})"),
            "mapping.tasks[0].device: missing; add it: name of the device");
  EXPECT_THAT(error_of(R"({"task": []})"), testing::HasSubstr("mapping.tasks: missing"));
  EXPECT_EQ(error_of(R"({"tasks": [{"op": "conv2", "device": "npu0"}, {"op": "conv1", "device": "npu0"}]})"),
            "mapping.tasks[0]: \"conv2\" comes before all of \"conv1\", which it reads; move it behind");
}

TEST_F(MappingJson, WhatIsGivenIsChecked) {
  EXPECT_EQ(problem_of(R"({"tasks": [{"op": "conv1", "device": "npu0", "part": {"axis": "out_rows", "begin": 0,
                                      "end": 10}}]})"),
            "\"conv1\" is covered up to 10 of 16");
  EXPECT_EQ(problem_of(R"({"tasks": [
      {"op": "conv1", "device": "npu0", "part": {"axis": "out_rows", "begin": 0, "end": 10}},
      {"op": "conv1", "device": "npu0", "part": {"axis": "out_rows", "begin": 9, "end": 16}}]})"),
            "\"conv1\": rows 9-15 overlap the parts before, which end at 10");
  EXPECT_THAT(problem_of(R"({"tasks": [{"op": "conv1", "device": "npu0"}],
      "choices": [{"op": "conv1", "tiling": {"out_channels": 1, "in_channels": 8, "out_height": 16,
                                             "out_width": 16}}]})"),
              testing::HasSubstr("tiles of 1 output channels are not a multiple of"));
}

TEST_F(MappingJson, TheRecordOfASearchHoldsForItsOwnTasksAlone) {
  const Mapping found = mapper_type("heft", "test").make()->map(problem_, plans_);
  const auto followed = [&](const Json& json) {
    MappingProblem given = problem_;
    given.options.given = json;
    return mapper_type("fixed", "test").make()->map(given, plans_).search;
  };
  Json json = to_json(problem_, found);
  EXPECT_EQ(followed(json).method, "heft");
  EXPECT_EQ(followed(json).value, found.search.value);
  Json moved = json;
  moved["tasks"][0]["device"] = moved["tasks"][0]["device"] == "npu0" ? "cpu0" : "npu0";
  EXPECT_EQ(followed(moved).method, "fixed");
  EXPECT_EQ(followed(moved).value, 0.0);
  json.erase("tasks_digest");
  EXPECT_EQ(followed(json).method, "fixed");
  EXPECT_FALSE(followed(json).lower_bound);
}

TEST_F(MappingJson, TextsOfOperatorsThatWereMovedAreGone) {
  const Mapping found = mapper_type("heft", "test").make()->map(problem_, plans_);
  const auto followed = [&](const Json& json) {
    MappingProblem given = problem_;
    given.options.given = json;
    return mapper_type("fixed", "test").make()->map(given, plans_);
  };
  Json json = to_json(problem_, found);
  json["warnings"] = {"of the search"};
  ASSERT_EQ(found.choices[1].reason.substr(0, 5), "heft:");
  ASSERT_NE(found.choices[1].runner_up, "");
  for (auto& task : json["tasks"]) {
    if (task["op"] == "conv2") task["device"] = task["device"] == "npu0" ? "cpu0" : "npu0";
  }
  const Mapping moved = followed(json);
  EXPECT_EQ(moved.choices[1].reason, "as given");
  EXPECT_EQ(moved.choices[1].runner_up, "");
  EXPECT_THAT(moved.warnings, testing::IsEmpty());
  for (const std::size_t other : {0, 2, 3, 4}) {
    EXPECT_EQ(moved.choices[other].reason, found.choices[other].reason);
    EXPECT_EQ(moved.choices[other].runner_up, found.choices[other].runner_up);
  }
  auto& tasks = json["tasks"];
  for (auto it = tasks.begin(); it != tasks.end();) it = (*it)["op"] == "skip" ? tasks.erase(it) : it + 1;
  EXPECT_THAT(followed(json).choices[4].reason, testing::HasSubstr("not stated; finishes first on "));
  for (auto& choice : json["choices"]) choice.erase("tasks_digest");
  EXPECT_EQ(followed(json).choices[0].reason, "as given") << "nothing says whose the texts are";
  json.erase("tasks_digest");
  EXPECT_EQ(followed(json).choices[0].reason, found.choices[0].reason) << "written by hand";
}

TEST_F(MappingJson, ARecordIsNotBelowZero) {
  EXPECT_THAT(error_of(R"({"tasks": [], "search": {"value": -5}})"), testing::HasSubstr("mapping.search.value: "));
  EXPECT_THAT(error_of(R"({"tasks": [], "search": {"lower_bound": -5}})"),
              testing::HasSubstr("mapping.search.lower_bound: "));
  EXPECT_THAT(error_of(R"({"tasks": [], "search": {"budget": -5}})"), testing::HasSubstr("mapping.search.budget: "));
}

TEST_F(MappingJson, OnlyWholeOperatorsByThemselvesHaveStatedTiles) {
  EXPECT_EQ(problem_of(R"({"tasks": [
      {"op": "conv1", "device": "npu0", "part": {"axis": "out_rows", "begin": 0, "end": 10}},
      {"op": "conv1", "device": "cpu0", "part": {"axis": "out_rows", "begin": 10, "end": 16}}],
      "choices": [{"op": "conv1", "tiling": {"out_height": 2}}]})"),
            "\"conv1\" is split, so that its tiling cannot be stated; leave it out");
  EXPECT_EQ(problem_of(R"({"tasks": [{"op": "conv1", "device": "npu0", "group": 0}],
      "choices": [{"op": "conv1", "tiling": {"out_height": 2}}]})"),
            "\"conv1\" runs in a group, so that its tiling cannot be stated; leave it out");
}

TEST_F(MappingJson, AnAxisThatIsLeftOutIsWhole) {
  const Mapping mapping = read(R"({"tasks": [], "choices": [{"op": "conv2", "tiling": {"out_height": 4}}]})");
  const OpTile whole{.out_channels = 4, .in_channels = 16, .out_height = 4, .out_width = 16};
  EXPECT_EQ(mapping.choices[1].tiling->tile, whole);
}

TEST_F(MappingJson, StatedTilesGiveTheProgramAgain) {
  Mapping mapping = mapper_type("greedy", "test").make()->map(problem_, plans_);
  const Program program = emit_and_state_tiles(problem_, mapping, plans_);
  for (const auto& op : ops_) EXPECT_EQ(mapping.choices[op.id.index()].tiling.has_value(), op.name != "flat");
  EXPECT_THAT(problems_of(problem_, mapping, plans_), testing::IsEmpty());
  const Mapping again = read_mapping(problem_, to_json(problem_, mapping), "mapping");
  EXPECT_EQ(emit(problem_, again, plans_).to_json(), program.to_json());
}

TEST_F(MappingJson, NothingStatedIsGreedy) {
  const Mapping mapping = complete(problem_, read(R"({"tasks": []})"), plans_, "mapping");
  const Mapping greedy = mapper_type("greedy", "test").make()->map(problem_, plans_);
  ASSERT_EQ(mapping.tasks.size(), greedy.tasks.size());
  for (std::size_t i = 0; i < greedy.tasks.size(); ++i) {
    EXPECT_EQ(mapping.tasks[i].op, greedy.tasks[i].op);
    EXPECT_EQ(mapping.tasks[i].slot, greedy.tasks[i].slot);
  }
}

TEST_F(MappingJson, AMemoryCapIsChecked) {
  MappingProblem capped = problem_;
  capped.options.memory_cap = Bytes(1000);
  const Mapping greedy = mapper_type("greedy", "test").make()->map(problem_, plans_);
  EXPECT_THAT(problems_of(capped, greedy, plans_), testing::Contains(testing::HasSubstr("the cap is 1 kB")));
}

}  // namespace
}  // namespace chipcast
