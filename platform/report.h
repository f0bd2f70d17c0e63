// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "accelerators/program.h"
#include "mappers/mapping.h"
#include "platform/power/report.h"
#include "platform/report_validation.h"
#include "sim/config/field.h"
#include "sim/config/json.h"
#include "workloads/tensor.h"

/// What a run answers. Field names are a contract: scripts read them. Units stand in the names (SI).
namespace chipcast {

struct ReportTotals {
  double latency_s{0}, energy_j{0}, average_power_w{0}, peak_power_w{0};
  std::int64_t macs{0}, traffic_bytes{0}, memory_footprint_bytes{0}, memory_live_bytes{0};
  template <class V>
  void visit(V& v) {
    v.field("latency_s", latency_s, {.doc = "First start to last end, event simulation."});
    v.field("energy_j", energy_j, {.doc = "Sum of all ledger entries."});
    v.field("average_power_w", average_power_w, {.doc = "energy_j / latency_s."});
    v.field("peak_power_w", peak_power_w, {.doc = "Highest average over a window of power.window_s."});
    v.field("macs", macs, {.doc = "Multiply-accumulates executed."});
    v.field("traffic_bytes", traffic_bytes, {.doc = "Bytes read from and written to memories."});
    v.field("memory_footprint_bytes", memory_footprint_bytes,
            {.doc = "Address space that tensors take; options.memory_cap limits it."});
    v.field("memory_live_bytes", memory_live_bytes,
            {.doc = "Most bytes of tensors that are needed at once, in the order of issue."});
  }
};

struct ReportOp {
  std::string name, kind, device;
  DType dtype{DType::fp32};
  std::string arithmetic;
  std::int64_t macs{0}, compute_cycles{0};
  double start_s{0}, end_s{0}, launch_s{0}, compute_s{0}, transfer_s{0}, waiting_s{0}, energy_j{0};
  std::string bound;
  std::int64_t traffic_bytes{0};
  SramAccesses sram_accesses;
  std::string mapping, reason, runner_up;
  std::optional<TileSearch> tile_search;
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Operator."});
    v.field("kind", kind, {.doc = "What it is: conv, relu, add, ..."});
    v.field("device", device, {.doc = "Where it ran; empty for views, which move no data."});
    v.field("dtype", dtype, {.doc = "Number format of the arithmetic."});
    v.field("arithmetic", arithmetic,
            {.doc = "How its device computes it: data x weights -> sums, and rounding of results; empty for views."});
    v.field("macs", macs, {.doc = "Multiply-accumulates."});
    v.field("compute_cycles", compute_cycles,
            {.doc = "Cycles of its device's compute engine, without launch and hand-off."});
    v.field("start_s", start_s, {.doc = "Its device turned to it; weights may have been fetched before."});
    v.field("end_s", end_s, {.doc = "Its last command ended."});
    v.field("launch_s", launch_s, {.doc = "Of it, spent on starting it and on taking data over from other devices."});
    v.field("compute_s", compute_s, {.doc = "Its device's compute engine was busy with it so long."});
    v.field("transfer_s", transfer_s, {.doc = "The busier of its device's load and store engines, likewise."});
    v.field("waiting_s", waiting_s, {.doc = "Its device had nothing to compute before it could start."});
    v.field(
        "bound", bound,
        {.doc = "The longest of these: compute, launch, dependency (waiting), or the memory's name; empty for views."});
    v.field("energy_j", energy_j, {.doc = "Dynamic energy that it caused; background power belongs to no operator."});
    v.field("traffic_bytes", traffic_bytes, {.doc = "Bytes that it moved to and from memories."});
    v.field("sram_accesses", sram_accesses,
            {.doc = "Accesses to the device's on-chip buffers, in elements, where its model counts them."});
    v.field("mapping", mapping, {.doc = "How it was cut, and why."});
    v.field("reason", reason, {.doc = "Why it ran where it did."});
    v.field("runner_up", runner_up,
            {.doc = "The next best choice and by how much it lost; empty where there was none."});
    v.field("tile_search", tile_search,
            {.doc = "How it was cut into tiles; absent for views and in groups that run depth first."});
  }
};

struct ReportDevice {
  std::string name, type;
  double busy_s{0}, utilisation{0}, energy_j{0};
  std::int64_t macs{0};
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Device."});
    v.field("type", type, {.doc = "Its type."});
    v.field("busy_s", busy_s, {.doc = "Time in which at least one of its engines worked."});
    v.field("utilisation", utilisation, {.doc = "busy_s / latency_s."});
    v.field("energy_j", energy_j, {.doc = "Dynamic and static energy of the device."});
    v.field("macs", macs, {.doc = "Multiply-accumulates on it."});
  }
};

struct ReportMemory {
  std::string name;
  std::int64_t read_bytes{0}, written_bytes{0};
  double bandwidth_utilisation{0}, energy_j{0};
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Memory."});
    v.field("read_bytes", read_bytes, {.doc = "Bytes read, as they crossed its pins: whole bursts, compressed."});
    v.field("written_bytes", written_bytes, {.doc = "Bytes written, likewise."});
    v.field("bandwidth_utilisation", bandwidth_utilisation,
            {.doc = "Bytes over what the pins could carry in latency_s."});
    v.field("energy_j", energy_j, {.doc = "Device, I/O, controller and background."});
  }
};

struct ReportCache {
  std::string name;
  std::int64_t hit_lines{0}, missed_lines{0}, written_back_bytes{0}, bypassed_bytes{0};
  double hit_rate{0}, energy_j{0};
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Cache."});
    v.field("hit_lines", hit_lines, {.doc = "Lines that were found."});
    v.field("missed_lines", missed_lines, {.doc = "Lines that were not."});
    v.field("hit_rate", hit_rate, {.doc = "hit_lines / (hit_lines + missed_lines)."});
    v.field("written_back_bytes", written_back_bytes, {.doc = "Of lines that gave way."});
    v.field("bypassed_bytes", bypassed_bytes, {.doc = "That went past it."});
    v.field("energy_j", energy_j, {.doc = "Data, tags and leakage."});
  }
};

struct ReportEnergy {
  Named<double> by_component, by_action;
  template <class V>
  void visit(V& v) {
    v.field("by_component", by_component, {.doc = "Joules per component; sums to totals.energy_j."});
    v.field("by_action", by_action, {.doc = "Joules per kind of action; sums to totals.energy_j."});
  }
};

struct ReportAnalytic {
  double latency_s{0};
  template <class V>
  void visit(V& v) {
    v.field("latency_s", latency_s, {.doc = "The same program without contention: a lower bound."});
  }
};

struct ReportNetwork {
  std::string name;
  std::int64_t macs{0}, parameters{0}, operators{0};
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Network."});
    v.field("macs", macs, {.doc = "Multiply-accumulates of the graph."});
    v.field("parameters", parameters, {.doc = "Weights, biases and constants."});
    v.field("operators", operators, {.doc = "Operators after the transforms."});
  }
};

struct ReportPlatform {
  std::string name;
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Platform."});
  }
};

struct ReportProvenance {
  std::string tool_version, platform_sha256, model_sha256, mapper, trace_fingerprint;
  std::uint64_t seed{0};
  Json options = Json::object();
  template <class V>
  void visit(V& v) {
    v.field("tool_version", tool_version, {.doc = "Version of Chipcast."});
    v.field("platform_sha256", platform_sha256, {.doc = "Of the resolved platform."});
    v.field("model_sha256", model_sha256, {.doc = "Of the graph as it was given, in its JSON form."});
    v.field("mapper", mapper, {.doc = "Placement policy."});
    v.field("trace_fingerprint", trace_fingerprint, {.doc = "Hash over every span of the run."});
    v.field("seed", seed, {.doc = "Of everything random."});
    v.field("options", options, {.doc = "What was chosen about the run."});
  }
};

struct Report {
  std::string format{"chipcast-report"};
  int version{1};
  ReportNetwork network;
  ReportPlatform platform;
  ReportTotals totals;
  ReportAnalytic analytic;
  std::vector<ReportOp> ops;
  std::vector<ReportDevice> devices;
  std::vector<ReportMemory> memories;
  std::vector<ReportCache> caches;
  ReportEnergy energy;
  ReportPower power;
  SearchRecord search;
  std::vector<std::string> warnings;
  ReportProvenance provenance;
  std::optional<ReportValidation> validation{};

  template <class V>
  void visit(V& v) {
    v.field("format", format, {.doc = "Always chipcast-report."});
    v.field("version", version, {.doc = "Of this form."});
    v.field("network", network, {.doc = "What ran."});
    v.field("platform", platform, {.doc = "On what."});
    v.field("totals", totals, {.doc = "The answer."});
    v.field("analytic", analytic, {.doc = "The analytic tier."});
    v.field("ops", ops, {.doc = "Every operator in order."});
    v.field("devices", devices, {.doc = "Every device."});
    v.field("memories", memories, {.doc = "Every memory."});
    v.field("caches", caches, {.doc = "The system cache, where there is one."});
    v.field("energy", energy, {.doc = "Where the joules went."});
    v.field("power", power, {.doc = "Power over time."});
    v.field("search", search, {.doc = "How the mapping was searched for."});
    v.field("warnings", warnings, {.doc = "What to know before trusting the numbers."});
    v.field("provenance", provenance, {.doc = "What the report was made from."});
    v.field("validation", validation, {.doc = "Its error bar; added by the Python package."});
  }

  Json to_json() const;
  static Json schema();
};

}  // namespace chipcast
