// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/evaluator.h"

#include <gtest/gtest.h>

#include "mappers/schedule/bounds.h"
#include "mappers/schedule/list_scheduler.h"
#include "sim/base/check.h"
#include "tests/unit/mappers/schedule/random_problems.h"

namespace chipcast::schedule {
namespace {

Part on(std::size_t device, double work, double bytes = 0.0) {
  Part part{.device = device};
  part.cold = part.local = {.work = work, .bytes = bytes, .energy = work};
  return part;
}

Task task(std::vector<Part> choices, std::vector<std::size_t> inputs = {}) {
  Task out{.name = "t"};
  for (Part& part : choices) out.modes.push_back({.parts = {part}});
  for (const std::size_t input : inputs) out.inputs.push_back({.task = input, .bytes = 1.0});
  return out;
}

Problem two_devices(std::vector<Task> tasks) {
  Problem problem;
  problem.devices = {"a", "b"};
  problem.tasks = std::move(tasks);
  problem.link();
  return problem;
}

double makespan(const Problem& problem, const Solution& solution) {
  return Evaluator(problem).evaluate(solution).makespan;
}

TEST(Evaluator, AChainTakesItsSumOnOneDeviceAndHandOffsBesidesOnTwo) {
  Problem problem = two_devices({task({on(0, 2), on(1, 3)}), task({on(0, 2), on(1, 3)}, {0})});
  problem.handoff = 0.5;
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 0}, {0, 1}}), 4.0);
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 1}, {0, 1}}), 2.0 + 0.5 + 3.0);
}

TEST(Evaluator, DelaysKeepNeitherDeviceBusy) {
  Problem problem = two_devices({task({on(0, 2)}), task({on(1, 1)}), task({on(1, 3)}, {0})});
  problem.latency = {0, 0.25, 0.25, 0};
  problem.seconds_per_byte = {0, 1, 1, 0};
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 0, 0}, {0, 1, 2}}), 2.0 + 1.25 + 3.0);
}

TEST(Evaluator, WhatStaysInACacheIsLoadedAndStoredOnlyToChangeDevice) {
  Problem problem = two_devices({task({on(0, 2)}), task({on(0, 2), on(1, 2)}, {0})});
  problem.tasks[0].modes[0].parts[0].publish = 0.75;
  problem.tasks[0].modes[0].parts[0].publish_energy = 5.0;
  problem.tasks[1].modes[0].parts[0].local.work = 1.5;
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 0}, {0, 1}}), 3.5);
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 1}, {0, 1}}), 4.75);
  Evaluator evaluator(problem);
  EXPECT_DOUBLE_EQ(evaluator.evaluate({{0, 1}, {0, 1}}).energy - evaluator.evaluate({{0, 0}, {0, 1}}).energy, 5.0);
}

TEST(Evaluator, CallsComeOnceForEachDevice) {
  Problem problem = two_devices({task({on(0, 1)}), task({on(0, 1)}, {0}), task({on(1, 1)}, {1})});
  problem.call = {10, 100};
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 0, 0}, {0, 1, 2}}), 10 + 1 + 1 + 100 + 1);
}

TEST(Evaluator, DemandsBeyondTheMemorySlowAllDownInProportion) {
  // Two transfers of 4 B/s each share 4 B/s: both at half speed until the shorter ends.
  Problem problem = two_devices({task({on(0, 1, 4)}), task({on(1, 3, 12)})});
  problem.bandwidth = 4.0;
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 0}, {0, 1}}), 4.0);
  EXPECT_DOUBLE_EQ(Evaluator(problem, false).evaluate({{0, 0}, {0, 1}}).makespan, 3.0);
  problem.bandwidth = 8.0;
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 0}, {0, 1}}), 3.0);
}

TEST(Evaluator, LaunchesAreNotSlowedByOthersTransfers) {
  Problem problem = two_devices({task({on(0, 1, 4)}), task({on(1, 2, 8)})});
  problem.tasks[0].modes[0].parts[0].cold.overhead = 3.0;
  problem.bandwidth = 4.0;
  EXPECT_DOUBLE_EQ(makespan(problem, {{0, 0}, {0, 1}}), 4.0);
}

TEST(Evaluator, PowerOfWhatRunsAtOnceAddsUp) {
  Problem problem = two_devices({task({on(0, 2)}), task({on(1, 2)}), task({on(0, 1)}, {1})});
  problem.tasks[0].modes[0].parts[0].power = 3.0;
  problem.tasks[1].modes[0].parts[0].power = 4.0;
  problem.tasks[2].modes[0].parts[0].power = 5.0;
  problem.idle_power = 1.0;
  problem.power_cap = 100.0;
  EXPECT_DOUBLE_EQ(Evaluator(problem).evaluate({{0, 0, 0}, {0, 1, 2}}).peak_power, 8.0);
}

TEST(Evaluator, ResultsLiveUntilTheirLastReaderInTheOrderOfIssue) {
  Problem problem = two_devices({task({on(0, 1)}), task({on(0, 1)}), task({on(0, 1)}, {0}), task({on(0, 1)}, {1, 2})});
  for (auto& each : problem.tasks) each.result_bytes = 10.0;
  problem.fixed_bytes = 100.0;
  problem.memory_cap = 1e9;
  Evaluator evaluator(problem);
  EXPECT_DOUBLE_EQ(evaluator.evaluate({{0, 0, 0, 0}, {0, 1, 2, 3}}).peak_memory, 130.0);
  problem.tasks[1].result_bytes = 40.0;
  EXPECT_DOUBLE_EQ(evaluator.evaluate({{0, 0, 0, 0}, {0, 1, 2, 3}}).peak_memory, 160.0);
  EXPECT_DOUBLE_EQ(evaluator.evaluate({{0, 0, 0, 0}, {0, 2, 1, 3}}).peak_memory, 160.0);
}

TEST(Evaluator, PartsThatNeedOnlyTheirOwnNeighboursSaveTheHandOff) {
  Problem problem = two_devices({task({on(0, 4)}), task({on(0, 4)}, {0})});
  problem.handoff = 10.0;
  for (auto& each : problem.tasks) {
    Mode mode;
    for (const std::size_t d : {0U, 1U}) {
      Part half = on(d, 2);
      half.range = {.axis = PartAxis::out_channels, .begin = d == 0 ? 0 : 8, .end = d == 0 ? 8 : 16};
      mode.parts.push_back(half);
    }
    each.modes.push_back(mode);
  }
  EXPECT_DOUBLE_EQ(makespan(problem, {{1, 1}, {0, 1}}), 2 + 10 + 2);
  problem.tasks[1].inputs[0].need.channels_cut = Need::Kind::channels;
  EXPECT_DOUBLE_EQ(makespan(problem, {{1, 1}, {0, 1}}), 4.0);
}

TEST(Overlaps, RowsReachAsFarAsTheWindow) {
  const Need need{.rows_cut = Need::Kind::rows, .stride = 2, .pad = 1, .reach = 3};
  const auto rows = [](std::int64_t begin, std::int64_t end) {
    return OpPart{.axis = PartAxis::out_rows, .begin = begin, .end = end};
  };
  EXPECT_TRUE(overlaps(need, rows(0, 8), rows(0, 4)));
  EXPECT_FALSE(overlaps(need, rows(8, 16), rows(0, 4)));  // rows -1 to 7
  EXPECT_TRUE(overlaps(need, rows(0, 8), rows(4, 8)));    // rows 7 to 15
  EXPECT_TRUE(overlaps(need, {}, rows(4, 8)));
}

TEST(Evaluator, NeverBelowTheBoundsAndNotBelowItselfWithoutContention) {
  RandomProblems random(3);
  for (int i = 0; i < 200; ++i) {
    Problem problem = random.draw({.tasks = 2 + random.below(30),
                                   .devices = 1 + random.below(4),
                                   .edges = random.between(0.05, 0.5),
                                   .ratio = random.between(0.0, 2.0)});
    for (auto& each : problem.tasks) {
      for (auto& mode : each.modes) {
        auto& part = mode.parts[0];
        part.cold.bytes = part.local.bytes = part.cold.work * random.between(0.0, 1.0);
      }
    }
    problem.bandwidth = 1.0;
    const Solution solution =
        list_schedule(problem, upward_ranks(problem), all_modes(problem),
                      [](const ListScheduler&, std::size_t, std::size_t, double finish) { return finish; });
    const Value shared = Evaluator(problem).evaluate(solution), alone = Evaluator(problem, false).evaluate(solution);
    EXPECT_GE(shared.makespan, alone.makespan * (1.0 - 1e-12));
    EXPECT_GE(alone.makespan, bounds(problem).makespan() * (1.0 - 1e-12));
    EXPECT_GE(alone.energy, bounds(problem).energy * (1.0 - 1e-12));
  }
}

TEST(Evaluator, RefusesOrdersThatAreNotTopological) {
  const Problem problem = two_devices({task({on(0, 1)}), task({on(0, 1)}, {0})});
  EXPECT_THROW(Evaluator(problem).evaluate({{0, 0}, {1, 0}}), InvariantError);
  EXPECT_THROW(check(problem, {{0, 0}, {1, 0}}, "solution"), InputError);
  EXPECT_THROW(check(problem, {{0, 1}, {0, 1}}, "solution"), InputError);
}

}  // namespace
}  // namespace chipcast::schedule
