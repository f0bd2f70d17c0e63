// SPDX-License-Identifier: Apache-2.0
// Tilings: estimates of a fixed plan per second, estimates inside a search per second, and whole networks searched
// cold.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "mappers/tiling/plans.h"
#include "platform/device_slots.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

/// A network in int8 on the first device of rk3588 (an NPU core) or of any other platform.
struct Subject {
  Subject(const std::string& network, const std::string& on)
      : graph(convert_dtype(fuse_activations(fold_batch_norm(remove_dead(zoo_network(network)))), DType::int8)),
        ops(describe_ops(graph)),
        platform(Platform::load(configs() / "platforms" / (on + ".json"), {configs()})),
        slots(device_slots(platform, {})) {}

  static std::filesystem::path configs() { return std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs"; }

  /// Products that the first device searches tiles for.
  std::vector<const OpDescription*> products() const {
    std::vector<const OpDescription*> out;
    for (const auto& op : ops) {
      if (op.macs > Ops(0) && op.single_nest() && slots.front().device->refuses(op).empty()) out.push_back(&op);
    }
    return out;
  }

  Graph graph;
  std::vector<OpDescription> ops;
  Platform platform;
  std::vector<DeviceSlot> slots;
};

/// The plan that the search finds for each layer, estimated again and again.
void layers_with_a_fixed_plan(benchmark::State& state) {
  const Subject subject("mobilenet_v2", "rk3588");
  const DeviceSlot& slot = subject.slots.front();
  std::vector<tiling::Plan> plans;
  const auto products = subject.products();
  for (const OpDescription* op : products) {
    plans.push_back(tiling::choose(*op, slot, tiling::whole_traffic(*op, *slot.device)));
  }
  std::int64_t done = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const Traffic traffic = tiling::whole_traffic(*products[i], *slot.device);
      benchmark::DoNotOptimize(tiling::estimate(*products[i], slot, traffic, plans[i]).latency);
      ++done;
    }
  }
  state.counters["layers/s"] = benchmark::Counter(static_cast<double>(done), benchmark::Counter::kIsRate);
}
BENCHMARK(layers_with_a_fixed_plan)->Unit(benchmark::kMillisecond);

/// Every product of a network searched from nothing. `plans/s` counts plans that were estimated in full, `considered/s`
/// also those that their own transfers bounded away, over all of the search's time; most choices go in larger groups.
void searches(benchmark::State& state, const char* network, const char* platform) {
  const Subject subject(network, platform);
  const DeviceSlot& slot = subject.slots.front();
  const auto products = subject.products();
  std::int64_t evaluated = 0, considered = 0;
  for (auto _ : state) {
    for (const OpDescription* op : products) {
      const auto plan = tiling::find(*op, slot, tiling::whole_traffic(*op, *slot.device));
      if (!plan || !plan->record) continue;
      evaluated += plan->record->evaluated;
      considered += plan->record->considered;
    }
  }
  state.counters["considered/s"] = benchmark::Counter(static_cast<double>(considered), benchmark::Counter::kIsRate);
  state.counters["plans/s"] = benchmark::Counter(static_cast<double>(evaluated), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(searches, mobilenet_v2_on_rk3588, "mobilenet_v2", "rk3588")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(searches, resnet18_on_qcs6490, "resnet18", "qcs6490")->Unit(benchmark::kMillisecond);

/// All operators on all kinds of devices, as a mapper asks for them.
void cold(benchmark::State& state, const char* network, const char* platform) {
  const Subject subject(network, platform);
  for (auto _ : state) {
    tiling::Plans plans(subject.slots);
    plans.prepare(subject.ops, static_cast<std::size_t>(state.range(0)));
    benchmark::DoNotOptimize(plans);
  }
}
BENCHMARK_CAPTURE(cold, mobilenet_v2_on_rk3588, "mobilenet_v2", "rk3588")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(cold, resnet50_on_rk3588, "resnet50", "rk3588")
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace chipcast
