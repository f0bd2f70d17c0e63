// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/partition.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "mappers/fusion/fuse.h"
#include "tests/unit/fusion/subject.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::fusion {
namespace {

Segment segment(std::size_t begin, std::size_t end, std::int64_t microseconds, std::int64_t bytes) {
  Segment out;
  out.begin = begin;
  out.end = end;
  out.cost.latency = Time::ps(microseconds * 1'000'000);
  out.cost.loads = Bytes(bytes);
  return out;
}

double sum(const std::vector<Segment>& path) {
  double total = 0.0;
  for (const Segment& some : path) total += some.cost.latency.seconds().count();
  return total;
}

/// All ways, one by one.
double least(const std::vector<Segment>& segments, std::size_t at, std::size_t ops) {
  if (at == ops) return 0.0;
  double best = std::numeric_limits<double>::infinity();
  for (const Segment& some : segments) {
    if (some.begin == at) best = std::min(best, some.cost.latency.seconds().count() + least(segments, some.end, ops));
  }
  return best;
}

TEST(Cheapest, IsTheLeastOfAllWays) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200; ++i) {
    const auto ops = static_cast<std::size_t>(draw(random, 1, 8));
    std::vector<Segment> segments;
    for (std::size_t begin = 0; begin < ops; ++begin) {
      segments.push_back(segment(begin, begin + 1, draw(random, 1, 50), 10));
      for (std::size_t end = begin + 2; end <= ops; ++end) {
        if (draw(random, 0, 2) > 0) segments.push_back(segment(begin, end, draw(random, 1, 150), 10));
      }
    }
    const auto path = cheapest(segments, ops, {});
    EXPECT_NEAR(sum(path), least(segments, 0, ops), 1e-12);
    std::size_t at = 0;
    for (const Segment& some : path) {
      EXPECT_EQ(some.begin, at);
      at = some.end;
    }
    EXPECT_EQ(at, ops);
  }
}

TEST(Cheapest, PrefersLessTrafficAmongEquals) {
  const auto path = cheapest({segment(0, 1, 5, 100), segment(1, 2, 5, 100), segment(0, 2, 10, 50)}, 2, {});
  ASSERT_EQ(path.size(), 1U);
  EXPECT_EQ(path.front().cost.traffic(), Bytes(50));
}

Mapping on_the_npu(const Subject& subject) {
  Mapping mapping;
  for (const auto& op : subject.ops) {
    const bool runs = subject.npu->refuses(op).empty();
    mapping.tasks.push_back({.op = op.id, .slot = runs ? std::optional<std::size_t>(0) : std::nullopt});
  }
  mapping.choices.resize(subject.ops.size());
  return mapping;
}

/// Operators whose parts do not cover them once, or come before what they read.
void check_tasks(const Subject& subject, const Mapping& mapping) {
  std::vector<std::int64_t> rows(subject.ops.size(), 0);
  for (const Task& task : mapping.tasks) {
    const OpDescription& op = subject.ops[task.op.index()];
    std::int64_t& done = rows[task.op.index()];
    if (!task.part.whole()) {
      EXPECT_EQ(problem_of(op, task.part), "") << op.name;
      EXPECT_EQ(task.part.begin, done) << op.name;
    }
    done = task.part.whole() ? op.cuts.rows : task.part.end;
  }
  for (const auto& op : subject.ops) EXPECT_EQ(rows[op.id.index()], op.cuts.rows) << op.name;
}

TEST(Fuse, CoversEveryOperatorOnceAndSavesTraffic) {
  npu::Config config;
  config.buffer = Bytes(128 * 1024);
  config.buffer_banks = 4;
  for (const char* network : {"mobilenet_v2", "squeezenet1_1", "resnet18", "mlperf_tiny_vww", "bert_tiny"}) {
    const Subject subject(convert_dtype(fuse_activations(fold_batch_norm(zoo_network(network))), DType::int8), config);
    tiling::Plans plans(subject.slots);
    const Mapping fused = fuse(subject.problem, on_the_npu(subject), plans);
    check_tasks(subject, fused);
    std::set<std::uint32_t> groups;
    for (const Task& task : fused.tasks) {
      if (task.group) groups.insert(*task.group);
    }
    EXPECT_GE(groups.size(), 1U) << network;
    EXPECT_EQ(fused.search.method, "fusion");
    if (!fused.search.converged) {
      EXPECT_EQ(fused.search.warning, "groups of more than 32 operators were not looked at");
    }
    EXPECT_GT(fused.search.evaluations, 0);
  }
}

TEST(Fuse, DoesNothingWhereItMayNot) {
  Subject subject(RandomChain(3).build());
  subject.problem.options.fuse = false;
  tiling::Plans plans(subject.slots);
  const Mapping fused = fuse(subject.problem, on_the_npu(subject), plans);
  EXPECT_EQ(fused.tasks.size(), subject.ops.size());
  EXPECT_EQ(fused.search.method, "");
}

TEST(Fuse, SaysThatItsBudgetEnded) {
  Subject subject(convert_dtype(zoo_network("squeezenet1_1"), DType::int8));
  subject.problem.options.budget = 10;
  tiling::Plans plans(subject.slots);
  const Mapping fused = fuse(subject.problem, on_the_npu(subject), plans);
  EXPECT_FALSE(fused.search.converged);
  EXPECT_EQ(fused.search.warning, "the budget ended before all groups of operators had been looked at; raise it");
}

TEST(Fuse, FollowsTheObjective) {
  Subject subject(convert_dtype(fuse_activations(fold_batch_norm(zoo_network("mobilenet_v2"))), DType::int8));
  subject.slots[0].transfer_energy = [](EngineKind, Bytes bytes) {
    return Joules(1e-10) * static_cast<double>(bytes.count());
  };
  tiling::Plans plans(subject.slots);
  const auto cost = [&](Objective objective) {
    subject.problem.options.objective = objective;
    fusion::Run run;
    for (const auto& op : subject.ops) {
      if (!subject.npu->refuses(op).empty()) continue;
      run.ops.push_back(op.id);
      run.view_before.push_back(false);
    }
    Segments segments(subject.facts, plans, run, true);
    segments.find(1'000'000);
    Cost sum;
    const Weights weights = objective == Objective::latency ? Weights{1.0, 0.0} : Weights{0.0, 1.0};
    for (const Segment& some : cheapest(segments.found(), run.ops.size(), weights)) sum += some.cost;
    return sum;
  };
  const Cost fast = cost(Objective::latency), frugal = cost(Objective::energy);
  EXPECT_LE(fast.latency, frugal.latency);
  EXPECT_LE(frugal.energy, fast.energy);
}

}  // namespace
}  // namespace chipcast::fusion
