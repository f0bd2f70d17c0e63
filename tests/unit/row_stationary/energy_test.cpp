// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "accelerators/row_stationary/cost.h"
#include "models/technology/cost.h"
#include "sim/base/check.h"

namespace chipcast::row_stationary {
namespace {

Joules each(const Config& config, const technology::Config& technology, const std::string& component,
            const std::string& action) {
  const auto device = make_device(config, "npu", technology);
  for (const auto& spec : device->actions()) {
    if (spec.component == "npu." + component && spec.action == action) return spec.each;
  }
  ADD_FAILURE() << "no " << component << " " << action;
  return Joules(0.0);
}

/// Round numbers at 1 V.
technology::Config table() {
  technology::Config technology;
  technology.nominal_volts = 1.0;
  technology.mac_int16 = JoulesPerOp(1e-12);
  technology.sram_base = JoulesPerByte(0.1e-12);
  technology.sram_per_sqrt_kib = JoulesPerByte(0.2e-12);
  technology.sram_narrow = 4.0;
  technology.register_byte = JoulesPerByte(0.05e-12);
  return technology;
}

TEST(RowStationaryEnergy, FollowsFromTheTechnologyBySize) {
  Config config;
  config.spads = {.filter = 512, .ifmap = 12, .psum = 24};
  EXPECT_DOUBLE_EQ(each(config, table(), "array", "mac").count(), 1e-12);
  EXPECT_DOUBLE_EQ(each(config, table(), "spads", "filter_word").count(), 2 * 4 * 0.3e-12);  // 1 KiB, narrow
  EXPECT_DOUBLE_EQ(each(config, table(), "spads", "register_word").count(), 0.1e-12);
  EXPECT_DOUBLE_EQ(each(config, table(), "buffer", "word").count(), 2 * 4 * 0.5e-12);  // 4 KiB, narrow
  EXPECT_DOUBLE_EQ(each(config, table(), "noc", "word").count(), 2e-12);
  // 168 elements with 36 words of 2 bytes.
  EXPECT_DOUBLE_EQ(each(config, table(), "clock", "cycle").count(), 168 * 72 * 0.05e-12);
}

TEST(RowStationaryEnergy, GoesWithTheSquareOfTheSupply) {
  Config slow, fast;
  slow.volts = 0.8;
  fast.volts = 1.2;
  for (const auto& [component, action] : {std::pair{"array", "mac"},
                                          {"spads", "filter_word"},
                                          {"spads", "register_word"},
                                          {"buffer", "word"},
                                          {"noc", "word"},
                                          {"clock", "cycle"},
                                          {"post", "element"}}) {
    EXPECT_NEAR(each(fast, table(), component, action) / each(slow, table(), component, action), 2.25, 1e-12) << action;
  }
}

TEST(RowStationaryEnergy, WhatIsStatedCounts) {
  Config config;
  config.energy = {.mac = JoulesPerOp(3e-12), .filter_spad = 1.0, .registers = 0.1, .buffer = 6.0, .noc = 2.0};
  config.clock_power = Watts(0.1);
  EXPECT_DOUBLE_EQ(each(config, table(), "array", "mac").count(), 3e-12);
  EXPECT_DOUBLE_EQ(each(config, table(), "spads", "filter_word").count(), 3e-12);
  EXPECT_DOUBLE_EQ(each(config, table(), "spads", "register_word").count(), 0.3e-12);
  EXPECT_DOUBLE_EQ(each(config, table(), "buffer", "word").count(), 18e-12);
  EXPECT_DOUBLE_EQ(each(config, table(), "clock", "cycle").count(), 0.1 / 200e6);
}

}  // namespace
}  // namespace chipcast::row_stationary
