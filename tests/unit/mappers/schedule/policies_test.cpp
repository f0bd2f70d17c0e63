// SPDX-License-Identifier: Apache-2.0
// Placement policies beside the optimum that trying everything finds.
#include <gtest/gtest.h>

#include "mappers/annealing/annealing.h"
#include "mappers/chain/chain.h"
#include "mappers/heft/heft.h"
#include "mappers/peft/peft.h"
#include "mappers/pipeline/pipeline.h"
#include "mappers/schedule/evaluator.h"
#include "sim/base/check.h"
#include "tests/unit/mappers/schedule/exhaustive.h"
#include "tests/unit/mappers/schedule/random_problems.h"

namespace chipcast::schedule {
namespace {

constexpr Effort kEffort{.seed = 7, .budget = 8'000};

double value(const Problem& problem, const Found& found) {
  check(problem, found.solution, "solution");
  return Evaluator(problem).evaluate(found.solution).of(problem.objective);
}

RandomShape small(RandomProblems& random) {
  constexpr std::array<double, 4> kRatios{0.1, 0.5, 1.0, 3.0};
  return {.tasks = 4 + random.below(5),
          .devices = 2 + random.below(3),
          .edges = random.between(0.15, 0.6),
          .ratio = kRatios[random.below(kRatios.size())]};
}

TEST(Policies, AreCloseToTheOptimumOfSmallRandomGraphs) {
  constexpr int kGraphs = 100;
  RandomProblems random(11);
  double heft_sum = 0.0, peft_sum = 0.0, annealing_sum = 0.0;
  for (int i = 0; i < kGraphs; ++i) {
    const Problem problem = random.draw(small(random));
    const double optimum = Exhaustive(problem).best();
    const double annealed = value(problem, annealing::solve(problem, kEffort));
    EXPECT_GE(annealed, optimum * (1.0 - 1e-9));
    annealing_sum += annealed / optimum;
    heft_sum += value(problem, heft::solve(problem, kEffort)) / optimum;
    peft_sum += value(problem, peft::solve(problem, kEffort)) / optimum;
  }
  EXPECT_LE(heft_sum / kGraphs, 1.35);
  EXPECT_LE(peft_sum / kGraphs, 1.35);
  EXPECT_LE(annealing_sum / kGraphs, 1.05);
}

/// A chain with hand-offs, caches and unlike devices.
Problem random_chain(RandomProblems& random, Objective objective) {
  Problem problem = random.draw({.tasks = 6, .devices = 3, .edges = 0.0});
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
    if (t > 0) problem.tasks[t].inputs.push_back({.task = t - 1, .bytes = random.between(0.0, 3.0)});
    for (auto& mode : problem.tasks[t].modes) {
      mode.parts[0].local.work *= random.between(0.5, 1.0);
      mode.parts[0].publish = random.between(0.0, 2.0);
      mode.parts[0].publish_energy = random.between(0.0, 2.0);
    }
  }
  problem.handoff = random.between(0.0, 3.0);
  problem.idle_power = random.between(0.0, 1.0);
  problem.objective = objective;
  problem.link();
  return problem;
}

double best_of_all_modes(const Problem& problem) {
  Evaluator evaluator(problem);
  Solution solution = single_device(problem, 0);
  double best = kNever;
  const std::size_t devices = problem.devices.size();
  std::size_t combinations = 1;
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) combinations *= devices;
  for (std::size_t code = 0; code < combinations; ++code) {
    std::size_t rest = code;
    for (auto& mode : solution.modes) {
      mode = static_cast<std::uint32_t>(rest % devices);
      rest /= devices;
    }
    best = std::min(best, evaluator.evaluate(solution).of(problem.objective));
  }
  return best;
}

TEST(Chain, IsExactOnChains) {
  RandomProblems random(5);
  for (const Objective objective : {Objective::latency, Objective::energy, Objective::edp}) {
    for (int i = 0; i < 40; ++i) {
      const Problem problem = random_chain(random, objective);
      const Found found = chain::solve(problem, kEffort);
      EXPECT_NEAR(value(problem, found), best_of_all_modes(problem), 1e-9) << name_of(objective) << " " << i;
      EXPECT_TRUE(found.converged);
    }
  }
}

TEST(Chain, JointsAreWhatNothingPassesBy) {
  RandomProblems random(5);
  Problem problem = random.draw({.tasks = 7, .devices = 2, .edges = 0.0});
  const auto reads = [&](std::size_t reader, std::vector<std::size_t> producers) {
    for (const std::size_t p : producers) problem.tasks[reader].inputs.push_back({.task = p});
  };
  reads(1, {0});
  reads(2, {1});
  reads(3, {1});
  reads(4, {2, 3});
  reads(5, {4});
  reads(6, {4, 5});
  problem.link();
  EXPECT_EQ(chain::joints(problem), (std::vector<std::size_t>{0, 1, 4, 6}));
}

TEST(Annealing, IsTheSameForASeedAndNeverWorseThanHeft) {
  RandomProblems random(9);
  for (int i = 0; i < 20; ++i) {
    const Problem problem = random.draw({.tasks = 25, .devices = 4, .edges = 0.1, .ratio = 0.5});
    const Found first = annealing::solve(problem, kEffort), again = annealing::solve(problem, kEffort);
    EXPECT_EQ(first.solution, again.solution);
    EXPECT_EQ(first.evaluations, again.evaluations);
    EXPECT_LE(value(problem, first), value(problem, heft::solve(problem, kEffort)));
    EXPECT_LE(first.evaluations, kEffort.budget);
  }
}

TEST(Annealing, SaysWhenItHasNotComeToRest) {
  RandomProblems random(9);
  int warned = 0;
  for (int i = 0; i < 10; ++i) {
    const Problem problem = random.draw({.tasks = 60, .devices = 4, .edges = 0.05, .ratio = 1.0});
    const Found found = annealing::solve(problem, {.seed = 1, .budget = 200});
    EXPECT_EQ(found.converged, found.warning.empty());
    warned += found.converged ? 0 : 1;
  }
  EXPECT_GT(warned, 0);
}

TEST(Policies, FollowTheObjective) {
  RandomProblems random(21);
  for (int i = 0; i < 20; ++i) {
    Problem problem = random.draw({.tasks = 10, .devices = 3, .edges = 0.2, .ratio = 0.3});
    problem.idle_power = 0.05;
    const Solution fast = annealing::solve(problem, kEffort).solution;
    problem.objective = Objective::energy;
    const Solution thrifty = annealing::solve(problem, kEffort).solution;
    Evaluator evaluator(problem);
    EXPECT_LE(evaluator.evaluate(thrifty).energy, evaluator.evaluate(fast).energy * (1.0 + 1e-9));
    EXPECT_LE(evaluator.evaluate(fast).makespan, evaluator.evaluate(thrifty).makespan * (1.0 + 1e-9));
  }
}

TEST(Policies, StayWithinAPowerCapOrSayWhatTheLeastIs) {
  RandomProblems random(31);
  Problem problem = random.draw({.tasks = 12, .devices = 3, .edges = 0.1, .ratio = 0.1});
  for (auto& task : problem.tasks) {
    for (std::size_t d = 0; d < 3; ++d) task.modes[d].parts[0].power = 1.0 + static_cast<double>(d);
  }
  for (const double cap : {6.0, 4.5, 3.5, 2.5, 1.5}) {
    problem.power_cap = cap;
    for (const Solver& solver : {Solver(&heft::solve), Solver(&peft::solve), Solver(&annealing::solve)}) {
      const Found found = solve_within_caps(problem, kEffort, solver);
      EXPECT_LE(Evaluator(problem).evaluate(found.solution).peak_power, cap);
    }
  }
  problem.power_cap = 0.5;
  try {
    solve_within_caps(problem, kEffort, &heft::solve);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.place(), "power_cap");
    EXPECT_THAT(error.what(), testing::HasSubstr("1 W"));
  }
}

TEST(Policies, LowerTheMemoryWhereACapAsksForIt) {
  // Two independent pairs: producing both first keeps two results alive.
  RandomProblems random(1);
  Problem problem = random.draw({.tasks = 4, .devices = 1, .edges = 0.0});
  problem.tasks[2].inputs = {{.task = 0}};
  problem.tasks[3].inputs = {{.task = 1}};
  problem.tasks[0].result_bytes = problem.tasks[1].result_bytes = 100.0;
  problem.link();
  problem.memory_cap = 150.0;
  const Found found = solve_within_caps(problem, kEffort, &annealing::solve);
  EXPECT_LE(Evaluator(problem).evaluate(found.solution).peak_memory, 150.0);
  problem.memory_cap = 50.0;
  EXPECT_THROW(solve_within_caps(problem, kEffort, &annealing::solve), InputError);
}

TEST(Policies, TakeAProblemWithoutTasks) {
  Problem problem;
  problem.devices = {"a", "b"};
  problem.link();
  for (const Solver& solver : {Solver(&heft::solve), Solver(&peft::solve), Solver(&chain::solve),
                               Solver(&annealing::solve), Solver(&pipeline::solve)}) {
    const Found found = solve_within_caps(problem, kEffort, solver);
    EXPECT_TRUE(found.solution.order.empty());
    EXPECT_TRUE(found.converged);
  }
}

TEST(Annealing, CountsAllAndHasNotConvergedWithoutASearch) {
  RandomProblems random(3);
  const Problem problem = random.draw({.tasks = 20, .devices = 5});
  for (const std::int64_t budget : {1, 5, 40}) {
    const Found found = annealing::solve(problem, {.seed = 1, .budget = budget});
    EXPECT_LE(found.evaluations, budget);
    EXPECT_FALSE(found.converged);
    EXPECT_THAT(found.warning, testing::HasSubstr("hardly searched"));
  }
}

TEST(Policies, TryDevicesAloneWhereThereAreManyAndACap) {
  RandomProblems random(17);
  Problem problem = random.draw({.tasks = 10, .devices = 12, .edges = 0.0});
  for (auto& task : problem.tasks) {
    for (auto& mode : task.modes) mode.parts[0].power = 1.0;
  }
  problem.power_cap = 1.5;
  const Found found = solve_within_caps(problem, kEffort, &heft::solve);
  EXPECT_LE(Evaluator(problem).evaluate(found.solution).peak_power, 1.5);
}

TEST(Schedule, RefusesProblemsThatNoMachineHas) {
  const auto refused = [](auto change) {
    Problem problem = RandomProblems(1).draw({.tasks = 2, .devices = 2});
    check(problem, "problem");
    change(problem);
    EXPECT_THROW(check(problem, "problem"), InputError);
  };
  refused([](Problem& p) { p.bandwidth = 1e-3; });
  refused([](Problem& p) { p.power_cap = -1.0; });
  refused([](Problem& p) { p.memory_cap = -1.0; });
  refused([](Problem& p) { p.call = {-1.0, 0.0}; });
  refused([](Problem& p) { p.latency[1] = -1.0; });
  refused([](Problem& p) { p.tasks[0].modes[0].parts[0].cold.work = 1e-300; });
}

TEST(Pipeline, StatesWhatItSpentAndMakesLeast) {
  RandomProblems random(23);
  Problem problem = random.draw({.tasks = 12, .devices = 3, .edges = 0.4});
  const Found found = pipeline::solve(problem, kEffort);
  EXPECT_LE(found.evaluations, kEffort.budget);
  EXPECT_GT(found.evaluations, 1);
  const auto busy = pipeline::loads(problem, found.solution);
  EXPECT_NEAR(found.value.value(), *std::max_element(busy.begin(), busy.end()), 1e-9);
  EXPECT_LE(found.lower_bound.value(), found.value.value());
  EXPECT_FALSE(pipeline::solve(problem, {.seed = 1, .budget = 1}).converged);
  problem.objective = Objective::energy;
  EXPECT_THROW(pipeline::solve(problem, kEffort), InputError);
}

TEST(Pipeline, FramesGoWhereTheBusiestDeviceIsLeastBusy) {
  // One frame takes 2 s on a, 3 s on b: three frames on a for two on b.
  Problem frame;
  frame.devices = {"a", "b"};
  Task work{.name = "w"};
  for (const std::size_t d : {0U, 1U}) {
    Part part{.device = d};
    part.cold = part.local = {.work = d == 0 ? 2.0 : 3.0};
    work.modes.push_back({.parts = {part}});
  }
  frame.tasks = {work};
  frame.link();
  const pipeline::Rota rota = pipeline::rota(frame, kEffort, 12);
  EXPECT_EQ(rota.pattern.size(), 5U);
  EXPECT_NEAR(rota.period, 6.0 / 5.0, 1e-12);
}

TEST(Pipeline, SeveralEqualNetworksAreFrames) {
  RandomProblems random(41);
  const Problem frame = random_chain(random, Objective::latency);
  Problem many = frame;
  for (int f = 1; f < 6; ++f) {
    for (Task task : frame.tasks) {
      for (auto& input : task.inputs) input.task += static_cast<std::size_t>(f) * frame.tasks.size();
      many.tasks.push_back(std::move(task));
    }
  }
  many.link();
  EXPECT_EQ(pipeline::frames_of(many).size(), 6U);
  EXPECT_EQ(pipeline::frames_of(frame).size(), 1U);
  const double alone = value(frame, annealing::solve(frame, kEffort));
  const double together = value(many, pipeline::solve(many, kEffort));
  EXPECT_LT(together, 6.0 * alone);
  EXPECT_GE(together * (1.0 + 1e-9), 6.0 * pipeline::rota(frame, kEffort, 6).period);
}

}  // namespace
}  // namespace chipcast::schedule
