// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/caches.h"

#include <filesystem>
#include <fstream>

#include "crosscheck/host/machine.h"
#include "sim/base/check.h"

namespace chipcast::crosscheck {
namespace {

namespace fs = std::filesystem;

class SysfsTest : public testing::Test {
 protected:
  SysfsTest() : folder_(fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~SysfsTest() override { fs::remove_all(folder_); }

  void index(int number, const std::map<std::string, std::string>& files) {
    const fs::path folder = folder_ / ("index" + std::to_string(number));
    fs::create_directories(folder);
    for (const auto& [name, text] : files) std::ofstream(folder / name) << text << "\n";
  }

  fs::path folder_;
};

TEST_F(SysfsTest, DataCachesAreReadFromTheCoreOutwards) {
  index(0,
        {{"type", "Data"}, {"level", "1"}, {"size", "48K"}, {"ways_of_associativity", "12"}, {"shared_cpu_list", "0"}});
  index(1, {{"type", "Instruction"}, {"level", "1"}, {"size", "32K"}});
  index(2, {{"type", "Unified"},
            {"level", "2"},
            {"size", "1024K"},
            {"ways_of_associativity", "16"},
            {"shared_cpu_list", "0"}});
  index(3, {{"type", "Unified"},
            {"level", "3"},
            {"size", "32M"},
            {"ways_of_associativity", "0"},
            {"shared_cpu_list", "0-3,8"}});
  const auto caches = read_caches(folder_);
  ASSERT_EQ(caches.size(), 3U);
  EXPECT_EQ(caches[0].name, "L1D");
  EXPECT_EQ(caches[0].size, Bytes(48 * 1024));
  EXPECT_EQ(caches[0].ways, 12);
  EXPECT_EQ(caches[1].name, "L2");
  EXPECT_EQ(caches[2].size, Bytes(32 << 20));
  EXPECT_EQ(caches[2].sharers, 5);
}

TEST_F(SysfsTest, WhatCannotBeReadIsLeftOut) {
  EXPECT_TRUE(read_caches(folder_).empty());
  index(0, {{"type", "Data"}, {"level", "1"}, {"size", "much"}});
  EXPECT_TRUE(read_caches(folder_).empty());
}

TEST(Processors, AreCountedFromALinuxList) {
  EXPECT_EQ(processors_in("0", "list"), 1);
  EXPECT_EQ(processors_in("0-3,8", "list"), 5);
  for (const char* bad : {"", "a", "3-1", "0,,1", "-1"}) EXPECT_THROW(processors_in(bad, "list"), InputError) << bad;
}

/// 1 ns up to 32 KiB, 4 ns up to 1 MiB, 15 ns up to 16 MiB, 100 ns beyond, with steps in between.
std::vector<LatencyPoint> curve() {
  std::vector<LatencyPoint> points;
  for (const Bytes block : block_sizes(Bytes(4096), Bytes(128 << 20), 2)) {
    const double kib = static_cast<double>(block.count()) / 1024.0;
    const double ns = kib <= 32 ? 1.0 : kib <= 1024 ? 4.0 : kib <= 16 * 1024 ? 15.0 : kib <= 24 * 1024 ? 60.0 : 100.0;
    points.push_back({.block = block, .latency = Seconds(ns * 1e-9), .anywhere = Seconds(ns * 2e-9)});
  }
  return points;
}

TEST(Caches, AreFoundInALatencyCurve) {
  const auto caches = caches_from(curve());
  ASSERT_EQ(caches.size(), 3U);
  EXPECT_EQ(caches[0].size, Bytes(32 * 1024));
  EXPECT_EQ(caches[1].size, Bytes(1 << 20));
  EXPECT_EQ(caches[2].size, Bytes(16 << 20));
}

TEST(Caches, SingleSlowPointsAreNoLevels) {
  auto points = curve();
  points[2].latency = Seconds(50e-9);
  points[10].latency = Seconds(200e-9);
  const auto caches = caches_from(points);
  ASSERT_EQ(caches.size(), 3U);
  EXPECT_EQ(caches[0].size, Bytes(32 * 1024));
}

TEST(Levels, TakeTheirFiguresFromTheMiddleOfThePlateau) {
  std::vector<StreamPoint> streams;
  for (const LatencyPoint& point : curve()) {
    const double rate = 100e-9 / point.latency.count() * 1e9;
    streams.push_back({point.block, BytesPerSecond(rate), BytesPerSecond(rate), BytesPerSecond(rate / 2), 0.0});
  }
  const auto levels = levels_of(caches_from(curve()), curve(), streams);
  ASSERT_EQ(levels.size(), 4U);
  EXPECT_DOUBLE_EQ(levels[0].latency.count(), 1e-9);
  EXPECT_DOUBLE_EQ(levels[1].latency.count(), 4e-9);
  EXPECT_DOUBLE_EQ(levels[2].latency.count(), 15e-9);
  EXPECT_EQ(levels[3].name, "memory");
  EXPECT_DOUBLE_EQ(levels[3].latency.count(), 100e-9);
  EXPECT_DOUBLE_EQ(levels[3].lines, 1e9 * 100e-9 / 64.0);
}

}  // namespace
}  // namespace chipcast::crosscheck
