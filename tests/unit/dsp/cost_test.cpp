// SPDX-License-Identifier: Apache-2.0
// A DSP as the mapper sees it.
#include "accelerators/dsp/cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/reader.h"
#include "workloads/builder.h"

namespace chipcast::dsp {
namespace {

using testing::HasSubstr;

std::vector<OpDescription> two_convolutions(DType dtype, std::int64_t channels = 64) {
  GraphBuilder b("two");
  const TensorId x = b.input("x", {{1, channels, 8, 8}, dtype});
  const TensorId v = b.parameter("v", {{channels, channels, 1, 1}, dtype});
  const TensorId w = b.parameter("w", {{channels, channels, 1, 1}, dtype});
  b.output(b.add("second", Conv{}, {b.add("first", Conv{}, {x, v}).front(), w}).front());
  return describe_ops(std::move(b).build());
}

OpTile whole(const OpDescription& op) {
  const LoopNest& nest = op.nests.front();
  return {.groups = nest.groups,
          .out_channels = nest.out_channels,
          .in_channels = nest.in_channels,
          .out_height = nest.out_height,
          .out_width = nest.out_width};
}

TEST(DspCost, TheHostsCallIsNoPartOfALaunch) {
  Config config;
  config.clock = Hertz(1e9);
  config.call = Seconds(100e-6);
  config.operator_overhead = Seconds(5e-6);
  const auto device = make_device(config, "dsp", {});
  const auto ops = two_convolutions(DType::int8);
  EXPECT_EQ(device->call().cycles, Cycles(100000));
  EXPECT_EQ(device->launch(ops[0]).cycles, Cycles(5000));
  EXPECT_EQ(device->launch(ops[1]).cycles, Cycles(5000));
}

TEST(DspCost, TilesShareWhatActivationsLeave) {
  Config config;
  config.tcm = Bytes(1200 * 1024);
  const auto ops = two_convolutions(DType::int8);
  const auto device = make_device(config, "dsp", {});
  EXPECT_EQ(device->resident_limit(), Bytes(600 * 1024));
  TilingSpace space = device->tilings(ops[0]);
  EXPECT_EQ(space.shared_capacity, Bytes(200 * 1024));  // twice, and twice 100 KiB of results: 600 KiB
  EXPECT_EQ(space.output_capacity, Bytes(100 * 1024));
  EXPECT_EQ(space.channel_step, 32);
  config.keeps_activations = false;
  EXPECT_EQ(make_device(config, "dsp", {})->tilings(ops[0]).shared_capacity, Bytes(400 * 1024));
}

TEST(DspCost, TheFasterOfContextsAndMatrixUnitRunsATile) {
  Config config;
  config.tile_overhead = Cycles(0);
  const auto ops = two_convolutions(DType::int8);
  const Cycles vector = make_device(config, "dsp", {})->cost(ops[0], whole(ops[0])).cycles;
  config.matrix.emplace();
  const Cycles matrix = make_device(config, "dsp", {})->cost(ops[0], whole(ops[0])).cycles;
  EXPECT_EQ(matrix, Cycles(2 * 2 * 16));  // 64 x 64 channels, one patch
  EXPECT_GT(vector, matrix);
  config.matrix->rates.front().macs = OpsPerCycle(1);
  EXPECT_EQ(make_device(config, "dsp", {})->cost(ops[0], whole(ops[0])).cycles, vector);
}

TEST(DspCost, FormatsWithoutInstructionsAreRefusedByName) {
  const auto device = make_device({}, "dsp", {});
  EXPECT_EQ(device->refuses(two_convolutions(DType::int8).front()), "");
  EXPECT_EQ(device->refuses(two_convolutions(DType::uint4).front()), "");
  EXPECT_THAT(device->refuses(two_convolutions(DType::fp32).front()), HasSubstr("fp32"));
  Config config;
  config.refused = {"conv"};
  EXPECT_THAT(make_device(config, "dsp", {})->refuses(two_convolutions(DType::int8).front()), HasSubstr("conv"));
}

TEST(DspCost, EnergyIsCountedByProductPacketAndByte) {
  Config config;
  config.packet_energy = JoulesPerCycle(10e-12);
  const auto device = make_device(config, "dsp", {});
  const auto ops = two_convolutions(DType::int8);
  const TileWork work = device->cost(ops[0], whole(ops[0]));
  EXPECT_EQ(work.macs, Ops(64 * 64 * 64));
  double packets = 0.0, products = 0.0;
  for (const auto& activity : work.activity) {
    const ActionSpec& action = device->actions().at(activity.action);
    if (action.action == "packet") packets += activity.count;
    if (action.action == "mac_int8") products += activity.count;
  }
  EXPECT_DOUBLE_EQ(products, 64 * 64 * 64);
  EXPECT_GE(packets, 64 * 64 * 64 / 256.0);  // 256 products a packet at most
}

TEST(DspCost, MistakesAreNamedWithTheirPlace) {
  const Json json{{"slots", Json::array({Json{{"issues", Json::array({"load", "alu"})}}})}};
  try {
    read_value<Config>(json, "devices.dsp");
    ADD_FAILURE() << "accepted";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("devices.dsp"));
    EXPECT_THAT(error.what(), HasSubstr("store"));
  }
}

}  // namespace
}  // namespace chipcast::dsp
