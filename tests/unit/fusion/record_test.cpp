// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "mappers/fusion/fuse.h"
#include "mappers/fusion/ways.h"
#include "tests/unit/fusion/subject.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::fusion {
namespace {

Graph small_network() { return convert_dtype(zoo_network("mlperf_tiny_ic"), DType::int8); }

Mapping on_the_npu(const Subject& subject) {
  Mapping mapping;
  for (const auto& op : subject.ops) {
    const bool runs = subject.npu->refuses(op).empty();
    mapping.tasks.push_back({.op = op.id, .slot = runs ? std::optional<std::size_t>(0) : std::nullopt});
  }
  mapping.choices.resize(subject.ops.size());
  mapping.search = {.method = "annealing", .budget = 5, .evaluations = 5, .value = 1.0, .lower_bound = 0.5};
  return mapping;
}

bool has_groups(const Mapping& mapping) {
  return std::any_of(mapping.tasks.begin(), mapping.tasks.end(), [](const Task& task) { return task.group; });
}

TEST(FusionRecord, HasValueAndBoundWhereAllRunsOnOneDevice) {
  const Subject subject(small_network());
  tiling::Plans plans(subject.problem);
  const Mapping fused = fuse(subject.problem, on_the_npu(subject), plans);
  ASSERT_TRUE(has_groups(fused));
  EXPECT_EQ(fused.search.method, "annealing + fusion");
  EXPECT_NE(fused.search.value, 1.0);
  ASSERT_TRUE(fused.search.lower_bound.has_value());
  EXPECT_LE(*fused.search.lower_bound, fused.search.value);
}

/// Devices run side by side: a sum is no bound.
TEST(FusionRecord, HasNeitherOnTwoDevices) {
  Subject subject(small_network());
  subject.slots.push_back(subject.slots.front());
  Mapping mapping = on_the_npu(subject);
  mapping.tasks.back().slot = 1;
  tiling::Plans plans(subject.problem);
  const Mapping fused = fuse(subject.problem, mapping, plans);
  ASSERT_TRUE(has_groups(fused));
  EXPECT_EQ(fused.search.value, 0.0);
  EXPECT_FALSE(fused.search.lower_bound.has_value());
}

TEST(FusionRecord, HasNeitherWhereAnOperatorWasLeftAlone) {
  const Subject subject(small_network());
  Mapping mapping = on_the_npu(subject);
  const std::size_t first = static_cast<std::size_t>(
      std::find_if(mapping.tasks.begin(), mapping.tasks.end(), [](const Task& task) { return task.slot; }) -
      mapping.tasks.begin());
  mapping.tasks[first].group = 3;
  tiling::Plans plans(subject.problem);
  const Mapping fused = fuse(subject.problem, mapping, plans);
  EXPECT_EQ(fused.search.value, 0.0);
  EXPECT_FALSE(fused.search.lower_bound.has_value());
}

TEST(FusionRecord, StaysWhereNothingIsFused) {
  const Subject subject(small_network());
  tiling::Plans plans(subject.problem);
  Mapping mapping = on_the_npu(subject);
  for (Task& task : mapping.tasks)
    task.group = task.slot ? std::optional<std::uint32_t>(task.op.index()) : std::nullopt;
  const Mapping fused = fuse(subject.problem, mapping, plans);
  EXPECT_EQ(fused.search.method, "annealing");
  EXPECT_EQ(fused.search.value, 1.0);
  EXPECT_EQ(fused.search.lower_bound, 0.5);
}

TEST(FusionRecord, NamesFusionOnce) {
  const Subject subject(small_network());
  tiling::Plans plans(subject.problem);
  Mapping mapping = on_the_npu(subject);
  for (const char* method : {"fusion", "annealing + fusion"}) {
    mapping.search.method = method;
    EXPECT_EQ(fuse(subject.problem, mapping, plans).search.method, method);
  }
}

/// A chain of 33 may be one group; groups of 32 are the largest that are looked at.
TEST(FusionRecord, SaysThatLargerGroupsCouldBe) {
  const auto chain = [](std::size_t length) {
    GraphBuilder b("chain");
    TensorId x = b.input("x", {{1, 8, 4, 4}, DType::int8});
    for (std::size_t i = 0; i < length; ++i) {
      x = b.add_one("op" + std::to_string(i), Unary{.function = UnaryFunction::relu}, {x});
    }
    b.output(x);
    return std::move(b).build();
  };
  for (const std::size_t length : {kMostOperators, kMostOperators + 1}) {
    const Subject subject(chain(length));
    tiling::Plans plans(subject.problem);
    const SearchRecord search = fuse(subject.problem, on_the_npu(subject), plans).search;
    EXPECT_EQ(search.converged, length == kMostOperators) << length;
    EXPECT_EQ(search.warning, search.converged ? "" : "groups of more than 32 operators were not looked at");
  }
}

TEST(FusionRecord, HoldsTheLargestBudget) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  Subject subject(small_network());
  subject.problem.options.budget = most;
  tiling::Plans plans(subject.problem);
  Mapping mapping = on_the_npu(subject);
  mapping.search.budget = mapping.search.evaluations = most;
  const Mapping fused = fuse(subject.problem, mapping, plans);
  EXPECT_EQ(fused.search.budget, most);
  EXPECT_EQ(fused.search.evaluations, most);
}

/// As where a saved mapping is followed: its groups and its record stay.
TEST(FusionRecord, SpendsNothingWhereThereIsNothingToGroup) {
  const Subject subject(small_network());
  tiling::Plans plans(subject.problem);
  Mapping mapping = on_the_npu(subject);
  for (Task& task : mapping.tasks) {
    if (task.slot) task.group = 0;
  }
  const SearchRecord search = fuse(subject.problem, mapping, plans).search;
  EXPECT_EQ(search.method, "annealing");
  EXPECT_EQ(search.budget, 5);
  EXPECT_EQ(search.evaluations, 5);
}

/// The same tasks with and without groups that are there already; the product asks for their cost.
TEST(FusionRecord, GroupsThatAreThereStayForTheProduct) {
  Subject subject(small_network());
  subject.problem.options.objective = Objective::edp;
  tiling::Plans plans(subject.problem);
  const Mapping once = fuse(subject.problem, on_the_npu(subject), plans);
  ASSERT_TRUE(has_groups(once));
  const Mapping twice = fuse(subject.problem, once, plans);
  ASSERT_GE(twice.tasks.size(), once.tasks.size());
  EXPECT_EQ(twice.search.method, "annealing + fusion");
}

Segment priced(double seconds, double joules) {
  Segment out;
  out.end = 1;
  out.cost.latency = Time::ps(static_cast<std::int64_t>(seconds * 1e12));
  out.cost.energy = Joules(joules);
  return out;
}

/// By itself the fast way stands (1 s, 10 J; at these weights the other costs more); beside 100 s of other work its
/// second counts little and its energy all: 101 s * 10 J against 104 s * 2 J.
TEST(BestWays, CountWhatElseRunsInTheProduct) {
  const std::vector<Segment> segments{priced(1.0, 10.0), priced(4.0, 2.0)};
  const std::vector<Offer> runs{{&segments, 1}};
  Cost rest;
  EXPECT_EQ(best_ways(runs, Objective::edp, rest).cost().energy.count(), 10.0);
  rest.latency = Time::ps(100'000'000'000'000);
  const Ways ways = best_ways(runs, Objective::edp, rest);
  EXPECT_EQ(ways.cost().energy.count(), 2.0);
  EXPECT_TRUE(ways.settled);
}

}  // namespace
}  // namespace chipcast::fusion
