// SPDX-License-Identifier: Apache-2.0
#include "platform/simulation.h"

#include <algorithm>
#include <stdexcept>

#include "mappers/emitter.h"
#include "mappers/tiling/plans.h"
#include "models/dma/cost.h"
#include "platform/analytic.h"
#include "platform/machine.h"
#include "platform/reporting.h"
#include "platform/sha256.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"
#include "sim/config/writer.h"
#include "workloads/op_description.h"
#include "workloads/transforms.h"

namespace chipcast {
namespace {

Graph transformed(const Graph& graph, const RunOptions& options) {
  Graph out = remove_dead(graph);
  if (options.fold_batch_norm) out = fold_batch_norm(std::move(out));
  if (options.fuse_activations) out = fuse_activations(std::move(out));
  if (options.dtype) out = convert_dtype(std::move(out), *options.dtype);
  return out;
}

/// Devices that the user left in, as the mapper sees them.
std::vector<DeviceSlot> slots_of(const Platform& platform, const RunOptions& options) {
  std::vector<std::string> known;
  for (const auto& device : platform.devices()) known.push_back(device.name);
  for (const auto& wanted : options.devices) {
    if (std::find(known.begin(), known.end(), wanted) == known.end()) {
      throw InputError("devices", "the platform has no device " + in_quotes(wanted) + suggestion(wanted, known));
    }
  }
  std::vector<DeviceSlot> slots;
  for (std::size_t i = 0; i < platform.devices().size(); ++i) {
    const PlatformDevice& device = platform.devices()[i];
    const auto& wanted = options.devices;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), device.name) == wanted.end()) continue;
    slots.push_back({.name = device.name,
                     .device = device.device.get(),
                     .kind = device.kind,
                     .transfer = [device = device.device.get(), in = platform.unloaded_path(i, EngineKind::load),
                                  out = platform.unloaded_path(i, EngineKind::store)](EngineKind engine, Bytes bytes) {
                       return dma::transfer_time(device->dma(engine), bytes, engine == EngineKind::store ? out : in);
                     }});
  }
  return slots;
}

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
  std::string model_sha256, platform_sha256;
  Graph graph;
  std::vector<OpDescription> ops;
  Mapping mapping;
  Program program;
  Time analytic;
  std::unique_ptr<Recorder> recorder;
};

Simulation::Simulation(std::shared_ptr<const Platform> platform, const Graph& graph, RunOptions options)
    : state_(std::make_unique<State>()) {
  state_->platform = std::move(platform);
  state_->options = std::move(options);
  state_->model_sha256 = sha256(graph.to_json().dump());
  state_->platform_sha256 = state_->platform->sha256();
  state_->graph = transformed(graph, state_->options);
  state_->ops = describe_ops(state_->graph);
  const std::vector<DeviceSlot> slots = slots_of(*state_->platform, state_->options);
  const MappingProblem problem{.graph = state_->graph,
                               .ops = state_->ops,
                               .devices = slots,
                               .memory = state_->platform->memory().name,
                               .memory_capacity = state_->platform->memory().law->capacity(),
                               .handoff = state_->platform->file().handoff};
  const auto mapper = mapper_type(state_->options.mapper, "mapper").make();
  within_time(graph.name, [&] {
    tiling::Plans plans(slots);
    state_->mapping = mapper->map(problem, plans);
    state_->program = on_all_devices(emit(problem, state_->mapping, plans), *state_->platform, slots);
    state_->analytic = chipcast::analytic_latency(*state_->platform, state_->program);
  });
  const auto& memories = state_->platform->memories();
  for (std::size_t i = 1; i < memories.size(); ++i) {
    state_->program.warnings.push_back("memory " + memories[i].name + " is not used: tensors live in " +
                                       memories[0].name);
  }
}

Simulation::~Simulation() = default;

const Graph& Simulation::graph() const { return state_->graph; }
const Program& Simulation::program() const { return state_->program; }
Time Simulation::analytic_latency() const { return chipcast::analytic_latency(*state_->platform, state_->program); }

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
  within_time(state_->graph.name,
              [&] { result = execute(*state_->platform, state_->program, *state_->recorder, limits, poll); });
  if (result.end != RunEnd::finished) throw LimitError(limit_text(result.end, state_->options) + "; " + result.stuck);
  if (!result.stuck.empty()) throw InvariantError("the program got stuck: " + result.stuck);
  if (progress) progress(1.0);
  return make_report({.platform = *state_->platform,
                      .graph = state_->graph,
                      .ops = state_->ops,
                      .program = state_->program,
                      .recorder = *state_->recorder,
                      .latency = result.latency,
                      .analytic = state_->analytic,
                      .provenance = {.tool_version = version(),
                                     .platform_sha256 = state_->platform_sha256,
                                     .model_sha256 = state_->model_sha256,
                                     .mapper = state_->options.mapper,
                                     .trace_fingerprint = {},
                                     .seed = state_->options.seed,
                                     .options = write_value(state_->options)}});
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
