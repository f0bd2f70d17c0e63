// SPDX-License-Identifier: Apache-2.0
#include "accelerators/shell/units.h"

#include <gtest/gtest.h>

#include "tests/component/dispatch_support.h"

namespace chipcast {
namespace {

using namespace dispatch_test;
using shell::Boundary;

const std::vector<std::string> kOne{"npu"}, kTwo{"left", "right"};

TEST(Units, ATileIsItsLoadsItsComputeAndItsStores) {
  ProgramWriter writer(kOne);
  for (int i = 0; i < 3; ++i) writer.tile(0, {.weights = 64, .input = 128, .cycles = 10, .output = 64});
  const auto plan = shell::plan_job(writer.program());
  const auto& units = plan.devices[0].units;
  ASSERT_EQ(units.size(), 3u);
  EXPECT_EQ(plan.parts, 6u);
  std::uint32_t load = 0, compute = 0, store = 0;
  for (const auto& unit : units) {
    EXPECT_EQ(unit.load.begin, load);
    EXPECT_EQ(unit.compute.begin, compute);
    EXPECT_EQ(unit.store.begin, store);
    load = unit.load.end;
    compute = unit.compute.end;
    store = unit.store.end;
    EXPECT_TRUE(unit.transfers);
    EXPECT_TRUE(unit.stores);
  }
  const DeviceProgram& device = writer.program().devices[0];
  EXPECT_EQ(load, device.queue(EngineKind::load).size());
  EXPECT_EQ(compute, device.queue(EngineKind::compute).size());
  EXPECT_EQ(store, device.queue(EngineKind::store).size());
}

TEST(Units, WhatOneDeviceWaitsForOnAnotherIsANeed) {
  ProgramWriter writer(kTwo);
  writer.op().tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  writer.op().after(1, 0).tile(1, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  const auto plan = shell::plan_job(writer.program());
  ASSERT_EQ(plan.devices[1].needs.size(), 1u) << "load and compute wait for the same";
  EXPECT_FALSE(plan.devices[1].needs[0].own);
  const auto& wakes = plan.wakes.at(plan.devices[1].needs[0].semaphore.index());
  ASSERT_EQ(wakes.size(), 1u);
  EXPECT_EQ(wakes[0].value, 1);
  EXPECT_EQ(wakes[0].device, DeviceId(1));
}

TEST(Units, TilesRememberWhatTheyTakeFromEarlierOnes) {
  ProgramWriter writer(kOne);
  writer.tile(0, {.weights = 640, .input = 64, .cycles = 10, .output = 64});
  writer.tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  writer.tile(0, {.weights = 640, .input = 0, .cycles = 10, .output = 64});
  writer.op().tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  const auto plan = shell::plan_job(writer.program(), {.loads = writer.loads(), .cached = {}});
  const auto& units = plan.devices[0].units;
  constexpr std::size_t kFirst = 0, kOthers = 1;
  EXPECT_FALSE(units[0].kept[kFirst] || units[0].kept[kOthers]);
  EXPECT_EQ(units[1].kept[kOthers], 0u);
  EXPECT_FALSE(units[1].kept[kFirst]);
  EXPECT_EQ(units[2].kept[kFirst], 1u);
  EXPECT_FALSE(units[3].kept[kFirst] || units[3].kept[kOthers]) << "another operator keeps nothing of this one";
}

TEST(Units, NoJobComesBetweenTilesThatAddUpPartialSums) {
  ProgramWriter writer(kOne);
  writer.tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 0});
  writer.tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  writer.tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  writer.op().tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  const auto boundaries = [&](bool cached) {
    std::vector<Boundary> out;
    const auto plan = shell::plan_job(writer.program(), {.loads = {}, .cached = {cached}});
    for (const auto& unit : plan.devices[0].units) out.push_back(unit.after);
    return out;
  };
  EXPECT_EQ(boundaries(false), (std::vector<Boundary>{Boundary::none, Boundary::tile, Boundary::op, Boundary::job}));
  EXPECT_EQ(boundaries(true).front(), Boundary::tile) << "a cache keeps them";
}

TEST(Units, NoJobComesBetweenOperatorsThatAreInterleaved) {
  // Depth first: every tile computes two operators, the first of which leaves rows in the buffer for the next tile.
  ProgramWriter writer(kOne);
  writer.op().op();
  for (int i = 0; i < 3; ++i) writer.tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  writer.op().tile(0, {.weights = 0, .input = 64, .cycles = 10, .output = 64});
  Program program = writer.program();
  auto& queue = program.devices[0].queue(EngineKind::compute);
  for (std::size_t i = 0; i < queue.size(); ++i) {
    if (queue[i].kind != CommandKind::compute || queue[i].op != OpId(1)) continue;
    Command before = queue[i];
    before.op = OpId(0);
    queue.insert(queue.begin() + static_cast<std::ptrdiff_t>(i++), before);
  }
  const auto plan = shell::plan_job(program);
  std::vector<Boundary> out;
  for (const auto& unit : plan.devices[0].units) out.push_back(unit.after);
  EXPECT_EQ(out, (std::vector<Boundary>{Boundary::none, Boundary::none, Boundary::op, Boundary::job}));
}

}  // namespace
}  // namespace chipcast
