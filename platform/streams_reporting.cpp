// SPDX-License-Identifier: Apache-2.0
#include "platform/streams_reporting.h"

#include <algorithm>
#include <map>

#include "platform/simulation.h"

namespace chipcast {
namespace {

double seconds(Time time) { return time.seconds().count(); }

/// When a release came and when the last of its jobs ended.
struct Query {
  Time released, ended;
  std::optional<Time> deadline;
};

std::vector<Query> queries_of(const StreamsRun& run, std::size_t stream) {
  std::map<std::int64_t, Query> queries;
  for (const JobRecord& job : run.jobs) {
    if (job.stream != stream) continue;
    Query& query = queries.try_emplace(job.query, Query{job.released, job.ended, job.deadline}).first->second;
    query.ended = std::max(query.ended, job.ended);
  }
  std::vector<Query> out;
  for (const auto& [number, query] : queries) out.push_back(query);
  return out;
}

/// Latencies, and how many came too late.
void add_times(const StreamsRun& run, std::size_t stream, StreamsReportStream& out) {
  std::vector<Time> latency, response, service;
  std::optional<Time> first, last;
  for (const JobRecord& job : run.jobs) {
    if (job.stream != stream) continue;
    ++out.released;
    out.completed += job.completed ? 1 : 0;
    response.push_back(job.ended - job.released);
    service.push_back(job.ended - job.began);
    first = std::min(first.value_or(job.released), job.released);
    last = std::max(last.value_or(job.ended), job.ended);
  }
  for (const Query& query : queries_of(run, stream)) {
    latency.push_back(query.ended - query.released);
    if (query.deadline && query.ended > *query.deadline) ++out.missed;
  }
  if (first && *last > *first) out.throughput_per_s = static_cast<double>(out.completed) / seconds(*last - *first);
  out.latency = statistics_of(std::move(latency));
  out.response = statistics_of(std::move(response));
  out.service = statistics_of(std::move(service));
}

StreamsReportStream report_stream(const StreamsReportInputs& in, std::size_t s) {
  const auto& [name, stream] = in.spec.streams[s];
  const StreamFacts& facts = in.facts[s];
  StreamsReportStream out;
  out.name = name;
  out.network = stream.network;
  out.count = in.loads[s].count;
  out.samples = in.loads[s].samples;
  out.model_sha256 = facts.model_sha256;
  add_times(in.run, s, out);
  std::vector<std::int64_t> jobs(facts.variants.size(), 0);
  for (const JobRecord& job : in.run.jobs) jobs[job.variant] += job.stream == s ? 1 : 0;
  Joules energy;
  Bytes traffic;
  for (std::size_t v = 0; v < facts.variants.size(); ++v) {
    const VariantFacts& variant = facts.variants[v];
    out.variants.push_back({.devices = variant.devices,
                            .formats = variant.formats,
                            .jobs = jobs[v],
                            .in_flight = std::min(in.loads[s].variants[v].in_flight, in.loads[s].in_flight),
                            .analytic_latency_s = seconds(variant.analytic),
                            .warnings = variant.warnings});
    out.macs += variant.macs.count() * jobs[v];
    for (std::size_t op = variant.first_op; op < variant.first_op + variant.ops; ++op) {
      energy += in.books.energy_by_op()[op];
      traffic += in.books.traffic_by_op()[op];
    }
  }
  out.energy_j = energy.count();
  out.traffic_bytes = traffic.count();
  return out;
}

/// Energy of all components that belong to an instance: "npu0" owns "npu0.array".
double energy_of(const std::vector<EnergyShare>& shares, const std::string& instance) {
  Joules sum;
  for (const auto& share : shares) {
    if (share.name == instance || share.name.starts_with(instance + ".")) sum += share.energy;
  }
  return sum.count();
}

std::vector<StreamsReportDevice> report_devices(const StreamsReportInputs& in, double duration) {
  std::vector<StreamsReportDevice> out;
  for (std::size_t i = 0; i < in.platform.devices().size(); ++i) {
    const PlatformDevice& device = in.platform.devices()[i];
    const auto& statistics = in.run.devices[i];
    const double busy = seconds(statistics.busy);
    out.push_back({.name = device.name,
                   .type = device.type,
                   .busy_s = busy,
                   .utilisation = duration > 0.0 ? busy / duration : 0.0,
                   .energy_j = energy_of(in.books.energy_by_component(), device.name),
                   .macs = in.books.macs(i).count(),
                   .preemptions = statistics.preemptions,
                   .fetched_again_bytes = statistics.fetched_again.count()});
  }
  return out;
}

std::vector<StreamsReportMemory> report_memories(const StreamsReportInputs& in) {
  std::vector<StreamsReportMemory> out;
  for (std::size_t i = 0; i < in.platform.memories().size(); ++i) {
    const std::string& name = in.platform.memories()[i].name;
    out.push_back({.name = name,
                   .read_bytes = in.books.read(i).count(),
                   .written_bytes = in.books.written(i).count(),
                   .footprint_bytes = i == 0 ? in.footprint.count() : 0,
                   .energy_j = energy_of(in.books.energy_by_component(), name)});
  }
  return out;
}

std::vector<StreamsReportJob> report_jobs(const StreamsReportInputs& in) {
  std::vector<StreamsReportJob> out;
  out.reserve(in.run.jobs.size());
  for (const JobRecord& job : in.run.jobs) {
    StreamsReportJob entry{.stream = in.spec.streams[job.stream].first,
                           .job = job.number,
                           .query = job.query,
                           .variant = static_cast<std::int64_t>(job.variant),
                           .slot = static_cast<std::int64_t>(job.slot),
                           .released_s = seconds(job.released),
                           .began_s = seconds(job.began),
                           .ended_s = seconds(job.ended),
                           .deadline_s = std::nullopt};
    if (job.deadline) entry.deadline_s = seconds(*job.deadline);
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

StreamsReport make_report(const StreamsReportInputs& in) {
  StreamsReport out;
  out.name = in.spec.name;
  out.platform = in.platform.file().name;
  out.policy = in.spec.policy;
  out.preemption = in.spec.preemption;
  out.seed = in.spec.seed;
  out.duration_s = seconds(in.run.last_end);
  out.energy_j = in.books.energy().count();
  out.average_power_w = out.duration_s > 0.0 ? out.energy_j / out.duration_s : 0.0;
  for (std::size_t s = 0; s < in.spec.streams.size(); ++s) out.streams.push_back(report_stream(in, s));
  out.devices = report_devices(in, out.duration_s);
  out.memories = report_memories(in);
  for (const auto& share : in.books.energy_by_component()) {
    out.energy_by_component.emplace_back(share.name, share.energy.count());
  }
  out.power = report_power(in.platform, in.books.meter(), in.books.power(), in.books.energy());
  out.jobs = report_jobs(in);
  out.warnings = in.warnings;
  out.tool_version = version();
  out.platform_sha256 = in.platform.sha256();
  return out;
}

Trace with_jobs(Trace trace, const StreamsSpec& spec, const std::vector<JobRecord>& jobs) {
  std::vector<TrackId> parents;
  for (const auto& [name, stream] : spec.streams) {
    parents.push_back(trace.add_track({.name = name, .parent = std::nullopt, .counter = false, .unit = {}}));
  }
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, TrackId> tracks;
  for (const JobRecord& job : jobs) {
    const auto key = std::tuple(job.stream, job.variant, job.slot);
    if (!tracks.contains(key)) {
      const std::string name = "variant " + std::to_string(job.variant) + " slot " + std::to_string(job.slot);
      tracks[key] = trace.add_track({.name = name, .parent = parents[job.stream], .counter = false, .unit = {}});
    }
    trace.span({.track = tracks[key],
                .name = trace.name(spec.streams[job.stream].first + " " + std::to_string(job.number)),
                .op = std::nullopt,
                .begin = job.began,
                .end = job.ended});
  }
  return trace;
}

}  // namespace chipcast
