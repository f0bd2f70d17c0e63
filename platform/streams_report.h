// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/power/report.h"
#include "platform/report_validation.h"
#include "platform/streams_spec.h"
#include "sim/base/time.h"

/// What a run of streams answers. Field names are a contract: scripts read them. Units stand in the names (SI).
namespace chipcast {

/// Percentiles as MLPerf's LoadGen takes them: the value at (zero-based) index floor(n p) of the n sorted values, so
/// that p90 of 10 values is the largest.
struct LatencyStatistics {
  std::int64_t count{0};
  double min_s{0}, mean_s{0}, p50_s{0}, p90_s{0}, p95_s{0}, p99_s{0}, max_s{0};
  template <class V>
  void visit(V& v) {
    v.field("count", count, {.doc = "Values."});
    v.field("min_s", min_s, {.doc = "Smallest."});
    v.field("mean_s", mean_s, {.doc = "Mean."});
    v.field("p50_s", p50_s, {.doc = "Sorted, the one at index floor(0.5 count), counted from 0."});
    v.field("p90_s", p90_s, {.doc = "Likewise."});
    v.field("p95_s", p95_s, {.doc = "Likewise."});
    v.field("p99_s", p99_s, {.doc = "Likewise."});
    v.field("max_s", max_s, {.doc = "Largest."});
  }
};
LatencyStatistics statistics_of(std::vector<Time> values);

/// What a mapping computes in one number format on one device.
struct StreamsReportFormat {
  std::string device;
  DType dtype{DType::fp32};
  std::int64_t macs{0};
  template <class V>
  void visit(V& v) {
    v.field("device", device, {.doc = "Device."});
    v.field("dtype", dtype, {.doc = "Number format of the arithmetic."});
    v.field("macs", macs, {.doc = "Multiply-accumulates of one job."});
  }
};

struct StreamsReportVariant {
  std::vector<std::string> devices;
  std::vector<StreamsReportFormat> formats;
  std::int64_t jobs{0}, in_flight{0};
  double analytic_latency_s{0};
  std::vector<std::string> warnings;
  template <class V>
  void visit(V& v) {
    v.field("devices", devices, {.doc = "Devices that the mapping uses."});
    v.field("formats", formats, {.doc = "Number formats that they compute in."});
    v.field("jobs", jobs, {.doc = "Jobs that took it."});
    v.field("in_flight", in_flight, {.doc = "Jobs of it that have buffers."});
    v.field("analytic_latency_s", analytic_latency_s, {.doc = "One job alone without contention: a lower bound."});
    v.field("warnings", warnings, {.doc = "What the mapper had to say."});
  }
};

struct StreamsReportStream {
  std::string name, network;
  std::int64_t count{0}, samples{0}, released{0}, completed{0}, missed{0};
  LatencyStatistics latency, response, service;
  double throughput_per_s{0};
  std::int64_t macs{0}, traffic_bytes{0};
  double energy_j{0};
  std::vector<StreamsReportVariant> variants;
  std::string model_sha256;
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Stream."});
    v.field("network", network, {.doc = "What it runs."});
    v.field("count", count, {.doc = "Releases (queries)."});
    v.field("samples", samples, {.doc = "Jobs of each."});
    v.field("released", released, {.doc = "Jobs released."});
    v.field("completed", completed, {.doc = "Jobs that have ended."});
    v.field("missed", missed, {.doc = "Releases that were done after their deadline."});
    v.field("latency", latency, {.doc = "Of releases: until the last of their jobs has ended."});
    v.field("response", response, {.doc = "Of jobs: from release to end."});
    v.field("service", service, {.doc = "Of jobs: from the first command to the end."});
    v.field("throughput_per_s", throughput_per_s, {.doc = "Jobs per second from the first release to the last end."});
    v.field("macs", macs, {.doc = "Multiply-accumulates executed."});
    v.field("traffic_bytes", traffic_bytes, {.doc = "Bytes that its devices moved."});
    v.field("energy_j", energy_j, {.doc = "Dynamic energy that it caused."});
    v.field("variants", variants, {.doc = "Its mappings."});
    v.field("model_sha256", model_sha256, {.doc = "Of the graph as it was given, in its JSON form."});
  }
};

struct StreamsReportDevice {
  std::string name, type;
  double busy_s{0}, utilisation{0}, energy_j{0};
  std::int64_t macs{0}, preemptions{0}, fetched_again_bytes{0};
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Device."});
    v.field("type", type, {.doc = "Its type."});
    v.field("busy_s", busy_s, {.doc = "Time in which at least one of its engines worked."});
    v.field("utilisation", utilisation, {.doc = "busy_s / duration_s."});
    v.field("energy_j", energy_j, {.doc = "Dynamic and static energy of the device."});
    v.field("macs", macs, {.doc = "Multiply-accumulates on it."});
    v.field("preemptions", preemptions, {.doc = "Tiles of other jobs that came in the middle of an operator."});
    v.field("fetched_again_bytes", fetched_again_bytes,
            {.doc = "Loaded again because another job had used the buffers meanwhile."});
  }
};

struct StreamsReportMemory {
  std::string name;
  std::int64_t read_bytes{0}, written_bytes{0}, footprint_bytes{0};
  double energy_j{0};
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Memory."});
    v.field("read_bytes", read_bytes, {.doc = "Bytes read, as they crossed its pins."});
    v.field("written_bytes", written_bytes, {.doc = "Bytes written, likewise."});
    v.field("footprint_bytes", footprint_bytes, {.doc = "Address space of all parameters and all buffers of jobs."});
    v.field("energy_j", energy_j, {.doc = "Energy of the memory."});
  }
};

struct StreamsReportJob {
  std::string stream;
  std::int64_t job{0}, query{0}, variant{0}, slot{0};
  double released_s{0}, began_s{0}, ended_s{0};
  std::optional<double> deadline_s;
  template <class V>
  void visit(V& v) {
    v.field("stream", stream, {.doc = "Stream."});
    v.field("job", job, {.doc = "Number in its stream."});
    v.field("query", query, {.doc = "The release that it belongs to."});
    v.field("variant", variant, {.doc = "The mapping that it took."});
    v.field("slot", slot, {.doc = "Which of the mapping's buffers it had."});
    v.field("released_s", released_s, {.doc = "Release."});
    v.field("began_s", began_s, {.doc = "Its first command."});
    v.field("ended_s", ended_s, {.doc = "Its last command has ended."});
    v.field("deadline_s", deadline_s, {.doc = "When it was due; absent where its stream has no deadline."});
  }
};

struct StreamsReport {
  std::string format{"chipcast-streams"};
  int version{1};
  std::string name, platform;
  Policy policy{};
  Preemption preemption{};
  std::uint64_t seed{0};
  double duration_s{0}, energy_j{0}, average_power_w{0};
  std::vector<StreamsReportStream> streams;
  std::vector<StreamsReportDevice> devices;
  std::vector<StreamsReportMemory> memories;
  Named<double> energy_by_component;
  ReportPower power;
  std::vector<StreamsReportJob> jobs;
  std::vector<std::string> warnings;
  std::string tool_version, platform_sha256;
  std::optional<ReportValidation> validation{};
  template <class V>
  void visit(V& v) {
    v.field("format", format, {.doc = "Always chipcast-streams."});
    v.field("version", version, {.doc = "Of this form."});
    v.field("name", name, {.doc = "What ran."});
    v.field("platform", platform, {.doc = "On what."});
    v.field("policy", policy, {.doc = "Which job went first on a device."});
    v.field("preemption", preemption, {.doc = "When a device could turn to a job that goes first."});
    v.field("seed", seed, {.doc = "Of everything random."});
    v.field("duration_s", duration_s, {.doc = "From time zero to the end of the last job."});
    v.field("energy_j", energy_j, {.doc = "Sum of all components."});
    v.field("average_power_w", average_power_w, {.doc = "energy_j / duration_s."});
    v.field("streams", streams, {.doc = "Every stream."});
    v.field("devices", devices, {.doc = "Every device."});
    v.field("memories", memories, {.doc = "Every memory."});
    v.field("energy_by_component", energy_by_component, {.doc = "Joules per component; sums to energy_j."});
    v.field("power", power, {.doc = "Power over time."});
    v.field("jobs", jobs, {.doc = "Every job in the order of release."});
    v.field("warnings", warnings, {.doc = "What to know before trusting the numbers."});
    v.field("tool_version", tool_version, {.doc = "Version of Chipcast."});
    v.field("platform_sha256", platform_sha256, {.doc = "Of the resolved platform."});
    v.field("validation", validation, {.doc = "Its error bar; added by the Python package."});
  }

  Json to_json() const;
  static Json schema();
};

}  // namespace chipcast
