// SPDX-License-Identifier: Apache-2.0
// Schedules per second on one core. Stream, a peer, makes 34-90 of ResNet-18 on quad-cores without contention, and
// 0.8-1.8 of its fused graphs of about a thousand nodes.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>

#include "mappers/annealing/moves.h"
#include "mappers/heft/heft.h"
#include "mappers/schedule/evaluator.h"
#include "mappers/schedule/network.h"
#include "mappers/tiling/plans.h"
#include "platform/simulation.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

schedule::Network network(const char* name, bool split) {
  const std::filesystem::path configs = std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs";
  auto platform = std::make_shared<const Platform>(Platform::load(configs / "platforms/rk3588.json", {configs}));
  RunOptions options;
  options.dtype = DType::int8;
  const Simulation simulation(platform, zoo_network(name), options);
  tiling::Plans plans(simulation.problem().devices);
  return schedule::network_of(simulation.problem(), plans, split);
}

/// Every task cut into stripes that wait for the stripes before: a fused schedule's size.
schedule::Problem striped(const schedule::Problem& whole, std::size_t stripes) {
  schedule::Problem out = whole;
  out.tasks.clear();
  for (std::size_t t = 0; t < whole.tasks.size(); ++t) {
    for (std::size_t s = 0; s < stripes; ++s) {
      schedule::Task task = whole.tasks[t];
      for (auto& mode : task.modes) {
        for (auto& part : mode.parts) {
          for (schedule::Cost* cost : {&part.cold, &part.local}) {
            cost->work /= static_cast<double>(stripes);
            cost->bytes /= static_cast<double>(stripes);
          }
        }
      }
      std::vector<schedule::Input> inputs;
      for (const auto& input : task.inputs) {
        for (std::size_t before = s == 0 ? 0 : s - 1; before <= s; ++before) {
          inputs.push_back({.task = input.task * stripes + before, .bytes = input.bytes, .need = {}});
        }
      }
      task.inputs = std::move(inputs);
      out.tasks.push_back(std::move(task));
    }
  }
  out.link();
  return out;
}

/// A random change, then the whole schedule anew with contention: what a search does.
void evaluate(benchmark::State& state, const schedule::Problem& problem) {
  schedule::Evaluator evaluator(problem);
  const annealing::Moves moves(problem);
  Draws draws(1);
  schedule::Solution solution = heft::solve(problem, {}).solution;
  for (auto _ : state) {
    moves.apply(solution, draws);
    benchmark::DoNotOptimize(evaluator.evaluate(solution).makespan);
  }
  state.counters["schedules/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["tasks"] = static_cast<double>(problem.tasks.size());
}

void BM_ScheduleResNet18(benchmark::State& state) {
  static const schedule::Network resnet = network("resnet18", true);
  evaluate(state, resnet.problem);
}
BENCHMARK(BM_ScheduleResNet18);

void BM_ScheduleThousandNodes(benchmark::State& state) {
  static const schedule::Problem fused = [] {
    const schedule::Problem whole = network("resnet18", false).problem;
    return striped(whole, 1 + 1000 / whole.tasks.size());
  }();
  evaluate(state, fused);
}
BENCHMARK(BM_ScheduleThousandNodes);

void BM_ListScheduleThousandNodes(benchmark::State& state) {
  static const schedule::Problem fused = [] {
    const schedule::Problem whole = network("resnet18", false).problem;
    return striped(whole, 1 + 1000 / whole.tasks.size());
  }();
  for (auto _ : state) benchmark::DoNotOptimize(heft::solve(fused, {}).solution.order.size());
  state.counters["schedules/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_ListScheduleThousandNodes);

}  // namespace
}  // namespace chipcast
