// SPDX-License-Identifier: Apache-2.0
#include "platform/streams.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "platform/arrivals.h"
#include "platform/merged_programs.h"
#include "platform/power/governors.h"
#include "platform/power/steady_start.h"
#include "platform/sha256.h"
#include "platform/stream_machine.h"
#include "platform/streams_reporting.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

constexpr std::uint64_t kAlignment = 4096;

std::vector<std::string> names_of(const Platform& platform) {
  std::vector<std::string> names;
  for (const auto& device : platform.devices()) names.push_back(device.name);
  return names;
}

const Graph& graph_of(const Named<Graph>& graphs, const std::string& stream) {
  const auto it = std::find_if(graphs.begin(), graphs.end(), [&](const auto& entry) { return entry.first == stream; });
  if (it == graphs.end()) throw InputError("streams." + stream + ".network", "no graph was given");
  return it->second;
}

std::vector<StreamVariant> variants_of(const Stream& stream) {
  return stream.variants.empty() ? std::vector<StreamVariant>(1) : stream.variants;
}

/// Jobs in flight of a variant that does not say how many: an equal share where jobs take what is free.
int share_of(const Stream& stream) {
  if (stream.assignment == Assignment::rotate || stream.variants.empty()) return stream.in_flight;
  return ceil_div(stream.in_flight, static_cast<int>(stream.variants.size()));
}

RunOptions options_of(const Stream& stream, const StreamVariant& variant) {
  RunOptions options = stream.options;
  if (!variant.devices.empty()) options.devices = variant.devices;
  if (variant.mapper) options.mapper = *variant.mapper;
  return options;
}

/// Multiply-accumulates of one job.
Ops macs_of(const Program& program) {
  Ops sum;
  for (const auto& device : program.devices) {
    for (const auto& command : device.queue(EngineKind::compute)) {
      if (command.kind == CommandKind::compute) sum += device.works.at(command.work).macs;
    }
  }
  return sum;
}

/// What each device computes in each number format.
std::vector<StreamsReportFormat> formats_of(const Program& program, const std::vector<OpDescription>& ops) {
  std::map<std::pair<std::string, DType>, Ops> work;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const Placement& placement = program.placements[i];
    const auto& parts = placement.parts;
    const std::string& device = parts.empty() ? placement.device : parts.front().device;
    if (!device.empty()) work[{device, ops[i].compute_dtype}] += ops[i].macs;
  }
  std::vector<StreamsReportFormat> out;
  for (const auto& [key, macs] : work) out.push_back({key.first, key.second, macs.count()});
  return out;
}

bool used(const DeviceProgram& device) {
  return std::any_of(device.queues.begin(), device.queues.end(), [](const auto& queue) { return !queue.empty(); });
}

std::string limit_text(RunEnd end, const StreamsSpec& spec) {
  switch (end) {
    case RunEnd::simulated_time:
      return "the run reached max_simulated_time (" + to_text(spec.max_simulated_time) + ")";
    case RunEnd::steps:
      return "the run reached max_events (" + std::to_string(spec.max_events) + ")";
    case RunEnd::no_progress:
      return "nothing got done in max_idle_events (" + std::to_string(spec.max_idle_events) + ")";
    default:
      return "the run was cancelled";
  }
}

}  // namespace

struct Streams::State {
  State(std::shared_ptr<const Platform> on, StreamsSpec what)
      : platform(std::move(on)), spec(std::move(what)), domains(power_domains(*platform)), merged(names_of(*platform)) {
    governors_of(domains, spec.power);
    for (const auto& device : platform->devices()) {
      hints.cached.push_back(device.device->resident_limit() > Bytes(0));
    }
  }

  void add_stream(const std::string& name, const Stream& stream, const Graph& graph);
  void add_variant(const std::string& place, const Stream& stream, const StreamVariant& variant, const Graph& graph,
                   const std::string& label);
  void release();
  void warn();
  Bytes footprint() const { return Bytes(static_cast<std::int64_t>(next_address)); }
  StreamsRun run_once(const RunControl& control, StreamBooks& books);

  std::shared_ptr<const Platform> platform;
  StreamsSpec spec;
  std::vector<PowerDomain> domains;
  MergedPrograms merged;
  shell::PlanHints hints;
  std::deque<shell::JobPlan> plans;
  std::vector<StreamLoad> loads;
  std::vector<StreamFacts> facts;
  std::uint64_t next_address = 0;
  std::vector<std::string> warnings;
  Trace trace;
};

void Streams::State::add_stream(const std::string& name, const Stream& stream, const Graph& graph) {
  loads.push_back({.count = stream.releases(),
                   .samples = stream.samples,
                   .offset = Time::from_seconds(stream.offset),
                   .deadline = std::nullopt,
                   .priority = stream.priority,
                   .in_flight = stream.in_flight,
                   .assignment = stream.assignment});
  if (stream.deadline) loads.back().deadline = Time::from_seconds(*stream.deadline);
  facts.push_back({.model_sha256 = sha256(graph.to_json().dump()), .variants = {}});
  const auto variants = variants_of(stream);
  for (std::size_t v = 0; v < variants.size(); ++v) {
    const std::string place =
        "streams." + name + (stream.variants.empty() ? "" : ".variants[" + std::to_string(v) + "]");
    const std::string label = variants.size() == 1 ? name : name + "#" + std::to_string(v);
    add_variant(place, stream, variants[v], graph, label);
  }
}

void Streams::State::add_variant(const std::string& place, const Stream& stream, const StreamVariant& variant,
                                 const Graph& graph, const std::string& label) {
  try {
    const Simulation simulation(platform, graph, options_of(stream, variant));
    const Program& program = simulation.program();
    const std::vector<OpDescription> ops = describe_ops(simulation.graph());
    VariantFacts fact{.devices = {},
                      .formats = formats_of(program, ops),
                      .analytic = simulation.analytic_latency(),
                      .macs = macs_of(program),
                      .first_op = merged.all().placements.size(),
                      .ops = program.placements.size(),
                      .warnings = program.warnings};
    for (const auto& device : program.devices) {
      if (used(device)) fact.devices.push_back(device.device);
    }
    const Program& part = merged.add(program, label);
    shell::PlanHints known = hints;
    known.loads = load_infos(program, simulation.graph(), ops);
    plans.push_back(shell::plan_job(program, known));
    if (plans.back().parts == 0) throw InputError("network", "it has nothing to compute; give it an operator");
    const JobLayout layout = job_layout(program, simulation.graph());
    const int slots = std::min(stream.in_flight, variant.in_flight.value_or(share_of(stream)));
    loads.back().variants.push_back({.program = &part,
                                     .plan = &plans.back(),
                                     .base = next_address,
                                     .stride = layout.stride,
                                     .weight = variant.weight,
                                     .in_flight = slots});
    const auto room = static_cast<std::uint64_t>(layout.footprint(program, slots).count());
    next_address = round_up(next_address + room, kAlignment);
    facts.back().variants.push_back(std::move(fact));
  } catch (const InputError& error) {
    throw InputError(place, error.what());
  }
}

void Streams::State::release() {
  for (std::size_t s = 0; s < loads.size(); ++s) {
    const Stream& stream = spec.streams[s].second;
    loads[s].releases = release_times(stream, spec.seed, s);
    loads[s].foreseen = !stream.rate && stream.jitter == Seconds(0.0);
  }
}

void Streams::State::warn() {
  const PlatformMemory& memory = platform->memory();
  if (footprint() > memory.law->capacity()) {
    warnings.push_back("parameters and buffers of all jobs in flight need " + to_text(footprint()) + ", but " +
                       memory.name + " has " + to_text(memory.law->capacity()));
  }
  for (const auto& entry : platform->devices()) {
    if (!entry.device->keeps_parameters()) continue;
    std::size_t mappings = 0;
    for (const auto& fact : facts) {
      for (const auto& variant : fact.variants) {
        mappings += static_cast<std::size_t>(std::count(variant.devices.begin(), variant.devices.end(), entry.name));
      }
    }
    if (mappings > 1) {
      warnings.push_back(entry.name + " keeps the weights of " + std::to_string(mappings) +
                         " mappings at once; whether they fit together was not checked");
    }
  }
}

Streams::Streams(std::shared_ptr<const Platform> platform, StreamsSpec spec, const Named<Graph>& graphs)
    : state_(std::make_unique<State>(std::move(platform), std::move(spec))) {
  try {
    state_->spec.validate();
  } catch (const std::invalid_argument& error) {
    throw InputError("streams", error.what());
  }
  for (const auto& [name, stream] : state_->spec.streams) {
    state_->add_stream(name, stream, graph_of(graphs, name));
  }
  state_->warn();
}

Streams::~Streams() = default;

const StreamsSpec& Streams::spec() const { return state_->spec; }

Time Streams::analytic_latency(std::size_t stream) const {
  const auto& variants = state_->facts.at(stream).variants;
  return std::min_element(variants.begin(), variants.end(),
                          [](const auto& a, const auto& b) { return a.analytic < b.analytic; })
      ->analytic;
}

void Streams::set_rate(std::size_t stream, Hertz rate) {
  auto& [name, changed] = state_->spec.streams.at(stream);
  Stream next = changed;
  next.rate = rate;
  try {
    next.validate();
  } catch (const std::invalid_argument& error) {
    throw InputError("streams." + name, error.what());
  }
  changed = std::move(next);
}

StreamsRun Streams::State::run_once(const RunControl& control, StreamBooks& books) {
  const StreamsSetup setup{
      .platform = *platform,
      .merged = merged.all(),
      .footprint = footprint(),
      .streams = loads,
      .policy = spec.policy,
      .preemption = spec.preemption,
      .limits = {.simulated = Time::from_seconds(spec.max_simulated_time),
                 .steps = spec.max_events,
                 .idle_steps = spec.max_idle_events},
      .progress = control.progress,
      .power = PowerSetup{.domains = domains, .management = spec.power, .observer = &books.power_observer()}};
  StreamsRun run;
  try {
    run = execute(setup, books);
  } catch (const std::range_error& error) {
    throw InputError("streams", std::string(error.what()) + "; use a faster platform or smaller networks");
  }
  if (run.end != RunEnd::finished) throw LimitError(limit_text(run.end, spec) + "; " + run.stuck);
  if (!run.stuck.empty()) throw InvariantError("the jobs got stuck: " + run.stuck);
  return run;
}

StreamsReport Streams::run(const RunControl& control) {
  State& state = *state_;
  state.release();
  SteadyStart steady(state.spec.power.start);
  std::unique_ptr<StreamBooks> books;
  StreamsRun run;
  do {
    books = std::make_unique<StreamBooks>(*state.platform, state.merged.all(), control.keep_trace, steady.celsius());
    run = state.run_once(control, *books);
  } while (steady.again(books->meter()));
  std::vector<std::string> warnings = state.warnings;
  warnings.insert(warnings.end(), run.warnings.begin(), run.warnings.end());
  for (const std::string& text : {steady.warning(), too_hot(books->meter(), state.platform->file().thermal)}) {
    if (!text.empty()) warnings.push_back(text);
  }
  if (control.keep_trace) state.trace = with_jobs(books->trace(), state.spec, run.jobs);
  return make_report({.platform = *state.platform,
                      .spec = state.spec,
                      .loads = state.loads,
                      .facts = state.facts,
                      .footprint = state.footprint(),
                      .run = run,
                      .books = *books,
                      .warnings = std::move(warnings)});
}

const Trace& Streams::trace() const { return state_->trace; }

}  // namespace chipcast
