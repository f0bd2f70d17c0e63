// SPDX-License-Identifier: Apache-2.0
// The two speeds of the DRAM model, without an event kernel around them: transfers and bursts of the simulated memory
// per second of the host. At the end, how many times faster `stream` is than `command` on the same traffic.
#include "models/dram/memory.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "models/dram/stream.h"

namespace chipcast::dram {
namespace {

constexpr std::int64_t kMebibyte = 1 << 20;
constexpr const char* kStandards[] = {"DDR3-1866", "DDR4-2666", "LPDDR4X-4266", "LPDDR5-6400", "HBM2-2000"};
using Traffic = std::vector<Transfer>;

Traffic one_transfer(const Standard&) { return {{.address = 0, .bytes = 64 * kMebibyte}}; }

/// What a DMA engine moves: two streams read and one written, a chunk of each in turn.
Traffic chunks(const Standard& standard) {
  Traffic traffic;
  const std::int64_t third = standard.organisation.capacity().count() / 3 / 4096 * 4096;
  for (std::int64_t at = 0; at < 8 * kMebibyte; at += 4096) {
    for (int stream = 0; stream < 3; ++stream) {
      traffic.push_back({.address = stream * third + at, .bytes = 4096, .write = stream == 2});
    }
  }
  return traffic;
}

/// What caches miss: lines at random places, a quarter of them written back.
Traffic lines(const Standard& standard) {
  Traffic traffic;
  std::mt19937_64 random(1);
  const auto places = static_cast<std::uint64_t>(standard.organisation.capacity().count() / 64);
  for (int i = 0; i < 32768; ++i) {
    traffic.push_back(
        {.address = static_cast<std::int64_t>(random() % places) * 64, .bytes = 64, .write = random() % 4 == 0});
  }
  return traffic;
}

struct Load {
  const char* name;
  Traffic (*make)(const Standard&);
};
constexpr Load kLoads[] = {{"64MiB_transfer", &one_transfer}, {"4KiB_chunks", &chunks}, {"64B_lines", &lines}};

/// Seconds of the host for one pass over the traffic, by the benchmark's name.
std::map<std::string, double>& seconds() {
  static std::map<std::string, double> all;
  return all;
}

template <class Memory>
void serve(benchmark::State& state, const std::string& standard_name, const Load& load, const std::string& name) {
  const Standard standard = find_standard(standard_name);
  const Traffic traffic = load.make(standard);
  std::int64_t bytes = 0;
  for (const Transfer& t : traffic) bytes += t.bytes;
  double sum = 0.0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    Memory memory(standard, {});
    for (const Transfer& t : traffic) memory.submit(t);
    benchmark::DoNotOptimize(memory.drain());
    sum += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  const auto passes = static_cast<double>(state.iterations());
  const auto rate = [&](double count) { return benchmark::Counter(count * passes, benchmark::Counter::kIsRate); };
  state.counters["transfers/s"] = rate(static_cast<double>(traffic.size()));
  state.counters["bursts/s"] = rate(static_cast<double>(bytes) / standard.organisation.burst_bytes());
  seconds()[name] = sum / passes;
}

void register_all() {
  for (const Load& load : kLoads) {
    for (const char* standard : kStandards) {
      const std::string place = std::string(load.name) + "/" + standard;
      const auto add = [&](const std::string& name, auto body) {
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
          body(state, standard, load, name);
        })->Unit(benchmark::kMillisecond);
      };
      add(place + "/command", &serve<CommandMemory>);
      add(place + "/stream", &serve<StreamMemory>);
    }
  }
}

void print_ratios() {
  for (const Load& load : kLoads) {
    for (const char* standard : kStandards) {
      const std::string place = std::string(load.name) + "/" + standard;
      const auto slow = seconds().find(place + "/command"), fast = seconds().find(place + "/stream");
      if (slow == seconds().end() || fast == seconds().end()) continue;
      std::printf("%-30s stream is %5.1f times faster than command\n", place.c_str(), slow->second / fast->second);
    }
  }
}

}  // namespace
}  // namespace chipcast::dram

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  chipcast::dram::register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  chipcast::dram::print_ratios();
  return 0;
}
