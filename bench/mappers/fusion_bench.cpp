// SPDX-License-Identifier: Apache-2.0
// Fused schedules per second. A node is an operator's stripe of rows, as in Stream, which prices 0.8 to 1.8 schedules
// of about 1,000 nodes per second.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <filesystem>

#include "mappers/emitter.h"
#include "mappers/fusion/fuse.h"
#include "mappers/fusion/partition.h"
#include "mappers/greedy/greedy.h"
#include "platform/analytic.h"
#include "platform/device_slots.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

constexpr std::size_t kNodes = 1000;

Graph network(const std::string& name) {
  return convert_dtype(fuse_activations(fold_batch_norm(remove_dead(zoo_network(name)))), DType::int8);
}

/// A network on rv1106, placed and fused, its groups then cut into single rows until there are kNodes of them.
struct Subject {
  explicit Subject(const std::string& name) : graph(network(name)) {
    problem.options.fuse = true;
    const Mapping fused = fusion::fuse(problem, greedy::make_mapper()->map(problem, plans), plans);
    mapping = fused;
    mapping.tasks.clear();
    for (std::size_t i = 0; i < fused.tasks.size(); ++i) {
      if (!fused.tasks[i].group) {
        mapping.tasks.push_back(fused.tasks[i]);
        continue;
      }
      std::size_t end = i;
      while (end < fused.tasks.size() && fused.tasks[end].group == fused.tasks[i].group) ++end;
      const std::vector<Task> group(fused.tasks.begin() + static_cast<std::ptrdiff_t>(i),
                                    fused.tasks.begin() + static_cast<std::ptrdiff_t>(end));
      const bool together = std::none_of(fused.tasks.begin() + static_cast<std::ptrdiff_t>(end), fused.tasks.end(),
                                         [&](const Task& task) { return task.group == fused.tasks[i].group; });
      const std::vector<Task> finer = together && mapping.tasks.size() < kNodes ? in_rows(group) : group;
      mapping.tasks.insert(mapping.tasks.end(), finer.begin(), finer.end());
      i = end - 1;
    }
  }

  /// The same group with one row of its last output at a time, where it may be cut.
  std::vector<Task> in_rows(const std::vector<Task>& tasks) {
    std::vector<fusion::OpFacts> members;
    for (const Task& task : tasks) {
      if (!members.empty() &&
          std::any_of(members.begin(), members.end(), [&](const auto& known) { return known.op->id == task.op; })) {
        continue;
      }
      members.push_back(facts.of(task.op, *task.slot));
    }
    std::vector<const fusion::OpFacts*> pointers;
    for (const auto& member : members) pointers.push_back(&member);
    const Device& device = *slots[*tasks.front().slot].device;
    const fusion::Group group = fusion::make_group(facts, pointers, *device.group_space());
    if (!fusion::can_stripe(group)) return tasks;
    const std::vector<fusion::Stripe> order = fusion::stripes(group, 1);
    if (!fusion::lay_out(group, order, device).problem.empty()) return tasks;
    std::vector<Task> out;
    for (const fusion::Stripe& stripe : order) {
      out.push_back({.op = members[stripe.op].op->id,
                     .slot = tasks.front().slot,
                     .part = {.axis = PartAxis::out_rows, .begin = stripe.out.begin, .end = stripe.out.end},
                     .group = tasks.front().group});
    }
    return out;
  }

  Platform platform = Platform::load(std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs/platforms/rv1106.json",
                                     {std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs"}, {});
  Graph graph;
  std::vector<OpDescription> ops = describe_ops(graph);
  std::vector<DeviceSlot> slots = device_slots(platform, {});
  MappingProblem problem{.graph = graph,
                         .ops = ops,
                         .devices = slots,
                         .memory = "memory",
                         .memory_capacity = platform.memory().law->capacity()};
  tiling::Plans plans{slots};
  fusion::Facts facts{problem};
  Mapping mapping;
};

void report(benchmark::State& state, std::size_t nodes) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["nodes"] = static_cast<double>(nodes);
  state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1024.0;
  state.counters["schedules_per_s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

/// Laid out, emitted command by command and walked with all waits: the forecast of the analytic tier.
void forecast_fused_schedule(benchmark::State& state, const std::string& name) {
  Subject subject(name);
  for (auto _ : state) {
    const Program program = emit(subject.problem, subject.mapping, subject.plans);
    benchmark::DoNotOptimize(analytic_latency(subject.platform, program));
  }
  report(state, subject.mapping.tasks.size());
}

/// The search over all groups and heights.
void search_groups(benchmark::State& state, const std::string& name) {
  Subject subject(name);
  const Mapping placed = greedy::make_mapper()->map(subject.problem, subject.plans);
  std::int64_t layouts = 0;
  for (auto _ : state) layouts += fusion::fuse(subject.problem, placed, subject.plans).search.evaluations;
  state.counters["layouts_per_s"] = benchmark::Counter(static_cast<double>(layouts), benchmark::Counter::kIsRate);
  report(state, subject.mapping.tasks.size());
}

BENCHMARK_CAPTURE(forecast_fused_schedule, mobilenet_v2, "mobilenet_v2")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(forecast_fused_schedule, resnet18, "resnet18")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search_groups, mobilenet_v2, "mobilenet_v2")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search_groups, squeezenet1_1, "squeezenet1_1")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace chipcast
