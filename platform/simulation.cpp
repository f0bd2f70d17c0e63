// SPDX-License-Identifier: Apache-2.0
#include "platform/simulation.h"

#include <algorithm>
#include <stdexcept>

#include "mappers/emitter.h"
#include "mappers/fusion/fuse.h"
#include "mappers/tiling/plans.h"
#include "mappers/validator.h"
#include "platform/analytic.h"
#include "platform/device_slots.h"
#include "platform/machine.h"
#include "platform/reporting.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"
#include "sim/config/writer.h"

namespace chipcast {
namespace {

/// Programs list every device of the platform, those that were left out with empty queues.
Program on_all_devices(Program program, const Platform& platform, const std::vector<DeviceSlot>& slots) {
  if (slots.size() == platform.devices().size()) return program;
  std::vector<DeviceProgram> all;
  for (const auto& device : platform.devices()) {
    DeviceProgram entry;
    entry.device = device.name;
    for (auto& mapped : program.devices) {
      if (mapped.device == device.name) entry = std::move(mapped);
    }
    all.push_back(std::move(entry));
  }
  program.devices = std::move(all);
  return program;
}

std::string limit_text(RunEnd end, const RunOptions& options) {
  switch (end) {
    case RunEnd::simulated_time:
      return "the run reached max_simulated_time (" + to_text(options.max_simulated_time) + ")";
    case RunEnd::steps:
      return "the run reached max_events (" + std::to_string(options.max_events) + ")";
    case RunEnd::no_progress:
      return "nothing got done in max_idle_events (" + std::to_string(options.max_idle_events) + ")";
    default:
      return "the run was cancelled";
  }
}

/// What was chosen, without what results do not depend on.
Json stated(const RunOptions& options) {
  Json out = write_value(options);
  out.erase("mapping_threads");
  if (options.precision.empty()) out.erase("precision");
  return out;
}

/// Choices that do not go together.
void check_options(const RunOptions& options) {
  const bool follows = options.mapper == "fixed";
  if (!options.mapping.is_null() && !follows) {
    throw InputError("mapping", "is given, but the policy " + in_quotes(options.mapper) +
                                    " makes one of its own; use the policy \"fixed\", or give none");
  }
  if (options.power_cap && !mapper_type(options.mapper, "mapper").keeps_power_cap) {
    throw InputError("power_cap", "the policy " + in_quotes(options.mapper) +
                                      " does not look at power; use heft, peft, chain, annealing or pipeline");
  }
}

/// What takes longer than time can count is the user's to mend: a network too large, a clock too slow.
template <class Call>
void within_time(const std::string& network, Call&& call) try {
  call();
} catch (const std::range_error& error) {
  throw InputError(network, std::string(error.what()) + "; use a faster platform or a smaller network");
}

}  // namespace

struct Simulation::State {
  std::shared_ptr<const Platform> platform;
  RunOptions options;
  std::shared_ptr<const Workload> workload;
  std::vector<DeviceSlot> slots;
  std::optional<MappingProblem> problem;
  Mapping mapping;
  Program program;
  Time analytic;
  std::unique_ptr<Recorder> recorder;
};

MappingProblem Simulation::problem_of(const State& state) {
  const RunOptions& options = state.options;
  return {.graph = state.workload->graph,
          .ops = state.workload->ops,
          .devices = state.slots,
          .memory = state.platform->memory().name,
          .memory_capacity = state.platform->memory().law->capacity(),
          .handoff = state.platform->file().handoff,
          .always_on = state.platform->file().always_on,
          .options = {.objective = options.objective,
                      .seed = options.seed,
                      .budget = options.budget,
                      .tile_budget = options.tile_budget,
                      .threads = static_cast<std::size_t>(options.mapping_threads),
                      .split = options.split,
                      .fuse = options.fuse,
                      .power_cap = options.power_cap,
                      .memory_cap = options.memory_cap,
                      .given = options.mapping}};
}

Rewrites rewrites_of(const RunOptions& options) {
  return {.fold_batch_norm = options.fold_batch_norm,
          .fuse_activations = options.fuse_activations,
          .dtype = options.dtype,
          .precision = options.precision};
}

Simulation::Simulation(std::shared_ptr<const Platform> platform, const Graph& graph, RunOptions options)
    : Simulation(std::move(platform), std::make_shared<const Workload>(graph, rewrites_of(options)), options) {}

Simulation::Simulation(std::shared_ptr<const Platform> platform, std::shared_ptr<const Workload> workload,
                       RunOptions options)
    : state_(std::make_unique<State>()) {
  state_->platform = std::move(platform);
  state_->options = std::move(options);
  state_->workload = std::move(workload);
  state_->slots = device_slots(*state_->platform, state_->options.devices);
  state_->problem.emplace(problem_of(*state_));
  check_options(state_->options);
  const auto mapper = mapper_type(state_->options.mapper, "mapper").make();
  within_time(state_->workload->name, [&] {
    tiling::Plans plans(*state_->problem);
    if (state_->options.mapping_threads > 1) plans.prepare(state_->workload->ops, state_->problem->options.threads);
    state_->mapping = mapper->map(*state_->problem, plans);
    if (!state_->options.mapping.is_null()) check(*state_->problem, state_->mapping, plans, "mapping");
    if (state_->options.fuse) {
      state_->mapping = fusion::fuse(*state_->problem, std::move(state_->mapping), plans);
    }
    if (state_->options.memory_cap) check(*state_->problem, state_->mapping, plans, "memory_cap");
    state_->program = on_all_devices(emit_and_state_tiles(*state_->problem, state_->mapping, plans), *state_->platform,
                                     state_->slots);
    state_->analytic = chipcast::analytic_latency(*state_->platform, state_->program);
  });
  const auto& memories = state_->platform->memories();
  for (std::size_t i = 1; i < memories.size(); ++i) {
    state_->program.warnings.push_back("memory " + memories[i].name + " is not used: tensors live in " +
                                       memories[0].name);
  }
}

Simulation::Simulation(Simulation&&) noexcept = default;
Simulation::~Simulation() = default;

const Platform& Simulation::platform() const { return *state_->platform; }
const Graph& Simulation::graph() const { return state_->workload->graph; }
const Program& Simulation::program() const { return state_->program; }
const Mapping& Simulation::mapping() const { return state_->mapping; }
const MappingProblem& Simulation::problem() const { return *state_->problem; }
Time Simulation::analytic_latency() const { return state_->analytic; }

Report Simulation::run(const std::function<bool(double)>& progress) {
  const RunLimits limits{.simulated = Time::from_seconds(state_->options.max_simulated_time),
                         .steps = state_->options.max_events,
                         .idle_steps = state_->options.max_idle_events};
  const double expected = std::max(1e-12, state_->analytic.seconds().count());
  std::function<bool(Time)> poll;
  if (progress) {
    poll = [&](Time at) { return progress(std::min(0.999, at.seconds().count() / expected)); };
  }
  state_->recorder.reset();  // its memory serves the new one
  state_->recorder = std::make_unique<Recorder>(*state_->platform, state_->program);
  MachineResult result;
  within_time(state_->workload->name,
              [&] { result = execute(*state_->platform, state_->program, *state_->recorder, limits, poll); });
  if (result.end != RunEnd::finished) throw LimitError(limit_text(result.end, state_->options) + "; " + result.stuck);
  if (!result.stuck.empty()) throw InvariantError("the program got stuck: " + result.stuck);
  if (progress) progress(1.0);
  Report report = make_report({.platform = *state_->platform,
                               .graph = state_->workload->graph,
                               .ops = state_->workload->ops,
                               .mapping = state_->mapping,
                               .program = state_->program,
                               .recorder = *state_->recorder,
                               .latency = result.latency,
                               .analytic = state_->analytic,
                               .provenance = {.tool_version = version(),
                                              .platform_sha256 = state_->platform->sha256(),
                                              .model_sha256 = state_->workload->sha256,
                                              .mapper = state_->options.mapper,
                                              .trace_fingerprint = {},
                                              .seed = state_->options.seed,
                                              .options = stated(state_->options)}});
  if (state_->options.power_cap && report.totals.peak_power_w > state_->options.power_cap->count()) {
    report.warnings.push_back("the peak power is " + to_text(Watts(report.totals.peak_power_w)) +
                              ", above the cap of " + to_text(*state_->options.power_cap) +
                              ", which holds for the estimate of the mapping");
  }
  return report;
}

const Trace& Simulation::trace() const {
  static const Trace empty;
  return state_->recorder ? state_->recorder->trace() : empty;
}

const Ledger& Simulation::ledger() const {
  static const Ledger empty;
  return state_->recorder ? state_->recorder->ledger() : empty;
}

const char* version() { return CHIPCAST_VERSION; }

}  // namespace chipcast
