// SPDX-License-Identifier: Apache-2.0
// Latency of a memory under load: Poisson traffic from several initiators through the interconnect, offered load from
// 5 to 100 % of the memory's peak. A line of CSV for each point on stdout, progress on stderr.
// scripts/plot-loaded-latency runs it and draws; docs/loaded-latency.md explains the curves.
//   loaded_latency [simple|dram]     both, where none is named
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>

#include "bench/poisson_source.h"
#include "models/dram/model.h"
#include "models/interconnect/model.h"
#include "models/simple_memory/model.h"
#include "sim/base/check.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"

namespace chipcast::bench {
namespace {

constexpr std::size_t kInitiators = 4;
constexpr int kSteps = 20;  ///< of 5 %

struct Quiet final : TransferObserver {
  void on_transfer(const TransferEvent& /*event*/) override {}
};

using MakeMemory = std::function<std::unique_ptr<MemoryModule>(TransferObserver&)>;

/// One curve.
struct Curve {
  std::string memory, speed, pattern;
  interconnect::Arbitration arbitration = interconnect::Arbitration::first_come;
  BytesPerSecond peak;
  PoissonSource::Plan plan;  ///< all initiators together
  std::uint64_t spread = 0;  ///< between the initiators' addresses; 0: they walk through one range together
  double service_s = 0.0, latency_s = 0.0;  ///< of a server with a closed form
  MakeMemory make;
};

struct Point {
  double offered = 0.0, delivered = 0.0, mean_s = 0.0, p99_s = 0.0;
};

/// Looks at all wishes between the first tenth of the time and the end of the traffic.
Point measured(const std::vector<std::unique_ptr<PoissonSource>>& sources, std::int64_t bytes) {
  Time end = sources.front()->last_wish();
  for (const auto& source : sources) end = std::min(end, source->last_wish());
  const Time begin = Time::ps(end.ps() / 10);
  std::vector<std::int64_t> latencies;
  std::int64_t answered = 0;
  for (const auto& source : sources) {
    for (const auto& record : source->records()) {
      if (record.answered >= begin && record.answered < end) ++answered;
      if (record.wished >= begin && record.wished < end) latencies.push_back((record.answered - record.wished).ps());
    }
  }
  const double window = (end - begin).seconds().count();
  const auto count = static_cast<double>(latencies.size());
  const double sum = std::accumulate(latencies.begin(), latencies.end(), 0.0);
  const auto high = latencies.begin() + static_cast<std::ptrdiff_t>(count * 0.99);
  std::nth_element(latencies.begin(), high, latencies.end());
  return {.offered = count * static_cast<double>(bytes) / window,
          .delivered = static_cast<double>(answered * bytes) / window,
          .mean_s = sum / count * 1e-12,
          .p99_s = static_cast<double>(*high) * 1e-12};
}

/// The interconnect is never the limit and takes no time: what is seen is the memory.
Point run(const Curve& curve, double load) {
  const SimulationContext context;
  Quiet quiet;
  interconnect::Config links;
  links.clock = Hertz(2e9);
  links.width = BytesPerCycle(4096);
  links.latency = Cycles(0);
  links.arbitration = curve.arbitration;
  interconnect::Fabric::Setup setup;
  for (std::size_t i = 0; i < kInitiators; ++i) {
    setup.devices.push_back("d" + std::to_string(i));
    setup.sockets.push_back(i);
    links.ports.emplace_back(setup.devices.back(), interconnect::Port{.priority = static_cast<int>(i)});
  }
  setup.memories.push_back({.name = "memory", .size = std::uint64_t{1} << 40});
  interconnect::Fabric fabric("fabric", links, setup, quiet);
  const auto memory = curve.make(quiet);
  fabric.to_memory(0).bind(memory->target());
  std::vector<std::unique_ptr<PoissonSource>> sources;
  std::uint64_t cursor = 0;
  for (std::size_t i = 0; i < kInitiators; ++i) {
    PoissonSource::Plan plan = curve.plan;
    plan.count /= static_cast<std::int64_t>(kInitiators);
    plan.rate = load * curve.peak.count() / static_cast<double>(plan.bytes) / static_cast<double>(kInitiators);
    plan.base = i * curve.spread;
    if (curve.spread == 0) plan.cursor = &cursor;
    plan.seed = 100 + i;
    sources.push_back(std::make_unique<PoissonSource>(setup.devices[i].c_str(), plan));
    sources.back()->socket.bind(fabric.target);
  }
  const auto done = [&] {
    return std::all_of(sources.begin(), sources.end(), [](const auto& source) { return source->finished(); });
  };
  run_until(done, {});
  if (!done()) throw std::runtime_error("stuck: " + fabric.state() + "; " + memory->state());
  return measured(sources, curve.plan.bytes);
}

/// M/D/1 (Pollaczek, Khinchine): S + L + rho S / (2 (1 - rho)); nothing at full load.
std::string closed_form(const Curve& curve, double load) {
  if (curve.service_s == 0.0 || load >= 1.0) return {};
  const double wait = load * curve.service_s / (2.0 * (1.0 - load));
  return std::to_string((curve.service_s + curve.latency_s + wait) * 1e9);
}

void sweep(const Curve& curve) {
  const std::string name = curve.memory + " " + curve.speed + " " + curve.pattern;
  for (int step = 1; step <= kSteps; ++step) {
    std::fprintf(stderr, "\r%-60s %3d %%", name.c_str(), step * 100 / kSteps);
    const double load = static_cast<double>(step) / kSteps;
    const Point point = run(curve, load);
    std::printf("%s,%s,\"%s\",%s,%.2f,%.4f,%.4f,%.3f,%.3f,%s\n", curve.memory.c_str(), curve.speed.c_str(),
                curve.pattern.c_str(), std::string(name_of(curve.arbitration)).c_str(), load, point.offered * 1e-9,
                point.delivered * 1e-9, point.mean_s * 1e9, point.p99_s * 1e9, closed_form(curve, load).c_str());
    std::fflush(stdout);
  }
  std::fprintf(stderr, "\n");
}

/// 8 GB/s and 20 ns: 64 B take 8 ns.
void sweep_simple() {
  simple_memory::Config config;
  config.bandwidth = BytesPerSecond(8e9);
  config.latency = Seconds(20e-9);
  for (const auto& [arbitration, name] : enum_names(interconnect::Arbitration{})) {
    sweep({.memory = "simple",
           .speed = "",
           .pattern = "read 64 B",
           .arbitration = arbitration,
           .peak = config.bandwidth,
           .plan = {.bytes = 64, .count = 600'000},
           .service_s = 8e-9,
           .latency_s = 20e-9,
           .make = [&](TransferObserver& observer) {
             return std::make_unique<simple_memory::Model>("memory", config, observer);
           }});
  }
}

dram::BoardConfig board(const std::string& preset) {
  Json json = parse_json_file(std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs" / "memories" / (preset + ".json"));
  json.erase("type");
  return read_value<dram::BoardConfig>(json, preset);
}

void sweep_dram() {
  const std::string preset = "lpddr4x-4224-4x16bit";
  dram::BoardConfig config = board(preset);
  struct Pattern {
    const char* name;
    std::int64_t bytes;
    bool random, apart;
    double write_share;
  };
  constexpr Pattern kPatterns[] = {
      {"one stream, read 64 B", 64, false, false, 0.0},
      {"one stream, read 256 B", 256, false, false, 0.0},
      {"random, read 64 B", 64, true, false, 0.0},
      {"random, read 256 B", 256, true, false, 0.0},
      {"one stream, 2 reads to a write, 256 B", 256, false, false, 1.0 / 3.0},
      {"random, 2 reads to a write, 64 B", 64, true, false, 1.0 / 3.0},
      {"four streams, read 256 B", 256, false, true, 0.0},
  };
  // A quarter of the memory for each initiator, two banks' rows apart.
  const auto quarter = static_cast<std::uint64_t>(dram::capacity(config).count()) / kInitiators;
  for (const Pattern& pattern : kPatterns) {
    for (const dram::Speed speed : {dram::Speed::stream, dram::Speed::command}) {
      config.speed = speed;
      sweep({.memory = preset,
             .speed = std::string(name_of(speed)),
             .pattern = pattern.name,
             .peak = dram::peak_bandwidth(config),
             .plan = {.bytes = pattern.bytes,
                      .count = pattern.bytes == 64 ? 160'000 : 80'000,
                      .write_share = pattern.write_share,
                      .random = pattern.random,
                      .range = pattern.apart ? quarter / 2 : 4 * quarter},
             .spread = pattern.apart ? quarter + (std::uint64_t{16} << 10) : 0,
             .make = [&](TransferObserver& observer) { return dram::make_model("memory", config, observer); }});
    }
  }
}

}  // namespace
}  // namespace chipcast::bench

int main(int argc, char** argv) {
  using namespace chipcast::bench;
  const auto asked = [&](const char* what) { return argc < 2 || std::strcmp(argv[1], what) == 0; };
  if (!asked("simple") && !asked("dram")) {
    std::fprintf(stderr, "error: unknown part \"%s\"; there are simple and dram\n", argv[1]);
    return 2;
  }
  try {
    std::printf("memory,speed,pattern,arbitration,load,offered_gbps,delivered_gbps,mean_ns,p99_ns,closed_form_ns\n");
    if (asked("simple")) sweep_simple();
    if (asked("dram")) sweep_dram();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
