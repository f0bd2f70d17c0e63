// SPDX-License-Identifier: Apache-2.0
#include "platform/reporting.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "workloads/work.h"

namespace chipcast {
namespace {

std::string arithmetic_text(const ReportInputs& in, std::size_t op) {
  const Placement& placement = in.program.placements[op];
  const std::string& name = placement.parts.empty() ? placement.device : placement.parts.front().device;
  for (const PlatformDevice& device : in.platform.devices()) {
    if (device.name == name) return to_text(device.device->arithmetic(in.ops[op]));
  }
  return {};
}

/// The longest of what an operator's time is made of; its parts overlap, so they do not add up.
std::string bound_of(const OpActivity& activity, const std::string& memory) {
  if (!activity.started) return {};
  const std::array<std::pair<Time, const char*>, 4> parts{{{activity.computing, "compute"},
                                                           {std::max(activity.loading, activity.storing), nullptr},
                                                           {activity.launching, "launch"},
                                                           {activity.waiting, "dependency"}}};
  const auto* longest =
      std::max_element(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return longest->second != nullptr ? longest->second : memory;
}

std::vector<ReportOp> report_ops(const ReportInputs& in) {
  const std::vector<Joules> energy = in.recorder.ledger().by_op(in.ops.size());
  std::vector<ReportOp> out;
  out.reserve(in.ops.size());
  for (std::size_t i = 0; i < in.ops.size(); ++i) {
    const OpActivity& activity = in.recorder.ops()[i];
    out.push_back({.name = in.ops[i].name,
                   .kind = in.ops[i].label,
                   .device = in.program.placements[i].device,
                   .dtype = in.ops[i].compute_dtype,
                   .arithmetic = arithmetic_text(in, i),
                   .macs = in.ops[i].macs.count(),
                   .compute_cycles = activity.compute.count(),
                   .start_s = activity.begin.seconds().count(),
                   .end_s = activity.end.seconds().count(),
                   .launch_s = activity.launching.seconds().count(),
                   .compute_s = activity.computing.seconds().count(),
                   .transfer_s = std::max(activity.loading, activity.storing).seconds().count(),
                   .waiting_s = activity.waiting.seconds().count(),
                   .energy_j = energy[i].count(),
                   .bound = bound_of(activity, in.platform.memory().name),
                   .traffic_bytes = activity.traffic.count(),
                   .sram_accesses = activity.sram,
                   .mapping = in.program.placements[i].tiling,
                   .reason = in.mapping.choices[i].reason,
                   .runner_up = in.mapping.choices[i].runner_up,
                   .tile_search = in.mapping.choices[i].tile_search});
  }
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

std::vector<ReportDevice> report_devices(const ReportInputs& in, const std::vector<EnergyShare>& shares) {
  std::vector<ReportDevice> out;
  const double latency = in.latency.seconds().count();
  for (std::size_t i = 0; i < in.platform.devices().size(); ++i) {
    const auto& device = in.platform.devices()[i];
    const double busy = in.recorder.busy(DeviceId(i)).seconds().count();
    out.push_back({.name = device.name,
                   .type = device.type,
                   .busy_s = busy,
                   .utilisation = latency > 0.0 ? busy / latency : 0.0,
                   .energy_j = energy_of(shares, device.name),
                   .macs = in.recorder.macs(DeviceId(i)).count()});
  }
  return out;
}

std::vector<ReportMemory> report_memories(const ReportInputs& in, const std::vector<EnergyShare>& shares) {
  std::vector<ReportMemory> out;
  for (std::size_t i = 0; i < in.platform.memories().size(); ++i) {
    const PlatformMemory& memory = in.platform.memories()[i];
    const Bytes read = in.recorder.read_bytes(i), written = in.recorder.written_bytes(i);
    const double capacity = memory.law->peak_bandwidth().count() * in.latency.seconds().count();
    out.push_back(
        {.name = memory.name,
         .read_bytes = read.count(),
         .written_bytes = written.count(),
         .bandwidth_utilisation = capacity > 0.0 ? static_cast<double>((read + written).count()) / capacity : 0.0,
         .energy_j = energy_of(shares, memory.name)});
  }
  return out;
}

std::vector<ReportCache> report_caches(const ReportInputs& in, const std::vector<EnergyShare>& shares) {
  if (!in.platform.file().system_cache) return {};
  const cache::Model::Statistics& s = in.recorder.cache_statistics();
  const auto lines = static_cast<double>(s.hit_lines + s.missed_lines);
  return {{.name = "system_cache",
           .hit_lines = s.hit_lines,
           .missed_lines = s.missed_lines,
           .written_back_bytes = s.written_back.count(),
           .bypassed_bytes = s.bypassed.count(),
           .hit_rate = lines > 0.0 ? static_cast<double>(s.hit_lines) / lines : 0.0,
           .energy_j = energy_of(shares, "system_cache")}};
}

std::int64_t traffic(const ReportInputs& in) {
  Bytes sum;
  for (std::size_t i = 0; i < in.platform.memories().size(); ++i) {
    sum += in.recorder.read_bytes(i) + in.recorder.written_bytes(i);
  }
  return sum.count();
}

Named<double> joules(const std::vector<EnergyShare>& shares) {
  Named<double> out;
  for (const auto& share : shares) out.emplace_back(share.name, share.energy.count());
  return out;
}

ReportTotals report_totals(const ReportInputs& in, const PowerSeries& power) {
  const double latency = in.latency.seconds().count();
  const double energy = in.recorder.ledger().total().count();
  Ops macs;
  for (std::size_t i = 0; i < in.platform.devices().size(); ++i) macs += in.recorder.macs(DeviceId(i));
  return {.latency_s = latency,
          .energy_j = energy,
          .average_power_w = latency > 0.0 ? energy / latency : 0.0,
          .peak_power_w = power.peak().count(),
          .macs = macs.count(),
          .traffic_bytes = traffic(in),
          .memory_footprint_bytes = in.program.memory_footprint.count(),
          .memory_live_bytes = in.program.memory_live.count()};
}

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

}  // namespace

Report make_report(const ReportInputs& in) {
  const PowerSeries& power = in.recorder.power();
  const std::vector<EnergyShare> shares = in.recorder.ledger().by_component();
  const GraphTotals graph = totals(in.graph);
  Report report;
  report.network = {.name = in.graph.name,
                    .macs = graph.macs.count(),
                    .parameters = graph.parameters,
                    .operators = static_cast<std::int64_t>(in.ops.size())};
  report.platform = {.name = in.platform.file().name};
  report.totals = report_totals(in, power);
  report.analytic = {.latency_s = in.analytic.seconds().count()};
  report.ops = report_ops(in);
  report.devices = report_devices(in, shares);
  report.memories = report_memories(in, shares);
  report.caches = report_caches(in, shares);
  report.energy = {.by_component = joules(shares), .by_action = joules(in.recorder.ledger().by_action())};
  report.power = report_power(in.platform, in.recorder.meter(), power, Joules(report.totals.energy_j));
  report.search = in.mapping.search;
  report.warnings = in.mapping.warnings;
  const std::string& unsettled = in.mapping.search.warning;
  if (!unsettled.empty() &&
      std::find(report.warnings.begin(), report.warnings.end(), unsettled) == report.warnings.end()) {
    report.warnings.push_back(unsettled);
  }
  report.warnings.insert(report.warnings.end(), in.program.warnings.begin(), in.program.warnings.end());
  report.provenance = in.provenance;
  report.provenance.trace_fingerprint = hexadecimal(fingerprint(in.recorder.trace()));
  return report;
}

}  // namespace chipcast
