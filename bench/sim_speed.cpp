// SPDX-License-Identifier: Apache-2.0
// Whole networks through the simulator, in one process on one core: how many runs per second, and how many
// multiply-accumulates of the simulated chip per second of the host.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "platform/analytic.h"
#include "platform/simulation.h"
#include "workloads/work.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

std::shared_ptr<const Platform> load_platform(const std::string& name) {
  const std::filesystem::path configs = std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs";
  return std::make_shared<const Platform>(Platform::load(configs / "platforms" / (name + ".json"), {configs}));
}

RunOptions int8_options() {
  RunOptions options;
  options.dtype = DType::int8;
  return options;
}

/// A network of the zoo in int8 on a platform.
struct Case {
  Case(const std::string& network, const std::string& platform_name)
      : graph(zoo_network(network)), platform(load_platform(platform_name)) {}

  Simulation map() const { return {platform, graph, int8_options()}; }

  void count_runs(benchmark::State& state) const {
    const auto macs = static_cast<double>(totals(graph).macs.count());
    const auto iterations = static_cast<double>(state.iterations());
    state.counters["runs/s"] = benchmark::Counter(iterations, benchmark::Counter::kIsRate);
    state.counters["simulated_MAC/s"] = benchmark::Counter(macs * iterations, benchmark::Counter::kIsRate);
  }

  Graph graph;
  std::shared_ptr<const Platform> platform;
};

/// The event simulation with its report; the program was mapped before.
void systemc(benchmark::State& state, const std::string& network, const std::string& platform) {
  const Case subject(network, platform);
  Simulation simulation = subject.map();
  for (auto _ : state) benchmark::DoNotOptimize(simulation.run());
  subject.count_runs(state);
}

/// The analytic tier alone over the mapped program.
void analytic(benchmark::State& state, const std::string& network, const std::string& platform) {
  const Case subject(network, platform);
  const Simulation simulation = subject.map();
  for (auto _ : state) benchmark::DoNotOptimize(analytic_latency(*subject.platform, simulation.program()));
  subject.count_runs(state);
}

/// Transforms, mapping and the analytic tier: what a design point costs before its first event.
void map(benchmark::State& state, const std::string& network, const std::string& platform) {
  const Case subject(network, platform);
  for (auto _ : state) {
    const Simulation simulation = subject.map();
    benchmark::DoNotOptimize(simulation.program().semaphores);
  }
  subject.count_runs(state);
}

/// All of it: graph in, report out.
void map_and_run(benchmark::State& state, const std::string& network, const std::string& platform) {
  const Case subject(network, platform);
  for (auto _ : state) {
    Simulation simulation = subject.map();
    benchmark::DoNotOptimize(simulation.run());
  }
  subject.count_runs(state);
}

void register_all() {
  struct Tier {
    const char* name;
    void (*body)(benchmark::State&, const std::string&, const std::string&);
  };
  constexpr Tier kTiers[] = {
      {"systemc", &systemc}, {"analytic", &analytic}, {"map", &map}, {"map_and_run", &map_and_run}};
  for (const char* network : {"mobilenet_v2", "resnet50"}) {
    for (const Tier& tier : kTiers) {
      const std::string name = std::string(network) + "/int8/rk3588/" + tier.name;
      benchmark::RegisterBenchmark(name.c_str(), [network, tier](benchmark::State& state) {
        tier.body(state, network, "rk3588");
      })->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace chipcast

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  chipcast::register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
