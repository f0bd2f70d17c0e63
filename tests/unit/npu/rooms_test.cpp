// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/rooms.h"

#include <gtest/gtest.h>

#include "accelerators/npu/cost.h"
#include "accelerators/npu/traffic.h"
#include "accelerators/tile_geometry.h"
#include "tests/unit/npu/operators.h"

namespace chipcast::npu {
namespace {

Config cell(int input_lanes, int output_lanes, Bytes buffer, int banks) {
  Config config;
  config.input_lanes = input_lanes;
  config.output_lanes = output_lanes;
  config.rates = {{DType::int8, OpsPerCycle(std::int64_t{input_lanes} * output_lanes)}};
  config.buffer = buffer;
  config.buffer_banks = banks;
  return config;
}

std::int64_t banks(Bytes bytes, Bytes bank) { return ceil_div(bytes.count(), bank.count()); }

TEST(Rooms, OfFourBanksEachOperandHasOneInEachHalf) {
  const Room room = room_of(cell(32, 16, Bytes(128 * 1024), 4), conv_op({}));
  EXPECT_EQ(room.input, Bytes(32 * 1024));
  EXPECT_EQ(room.weights, Bytes(32 * 1024));
  EXPECT_EQ(room.shared, Bytes(64 * 1024));
}

TEST(Rooms, WithoutBanksOperandsShareTheHalf) {
  for (const int count : {1, 2}) {
    const Room room = room_of(cell(32, 32, Bytes(384 * 1024), count), conv_op({}));
    EXPECT_EQ(room.shared, Bytes(192 * 1024));
    EXPECT_EQ(room.input, room.shared);
  }
}

TEST(Rooms, WholeBanksOfBothFitTheHalf) {
  for (const int count : {4, 5, 6, 8, 12, 16, 32}) {
    for (const std::int64_t channels : {3, 64, 512, 2048}) {
      const Config config = cell(32, 32, Bytes(384 * 1024), count);
      const Bytes bank(config.buffer.count() / count), third(bank.count() / 3);
      const OpDescription op = conv_op({.channels = channels, .extent = 14, .kernels = 512});
      const Room room = room_of(config, op);
      for (Bytes input(1); input <= room.input; input += third) {
        for (Bytes weights(1); weights <= room.weights; weights += third) {
          if (!room.holds(input, weights)) continue;
          ASSERT_LE(banks(input, bank) + banks(weights, bank), count / 2) << input.count() << " " << weights.count();
        }
      }
    }
  }
}

TEST(Rooms, AHalfIsSplitWhereThatSavesTraffic) {
  // 96 KiB of features: two banks of weights beside four of features take them in one go.
  const Config config = cell(32, 32, Bytes(384 * 1024), 12);
  const OpDescription op = conv_op({.channels = 512, .extent = 14, .kernels = 64, .kernel = 1, .pad = 0});
  const Room room = room_of(config, op);
  EXPECT_GE(room.input, tile_input(config, op, whole_tile(tiling_nest(op))));
}

TEST(Rooms, TilesAreCutAtStoredChannelsOrFiner) {
  const OpDescription op = conv_op({.channels = 256, .extent = 14, .kernels = 256});
  EXPECT_EQ(make_device(cell(64, 64, Bytes(128 * 1024), 4), "npu", {})->tilings(op).channel_step, 16);
  // 16 x 16 of 11x11 kernels are 30 KiB: more than a bank of 16.
  const OpDescription large = conv_op({.channels = 256, .extent = 14, .kernels = 256, .kernel = 11, .pad = 5});
  const TilingSpace space = make_device(cell(64, 64, Bytes(64 * 1024), 4), "npu", {})->tilings(large);
  EXPECT_EQ(space.channel_step, 1);
  EXPECT_EQ(space.in_channel_step, 1);
}

TEST(SramAccesses, AreThoseThatEnergyIsChargedFor) {
  const auto device = make_device(cell(32, 32, Bytes(384 * 1024), 12), "npu", {});
  const OpDescription op = conv_op({.channels = 64});
  const TileWork work = device->cost(op, whole_tile(tiling_nest(op)));
  EXPECT_EQ(work.sram.ifmap_reads, 2 * 256 * 9 * 32);
  EXPECT_EQ(work.sram.filter_reads, 2 * 256 * 9 * 1024 / 16);
  EXPECT_EQ(work.sram.ofmap_writes, 32 * 256);
  double read = 0.0;
  for (const auto& activity : work.activity) {
    if (device->actions().at(activity.action).action == "read_byte") read += activity.count;
  }
  EXPECT_DOUBLE_EQ(read, static_cast<double>(work.sram.ifmap_reads + work.sram.filter_reads));
}

TEST(Resident, WhatItHoldsIsCharged) {
  Config config = cell(32, 32, Bytes(384 * 1024), 12);
  config.resident = Bytes(32 * 1024);
  const auto device = make_device(config, "npu", {});
  const auto charged = [&](const OpDescription& op) {
    double bytes = 0.0;
    for (const auto& activity : device->cost(op, whole_tile(tiling_nest(op))).activity) {
      if (device->actions().at(activity.action).component == "npu.resident") bytes += activity.count;
    }
    return bytes;
  };
  EXPECT_DOUBLE_EQ(charged(conv_op({})), 2 * 32 * 256);             // both tensors
  EXPECT_DOUBLE_EQ(charged(conv_op({.channels = 256})), 32 * 256);  // inputs are too large
}

}  // namespace
}  // namespace chipcast::npu
