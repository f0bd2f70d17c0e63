// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/base/check.h"
#include "tests/system/program_check.h"
#include "tests/system/report_check.h"
#include "tests/system/support.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

Simulation simulation(const std::string& name, const std::string& platform, bool fuse,
                      Objective objective = Objective::latency) {
  RunOptions options;
  options.dtype = DType::int8;
  options.fuse = fuse;
  options.objective = objective;
  return Simulation(bundled(platform), network(name), options);
}

/// Passes all checks, and computes what the network has (report_check.h).
Report checked(Simulation& run, const std::string& platform) {
  EXPECT_THAT(problems_of(*bundled(platform), describe_ops(run.graph()), run.program()), IsEmpty());
  Report report = run.run();
  EXPECT_THAT(problems_of(run, report), IsEmpty());
  return report;
}

bool has_groups(const Simulation& run) {
  const auto& tasks = run.mapping().tasks;
  return std::any_of(tasks.begin(), tasks.end(), [](const Task& task) { return task.group.has_value(); });
}

/// Traffic through memory and latency of the event simulation fall together.
TEST(Fusion, SavesTrafficAndTimeOnRv1106) {
  for (const char* name : {"mobilenet_v2", "squeezenet1_0", "squeezenet1_1"}) {
    SCOPED_TRACE(name);
    Simulation plain = simulation(name, "rv1106", false), fused = simulation(name, "rv1106", true);
    const Report before = checked(plain, "rv1106"), after = checked(fused, "rv1106");
    EXPECT_FALSE(has_groups(plain));
    EXPECT_TRUE(has_groups(fused));
    EXPECT_LE(static_cast<double>(after.totals.traffic_bytes), 0.7 * static_cast<double>(before.totals.traffic_bytes));
    EXPECT_LT(after.totals.latency_s, before.totals.latency_s);
    EXPECT_LT(after.totals.energy_j, before.totals.energy_j);
    EXPECT_EQ(after.totals.macs, before.totals.macs);
  }
}

bool groups_somewhere(const std::string& platform) {
  const auto& devices = bundled(platform)->devices();
  return std::any_of(devices.begin(), devices.end(),
                     [](const auto& device) { return device.device->group_space().has_value(); });
}

/// Devices that search for tiles, have schedules of their own, or caches; groups only on the first kind.
TEST(Fusion, HoldsOnEveryKindOfPlatform) {
  for (const std::string& platform : platforms_of_each_kind()) {
    const bool groups = groups_somewhere(platform);
    const std::vector<std::string> few{"mlperf_tiny_ic"}, more{"mobilenet_v2", "mlperf_tiny_ic"};
    for (const std::string& name : groups ? more : few) {
      SCOPED_TRACE(name + " on " + platform);
      try {
        Simulation fused = simulation(name, platform, true);
        EXPECT_TRUE(groups || !has_groups(fused));
        checked(fused, platform);
      } catch (const InputError& error) {
        EXPECT_TRUE(is_a_refusal(error.what())) << error.what();
      }
    }
  }
}

TEST(Fusion, HoldsForEveryObjective) {
  for (const Objective objective : {Objective::energy, Objective::edp}) {
    Simulation fused = simulation("mobilenet_v2", "rk3588", true, objective);
    const Report report = checked(fused, "rk3588");
    EXPECT_TRUE(has_groups(fused));
    EXPECT_EQ(fused.mapping().search.objective, objective);
    EXPECT_GT(report.totals.energy_j, 0.0);
  }
}

std::size_t devices_used(const Simulation& run) {
  std::set<std::size_t> slots;
  for (const Task& task : run.mapping().tasks) {
    if (task.slot) slots.insert(*task.slot);
  }
  return slots.size();
}

/// What the CPU runs there may overlap with the NPU: no sum over operators is a bound.
TEST(Fusion, StatesNoBoundWhereDevicesRunSideBySide) {
  for (const char* platform : {"rv1106", "rk3588"}) {
    for (const char* name : {"mobilenet_v2", "squeezenet1_1", "mlperf_tiny_ic"}) {
      SCOPED_TRACE(std::string(name) + " on " + platform);
      const Simulation fused = simulation(name, platform, true);
      ASSERT_GT(devices_used(fused), 1U);
      EXPECT_TRUE(has_groups(fused));
      EXPECT_FALSE(fused.mapping().search.lower_bound.has_value());
      EXPECT_EQ(fused.mapping().search.value, 0.0);
    }
  }
}

}  // namespace
}  // namespace chipcast
