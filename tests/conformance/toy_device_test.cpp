// SPDX-License-Identifier: Apache-2.0
// A device type that no file of the project knows, on a platform, from its JSON to the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accelerators/registry.h"
#include "sim/base/check.h"
#include "tests/conformance/ideal_device.h"
#include "tests/system/program_check.h"
#include "tests/system/report_check.h"
#include "tests/system/support.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

/// Registered once for the process.
void register_toy() {
  static const bool done = [] {
    add_device_type(conformance::ideal_device_type());
    return true;
  }();
  EXPECT_TRUE(done);
}

std::shared_ptr<const Platform> toy_platform(bool scheduled) {
  const Json json{{"name", "toy"},
                  {"memories", {{"memory", {{"type", "simple"}, {"bandwidth", "10 GB/s"}, {"latency", "100 ns"}}}}},
                  {"devices", {{"toy", {{"type", "ideal"}, {"macs_per_cycle", 256}, {"scheduled", scheduled}}}}}};
  return std::make_shared<const Platform>(Platform::from_json(json, "toy", {}));
}

TEST(ToyDevice, RunsAWholeNetworkOnAPlatform) {
  register_toy();
  for (const bool scheduled : {false, true}) {
    SCOPED_TRACE(scheduled ? "by its own schedule" : "by searched tiles");
    const auto platform = toy_platform(scheduled);
    Simulation simulation(platform, network("mobilenet_v2"), {});
    EXPECT_THAT(problems_of(*platform, describe_ops(simulation.graph()), simulation.program()), IsEmpty());
    const Report report = simulation.run();
    EXPECT_THAT(problems_of(simulation, report), IsEmpty());
    EXPECT_EQ(report.totals.macs, report.network.macs);
    // 256 multiply-accumulates per cycle at 1 GHz, whole cycles per tile.
    EXPECT_GE(report.totals.latency_s, static_cast<double>(report.network.macs) / 256e9);
  }
}

TEST(ToyDevice, ItsScheduleIsTheReports) {
  register_toy();
  Simulation simulation(toy_platform(true), one_conv(3, 4, 8, DType::int8), {});
  const Report report = simulation.run();
  // 4 x 8 x 8 outputs of 27 products: 6,912 multiply-accumulates in four steps of 1,728, 7 cycles each.
  EXPECT_EQ(report.ops.at(0).compute_cycles, 4 * 7);
  EXPECT_EQ(report.ops.at(0).sram_accesses.ifmap_reads, 6912);
  EXPECT_EQ(report.ops.at(0).mapping, "four equal steps");
  // Input 192 B and result 256 B once, weights (4 x 27 B) with each of the four steps.
  EXPECT_EQ(report.ops.at(0).traffic_bytes, 192 + 256 + 4 * 108);
}

TEST(ToyDevice, ANameThatIsTakenIsRefused) {
  register_toy();
  EXPECT_THROW(add_device_type(conformance::ideal_device_type()), InputError);
}

}  // namespace
}  // namespace chipcast
