// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/platform.h"
#include "platform/report.h"
#include "sim/trace/trace.h"
#include "workloads/graph.h"

namespace chipcast {

/// What a user may choose about a run.
struct RunOptions {
  std::optional<DType> dtype;
  std::string mapper{"greedy"};
  std::vector<std::string> devices;
  bool fold_batch_norm{true};
  bool fuse_activations{true};
  std::uint64_t seed{0};
  Seconds max_simulated_time{3600.0};
  std::uint64_t max_events{2'000'000'000}, max_idle_events{50'000'000};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype,
            {.doc = "Convert activations and weights to this format first; absent keeps the model's own."});
    v.field("mapper", mapper, {.doc = "Placement policy."});
    v.field("devices", devices, {.doc = "Use only these devices; empty uses all."});
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

/// A network on a platform: mapped once, then run as often as wanted. Runs give equal reports.
class Simulation {
 public:
  /// Transforms and maps. Throws InputError.
  Simulation(std::shared_ptr<const Platform> platform, const Graph& graph, RunOptions options);
  ~Simulation();

  /// The graph after the transforms, with their history.
  const Graph& graph() const;
  const Program& program() const;

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
  std::unique_ptr<State> state_;
};

/// Version of the library.
const char* version();

}  // namespace chipcast
