// SPDX-License-Identifier: Apache-2.0
// How fast are costs and searches of loop nests on a spatial array? Peers: MAESTRO prices 2,500 layers per second with
// a fixed dataflow, ZigZag evaluates 110-275 mappings per second and takes 57-352 s of CPU time for ResNet-18.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "accelerators/spatial/search.h"
#include "tests/unit/spatial/sampling.h"
#include "workloads/op_description.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::spatial {
namespace {

Memory memory_of(const char* name, std::int64_t bits, std::vector<Operand> operands, bool shared,
                 std::int64_t bandwidth, double picojoule) {
  return {.name = name,
          .size = bits,
          .operands = std::move(operands),
          .serves = shared ? std::vector<std::string>{"D1", "D2"} : std::vector<std::string>{},
          .ports = {{.name = "r", .kind = PortKind::read, .bandwidth = bandwidth},
                    {.name = "w", .kind = PortKind::write, .bandwidth = bandwidth}},
          .read_energy = Joules(picojoule * 1e-12),
          .write_energy = Joules(picojoule * 1e-12),
          .buffering = Buffering::where_free};
}

/// The size of ZigZag's tpu_like: 32 x 32 multipliers, registers of weights and sums, 2 MiB for the rest.
Architecture array_of_1024() {
  return {
      .name = "bench",
      .array = {{.name = "D1", .size = 32, .unroll = {{LoopDim::K, 32}}},
                {.name = "D2", .size = 32, .unroll = {{LoopDim::C, 32}}}},
      .mac_energy = Joules(0.04e-12),
      .memories = {memory_of("weights", 1024, {Operand::W}, false, 8, 0.1),
                   memory_of("sums", 16, {Operand::O}, false, 16, 0.02),
                   memory_of("sram", 16777216, {Operand::I, Operand::O}, true, 2048, 400.0),
                   memory_of("dram", std::int64_t{1} << 40, {Operand::W, Operand::I, Operand::O}, true, 64, 700.0)}};
}

/// A convolution of AlexNet (Krizhevsky et al., 2012); channels per group.
Layer convolution(std::int64_t groups, std::int64_t filters, std::int64_t channels, std::int64_t out, std::int64_t taps,
                  std::int64_t stride, std::int64_t in) {
  Layer layer{.sizes = {1, groups, filters, channels, out, out, taps, taps}};
  layer.stride_y = layer.stride_x = stride;
  layer.in_height = layer.in_width = in;
  return layer;
}

std::vector<Layer> layers_of(const std::string& network) {
  if (network == "alexnet") {
    return {convolution(1, 96, 3, 55, 11, 4, 227), convolution(2, 128, 48, 27, 5, 1, 27),
            convolution(1, 384, 256, 13, 3, 1, 13), convolution(2, 192, 192, 13, 3, 1, 13),
            convolution(2, 128, 192, 13, 3, 1, 13)};
  }
  std::vector<Layer> out;
  for (const OpDescription& op : describe_ops(zoo_network(network))) {
    if (op.nests.size() != 1) continue;
    Layer layer = layer_of(op, op.nests.front(), 16);
    layer.weight_bits = layer.input_bits = layer.output_bits = 8;
    out.push_back(layer);
  }
  return out;
}

void fixed_mapping(benchmark::State& state) {
  const Hierarchy hierarchy(array_of_1024());
  const std::vector<Layer> layers = layers_of("resnet18");
  std::vector<NestMapping> mappings;
  for (const Layer& layer : layers) mappings.push_back(search(hierarchy, layer, {.goal = Goal::energy}).mapping);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(evaluate(hierarchy, layers[i], mappings[i]).cycles());
    i = i + 1 == layers.size() ? 0 : i + 1;
  }
  state.counters["layers_per_second"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(fixed_mapping);

void whole_search(benchmark::State& state, const std::string& network, Goal goal, unsigned threads) {
  const Hierarchy hierarchy(array_of_1024());
  const std::vector<Layer> layers = layers_of(network);
  double evaluations = 0.0, unproven = 0.0;
  for (auto _ : state) {
    unproven = 0.0;
    std::vector<Layer> seen;
    const auto results = search_all(hierarchy, layers, {.goal = goal}, threads);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (std::find(seen.begin(), seen.end(), layers[i]) != seen.end()) continue;
      seen.push_back(layers[i]);
      evaluations += static_cast<double>(results[i].evaluations);
      unproven += results[i].converged ? 0.0 : 1.0;
    }
  }
  state.counters["evaluations_per_second"] = benchmark::Counter(evaluations, benchmark::Counter::kIsRate);
  state.counters["layers_not_proven_best"] = unproven;
}
BENCHMARK_CAPTURE(whole_search, resnet18_latency_one_thread, "resnet18", Goal::latency, 1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(whole_search, resnet18_energy_one_thread, "resnet18", Goal::energy, 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(whole_search, resnet18_latency_all_threads, "resnet18", Goal::latency, 0)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

/// The search beside the best of 100,000 random legal mappings of each layer: largest ratio of the values, at most 1.
void random_samples(benchmark::State& state, const std::string& network, Goal goal) {
  const Hierarchy hierarchy(array_of_1024());
  std::vector<Layer> layers = layers_of(network);
  std::sort(layers.begin(), layers.end());
  layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
  double worst = 0.0, samples = 0.0;
  for (auto _ : state) {
    for (const Layer& layer : layers) {
      const SearchResult found = search(hierarchy, layer, {.goal = goal});
      Sampling sampling(hierarchy, layer, found.mapping.spatial, 1);
      for (int i = 0; i < 100'000; ++i) {
        const auto sample = sampling.next({});
        if (!sample) break;
        ++samples;
        const NestCost cost = evaluate(hierarchy, layer, *sample);
        worst = std::max(worst, found.value / (goal == Goal::latency ? cost.cycles() : cost.energy_pj()));
      }
    }
  }
  state.counters["worst_ratio"] = worst;
  state.counters["samples"] = samples;
}
BENCHMARK_CAPTURE(random_samples, alexnet_latency, "alexnet", Goal::latency)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(random_samples, alexnet_energy, "alexnet", Goal::energy)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(random_samples, resnet18_latency, "resnet18", Goal::latency)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(random_samples, resnet18_energy, "resnet18", Goal::energy)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(random_samples, mobilenet_v2_latency, "mobilenet_v2", Goal::latency)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(random_samples, mobilenet_v2_energy, "mobilenet_v2", Goal::energy)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace chipcast::spatial
