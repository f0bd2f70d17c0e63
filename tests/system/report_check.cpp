// SPDX-License-Identifier: Apache-2.0
#include "tests/system/report_check.h"

#include <cmath>
#include <numeric>

#include "workloads/work.h"

namespace chipcast::system_test {
namespace {

class ReportChecker {
 public:
  ReportChecker(const Simulation& simulation, const Report& report) : simulation_(simulation), report_(report) {}

  std::vector<std::string> run() {
    check_tiers();
    check_work();
    check_bytes();
    check_energy();
    check_power();
    check_ops();
    check_devices();
    return std::move(problems_);
  }

 private:
  void expect(bool holds, const std::string& what) {
    if (!holds) problems_.push_back(what);
  }
  void expect_equal(const std::string& what, std::int64_t a, std::int64_t b) {
    expect(a == b, what + ": " + std::to_string(a) + " and " + std::to_string(b));
  }
  /// To 1e-9 of the larger one.
  void expect_close(const std::string& what, double a, double b) {
    expect(std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)),
           what + ": " + std::to_string(a) + " and " + std::to_string(b));
  }
  template <class List, class Get>
  static auto sum(const List& list, Get get) {
    decltype(get(*list.begin())) total{};
    for (const auto& element : list) total += get(element);
    return total;
  }

  void check_tiers() {
    expect(report_.analytic.latency_s > 0.0 && std::isfinite(report_.totals.latency_s), "a latency");
    expect(report_.analytic.latency_s <= report_.totals.latency_s,
           "analytic " + std::to_string(report_.analytic.latency_s * 1e6) + " us above systemc " +
               std::to_string(report_.totals.latency_s * 1e6) + " us");
  }

  void check_work() {
    const std::int64_t macs = totals(simulation_.graph()).macs.count();
    expect_equal("MACs of graph and report", macs, report_.totals.macs);
    expect_equal("MACs of graph and network", macs, report_.network.macs);
    expect_equal("MACs of graph and operators", macs, sum(report_.ops, [](const auto& op) { return op.macs; }));
    expect_equal("MACs of graph and devices", macs, sum(report_.devices, [](const auto& d) { return d.macs; }));
    expect_equal("MACs of graph and placements", macs,
                 sum(simulation_.program().placements, [](const auto& p) { return p.macs.count(); }));
  }

  void check_bytes() {
    const ReportMemory& memory = report_.memories.at(0);
    const auto& placements = simulation_.program().placements;
    const std::int64_t loaded = sum(placements, [](const auto& p) { return p.load_bytes.count(); });
    const std::int64_t stored = sum(placements, [](const auto& p) { return p.store_bytes.count(); });
    expect_equal("bytes of operators, loaded and stored",
                 sum(report_.ops, [](const auto& op) { return op.traffic_bytes; }), loaded + stored);
    expect_equal("bytes of memory and total", memory.read_bytes + memory.written_bytes, report_.totals.traffic_bytes);
    expect(memory.bandwidth_utilisation >= 0.0 && memory.bandwidth_utilisation <= 1.0, "more than the pins carry");
    if (!report_.caches.empty()) {
      expect(report_.caches[0].hit_lines + report_.caches[0].missed_lines > 0, "a cache that saw something");
      return;  // it keeps, fetches and writes whole lines
    }
    expect_equal("bytes read and loaded", memory.read_bytes, loaded);
    expect_equal("bytes written and stored", memory.written_bytes, stored);
  }

  void check_energy() {
    const double total = report_.totals.energy_j;
    const auto& entries = simulation_.ledger().entries();
    expect_close("energy of ledger and total", sum(entries, [](const auto& e) { return e.energy().count(); }), total);
    const auto joules = [](const auto& share) { return share.second; };
    expect_close("energy of components and total", sum(report_.energy.by_component, joules), total);
    expect_close("energy of actions and total", sum(report_.energy.by_action, joules), total);
    expect(total > 0.0 && std::isfinite(total), "an energy");
    for (const auto& entry : entries) {
      if (entry.energy() >= Joules(0.0) && entry.begin <= entry.end) continue;
      problems_.push_back("an entry of the ledger is negative or ends before it begins");
      break;
    }
    expect_close("average power", report_.totals.average_power_w * report_.totals.latency_s, total);
  }

  void check_power() {
    const double window = report_.power.window_s, latency = report_.totals.latency_s;
    double energy = 0.0, peak = 0.0, at = 0.0;
    for (const double sample : report_.power.samples_w) {
      expect(sample >= 0.0, "negative power");
      energy += sample * (std::min(latency, at + window) - at);
      peak = std::max(peak, sample);
      at += window;
    }
    expect_close("energy under the power series and total", energy, report_.totals.energy_j);
    expect_close("peak power", peak, report_.totals.peak_power_w);
    expect(at >= latency * (1 - 1e-12), "the series ends before the run does");
  }

  void check_ops() {
    for (const auto& op : report_.ops) {
      if (op.device.empty()) {
        expect(op.traffic_bytes == 0 && op.macs == 0 && op.energy_j == 0.0, op.name + " does work but has no device");
        continue;
      }
      expect(std::isfinite(op.end_s) && op.end_s > op.start_s && op.start_s >= 0.0, op.name + " takes no time");
      expect(std::isfinite(op.energy_j) && op.energy_j > 0.0, op.name + " takes no energy");
      expect(op.end_s <= report_.totals.latency_s, op.name + " ends after the run");
    }
  }

  void check_devices() {
    for (const auto& device : report_.devices) {
      expect(device.busy_s >= 0.0 && device.busy_s <= report_.totals.latency_s, device.name + " is busy for too long");
      expect(device.utilisation >= 0.0 && device.utilisation <= 1.0, device.name + " is used for more than all time");
    }
  }

  const Simulation& simulation_;
  const Report& report_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> problems_of(const Simulation& simulation, const Report& report) {
  return ReportChecker(simulation, report).run();
}

}  // namespace chipcast::system_test
