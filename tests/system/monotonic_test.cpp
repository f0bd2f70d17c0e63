// SPDX-License-Identifier: Apache-2.0
// More of something never makes a fixed program slower.
//
// The analytic tier is a chain of maxima and sums: there the law holds exactly, up to the edges of a clock. In the
// simulation engines compete for bus and memory first come, first served, and a list schedule has anomalies (Graham,
// SIAM J. Appl. Math. 17, 1969): a request that comes earlier may stand in front of one that matters more. What is
// held there is that nothing gets slower by more than what such a swap costs.
#include <gtest/gtest.h>

#include "mappers/tiling/tiling.h"
#include "models/dma/cost.h"
#include "platform/analytic.h"
#include "platform/machine.h"
#include "sim/base/check.h"
#include "tests/system/random_graph.h"
#include "tests/system/support.h"
#include "workloads/op_description.h"
#include "workloads/transforms.h"

namespace chipcast {
namespace {

using namespace system_test;

constexpr double kAnomaly = 0.005;  ///< of the latency

struct Latencies {
  double analytic, simulated;
};

Latencies latencies(const Platform& platform, const Program& program) {
  Recorder recorder(platform, program);
  const MachineResult result = execute(platform, program, recorder, {});
  EXPECT_EQ(result.stuck, "");
  return {analytic_latency(platform, program).seconds().count(), result.latency.seconds().count()};
}

/// One period of the slowest clock for each compute command: each may wait for an edge once more.
double edges(const Platform& platform, const Program& program) {
  double sum = 0.0;
  for (std::size_t i = 0; i < program.devices.size(); ++i) {
    const auto commands = static_cast<double>(program.devices[i].queue(EngineKind::compute).size());
    sum += commands / platform.devices()[i].device->clock().count();
  }
  return sum;
}

void expect_not_slower(const Latencies& before, const Latencies& after, double slack) {
  EXPECT_LE(after.analytic, before.analytic + slack);
  EXPECT_LE(after.simulated, before.simulated * (1.0 + kAnomaly) + slack);
}

/// The mapper's estimate for an operator on the first device; none where it does not run it.
std::optional<Time> expected(const Platform& platform, const OpDescription& op) {
  const auto& entry = platform.devices().front();
  if (op.op_class == OpClass::view || !entry.device->refuses(op).empty()) return std::nullopt;
  const DeviceSlot slot{
      .name = entry.name,
      .device = entry.device.get(),
      .kind = entry.kind,
      .transfer = [&device = *entry.device, in = platform.unloaded_path(0, EngineKind::load),
                   out = platform.unloaded_path(0, EngineKind::store)](EngineKind engine, Bytes bytes) {
        return dma::transfer_time(device.dma(engine), bytes, engine == EngineKind::store ? out : in);
      }};
  return tiling::choose(op, slot, {.loose_input = op.input_bytes + op.weight_bytes}).latency;
}

class Monotonic : public testing::TestWithParam<std::string> {
 protected:
  std::string memory() const { return bundled(GetParam())->memory().name; }

  /// The same programs on the platform as it is and with `overrides`.
  void expect_faster_or_equal(const std::vector<std::string>& overrides, bool clocks = false) {
    expect_ordered(*bundled(GetParam()), *bundled(GetParam(), overrides), clocks);
  }

  void expect_ordered(const Platform& worse, const Platform& better, bool clocks = false) {
    for (const char* network_name : {"mlperf_tiny_ic", "mobilenet_v3_small", "bert_tiny", "squeezenet1_1"}) {
      for (const DType dtype : {DType::int8, DType::fp32}) {
        SCOPED_TRACE(std::string(network_name).append(" in ").append(name_of(dtype)));
        const Simulation simulation = simulate(network_name, GetParam(), dtype);
        const Program& program = simulation.program();
        const double slack = clocks ? edges(worse, program) : 0.0;
        expect_not_slower(latencies(worse, program), latencies(better, program), slack);
      }
    }
  }

  std::vector<std::string> of_every(const std::string& type, const std::string& assignment) const {
    std::vector<std::string> out;
    for (const auto& device : bundled(GetParam())->devices()) {
      if (device.type == type) out.push_back(device.name + "." + assignment);
    }
    return out;
  }
};

TEST_P(Monotonic, InMemoryRate) {
  // A bin may be clocked lower, never higher.
  const PlatformMemory& dram = bundled(GetParam())->memory();
  const double pins = dram.resolved["channels"].get<double>() * dram.resolved["channel_bits"].get<double>();
  const double rate = dram.law->peak_bandwidth().count() * 8.0 / pins / 1e6;
  for (const double factor : {0.9, 0.66, 0.5, 0.1}) {
    SCOPED_TRACE(factor);
    const std::string slower = memory() + ".mega_transfers=" + std::to_string(rate * factor);
    expect_ordered(*bundled(GetParam(), {slower}), *bundled(GetParam()));
  }
}

TEST_P(Monotonic, InMemoryLatency) { expect_faster_or_equal({memory() + ".controller_latency=0 ns"}); }

TEST_P(Monotonic, InBusWidthAndClock) {
  expect_faster_or_equal({"interconnect.width=256 B/cycle"});
  expect_faster_or_equal({"interconnect.clock=1.7 GHz"});
}

TEST_P(Monotonic, InBurstsInFlight) { expect_faster_or_equal(of_every("npu", "dma.outstanding=256")); }

TEST_P(Monotonic, InTheClocksOfTheDevices) {
  for (const char* clock : {"clock=1.3 GHz", "clock=2 GHz", "clock=4.7 GHz"}) {
    SCOPED_TRACE(clock);
    expect_faster_or_equal(of_every("npu", clock), true);
  }
  expect_faster_or_equal(of_every("cpu", "clock=4.7 GHz"), true);
}

/// Larger buffers change the program, not how it runs: what must not get worse is what the mapper expects. Its search
/// leaves out tilings (it splits input channels only where it must), so a few percent are its own.
TEST_P(Monotonic, InTheBuffersThatTheMapperMayUse) {
  for (const char* buffers : {"buffer=24 MiB", "accumulator=16 MiB"}) {
    const auto larger = bundled(GetParam(), of_every("npu", buffers));
    for (const char* network_name : {"mlperf_tiny_ic", "mobilenet_v3_small", "squeezenet1_1", "resnet18"}) {
      const Graph graph = convert_dtype(network(network_name), DType::int8);
      for (const auto& op : describe_ops(graph)) {
        const auto before = expected(*bundled(GetParam()), op), after = expected(*larger, op);
        if (!before || !after) continue;
        EXPECT_LE(after->seconds().count(), before->seconds().count() * 1.03)
            << network_name << ' ' << op.name << ", " << buffers;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Platforms, Monotonic, testing::Values("rk3588", "rv1106", "bcm2711"));

/// The same on random systems: memory and bus at twice their rates.
TEST(MonotonicOnRandomSystems, InMemoryAndBus) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    const Graph graph = random_graph(dice);
    Json json = random_platform(dice);
    const std::int64_t bandwidth = dice.roll(100, 50'000);
    json["memories"]["dram"] = random_simple_memory(dice);
    json["memories"]["dram"]["bandwidth"] = std::to_string(bandwidth) + " MB/s";
    const auto slow = std::make_shared<const Platform>(Platform::from_json(json, "slow", {}));
    std::unique_ptr<Simulation> simulation;
    try {
      simulation = std::make_unique<Simulation>(slow, graph, RunOptions{});
    } catch (const InputError&) {
      continue;  // does not fit its buffers
    }
    json["memories"]["dram"]["bandwidth"] = std::to_string(2 * bandwidth) + " MB/s";
    const Platform faster_memory = Platform::from_json(json, "memory", {});
    json["interconnect"]["width"] = "256 B/cycle";
    const Platform faster_bus = Platform::from_json(json, "bus", {});
    const Program& program = simulation->program();
    const Latencies before = latencies(*slow, program), between = latencies(faster_memory, program);
    // Small programs have few transfers: a swap of two may cost the time of one.
    const double transfer = 8192 / 200e6;
    expect_not_slower(before, between, transfer);
    expect_not_slower(between, latencies(faster_bus, program), transfer);
    EXPECT_LE(between.analytic, before.analytic);
  }
}

}  // namespace
}  // namespace chipcast
