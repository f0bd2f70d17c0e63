// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mappers/contract.h"
#include "platform/platform.h"
#include "platform/report.h"
#include "platform/workload.h"
#include "sim/trace/trace.h"
#include "workloads/graph.h"
#include "workloads/transforms/op_patterns.h"

namespace chipcast {

/// What a user may choose about a run.
struct RunOptions {
  std::optional<DType> dtype;
  PrecisionPatterns precision;
  std::string mapper{kDefaultMapper};
  std::vector<std::string> devices;
  Objective objective{Objective::latency};
  std::int64_t budget{MappingOptions{}.budget}, tile_budget{MappingOptions{}.tile_budget};
  int mapping_threads{1};
  bool split{MappingOptions{}.split}, fuse{MappingOptions{}.fuse};
  std::optional<Watts> power_cap;
  std::optional<Bytes> memory_cap;
  Json mapping;
  bool fold_batch_norm{true};
  bool fuse_activations{true};
  std::uint64_t seed{0};
  Seconds max_simulated_time{3600.0};
  std::uint64_t max_events{2'000'000'000}, max_idle_events{50'000'000};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype,
            {.doc = "Convert activations and weights to this format first; absent keeps the model's own."});
    v.field("precision", precision,
            {.doc = "Formats of operators where they differ from `dtype`, by name (* and ? stand for any text and any "
                    "character) or \"class:conv\"; the last that matches counts."});
    v.field("mapper", mapper, {.doc = "Placement policy."});
    v.field("devices", devices, {.doc = "Use only these devices; empty uses all."});
    v.field("objective", objective, {.doc = "What the mapping should make least."});
    v.field("budget", budget,
            {.doc = "Schedules that a searching policy may evaluate.", .min = 1, .max = 1'000'000'000});
    v.field(
        "tile_budget", tile_budget,
        {.doc = "Cuts into tiles of one operator that a search may estimate; it looks at ten times as many at most.",
         .min = 1,
         .max = 1'000'000'000});
    v.field("mapping_threads", mapping_threads,
            {.doc = "Threads that search within layers; results do not depend on them.", .min = 1, .max = 256});
    v.field("split", split, {.doc = "Searching policies may run one operator on several devices."});
    v.field("fuse", fuse, {.doc = "Operators may run depth first through a device's own memory."});
    v.field("power_cap", power_cap,
            {.doc = "Limit on the estimated power of all devices that work at the same time.",
             .min = Watts(1e-6),
             .max = Watts(1e6)});
    v.field("memory_cap", memory_cap,
            {.doc = "Limit on the address space that tensors take.", .min = Bytes(1), .max = Bytes(INT64_C(1) << 50)});
    v.field("mapping", mapping,
            {.doc = "A mapping in its JSON form, whole or in part, for the policy \"fixed\"; null for none."});
    v.field("fold_batch_norm", fold_batch_norm, {.doc = "Fold batch normalisation into the operator before it."});
    v.field("fuse_activations", fuse_activations, {.doc = "Merge activations into the operator before them."});
    v.field("seed", seed, {.doc = "Of everything random."});
    v.field("max_simulated_time", max_simulated_time,
            {.doc = "The run is ended after this much simulated time.", .min = Seconds(1e-9), .max = Seconds(8.0e6)});
    v.field("max_events", max_events, {.doc = "The run is ended after this many events.", .min = 1});
    v.field("max_idle_events", max_idle_events,
            {.doc = "The run is ended after this many events in which no load, compute or store has ended.", .min = 1});
  }
};

/// What of the options says how the network is rewritten.
Rewrites rewrites_of(const RunOptions& options);

/// A network on a platform: mapped once, then run as often as wanted. Runs give equal reports.
class Simulation {
 public:
  /// Maps a network that was rewritten as the options want it. Throws InputError.
  Simulation(std::shared_ptr<const Platform> platform, std::shared_ptr<const Workload> workload, RunOptions options);
  /// Transforms and maps. Throws InputError.
  Simulation(std::shared_ptr<const Platform> platform, const Graph& graph, RunOptions options);
  Simulation(Simulation&&) noexcept;
  ~Simulation();

  const Platform& platform() const;

  /// The graph after the transforms, with their history.
  const Graph& graph() const;
  const Program& program() const;
  /// What was decided, and what about; both live as long as this.
  const Mapping& mapping() const;
  const MappingProblem& problem() const;

  /// The analytic tier alone.
  Time analytic_latency() const;

  /// Executes the program in SystemC and reports both tiers. `progress` gets the share of work done (0 to 1,
  /// estimated from the analytic tier) and stops the run by returning false (LimitError).
  /// Throws LimitError where a limit was hit, InvariantError where the program got stuck.
  Report run(const std::function<bool(double)>& progress = {});

  /// Of the last run; empty before it.
  const Trace& trace() const;
  /// Of the last run.
  const Ledger& ledger() const;

 private:
  struct State;
  static MappingProblem problem_of(const State& state);
  std::unique_ptr<State> state_;
};

/// Version of the library.
const char* version();

}  // namespace chipcast
