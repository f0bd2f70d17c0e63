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

OpDescription lstm(std::int64_t steps, std::int64_t inputs, std::int64_t hidden, std::int64_t batch = 1) {
  GraphBuilder b("lstm");
  const DType dtype = DType::int8;
  const TensorId x = b.input("x", {{steps, batch, inputs}, dtype});
  const TensorId w = b.parameter("w", {{1, 4 * hidden, inputs}, dtype});
  const TensorId r = b.parameter("r", {{1, 4 * hidden, hidden}, dtype});
  Recurrent cell;
  cell.hidden = hidden;
  b.output(b.add("cell", cell, {x, w, r}).front());
  return describe_ops(std::move(b).build()).front();
}

Cycles cycles_of(const Schedule& schedule) {
  Cycles sum;
  for (const auto& step : schedule.steps) sum += step.work.cycles * step.count;
  return sum;
}

// A step waits for the state of the one before it: every step fills its loops again and joins the threads.
TEST(DspRecurrent, StepsFollowEachOther) {
  Config config;
  const auto device = make_device(config, "dsp", {});
  const auto short_one = lstm(10, 16, 16), long_one = lstm(1000, 16, 16);
  const auto few = device->schedule(short_one, {}), many = device->schedule(long_one, {});
  ASSERT_TRUE(few && many);
  const double each = static_cast<double>(cycles_of(*many).count()) / 1000;
  EXPECT_NEAR(static_cast<double>(cycles_of(*few).count()) / 10, each, 1.0);
  // 16 + 16 inputs of 64 gates: two vectors of 32 results on two contexts, 8 steps of the reduction each with a load of
  // weights, a fill, and the element loop with its own.
  EXPECT_GT(each, 8 + 2.0 * config.loop_fill + static_cast<double>(config.tile_overhead.count()));
}

TEST(DspRecurrent, WorkAndBytesAddUp) {
  const auto device = make_device({}, "dsp", {});
  for (const std::int64_t steps : {1, 2, 3, 1000, 5003}) {
    const auto op = lstm(steps, 33, 47, 2);
    const auto schedule = device->schedule(op, {});
    Ops macs;
    Bytes input, weights, output;
    for (const auto& step : schedule->steps) {
      macs += step.work.macs * step.count;
      input += step.input * step.count;
      weights += step.weights * step.count;
      output += step.output * step.count;
    }
    EXPECT_EQ(macs, op.macs);
    EXPECT_EQ(input, op.inputs.front().bytes);
    EXPECT_EQ(weights, op.weight_bytes);  // stay in the TCM
    EXPECT_EQ(output, op.output_bytes);
  }
}

TEST(DspRecurrent, WeightsThatDoNotStayComeForEveryStep) {
  Config config;
  config.tcm = Bytes(64 * 1024);
  const auto op = lstm(100, 256, 256);  // 512 KiB of weights
  const auto schedule = make_device(config, "dsp", {})->schedule(op, {});
  Bytes weights;
  for (const auto& step : schedule->steps) weights += step.weights * step.count;
  EXPECT_GT(weights, op.weight_bytes * 90);
  EXPECT_LE(weights, op.weight_bytes * 100);
}

TEST(DspRecurrent, PiecesAddUpToTheWhole) {
  const auto device = make_device({}, "dsp", {});
  const auto op = lstm(64, 128, 128);
  const auto whole_cost = device->cost(op, {}).cycles.count(), half = device->cost(op, {.pieces = 2}).cycles.count();
  EXPECT_NEAR(static_cast<double>(2 * half), static_cast<double>(whole_cost), 202.0);  // one more tile_overhead
}

// Four bits are a format of storage: operands are spread over int8 lanes first, so that nothing gets faster.
TEST(DspFormats, FewerBitsDoNotMultiplyFaster) {
  const auto device = make_device({}, "dsp", {});
  const auto eight = two_convolutions(DType::int8).front(), four = two_convolutions(DType::int4).front();
  EXPECT_GT(device->cost(four, whole(four)).cycles, device->cost(eight, whole(eight)).cycles);
  Config config;
  config.matrix.emplace();
  const auto matrix = make_device(config, "dsp", {});
  EXPECT_GT(matrix->cost(four, whole(four)).cycles, matrix->cost(eight, whole(eight)).cycles);
  config.unpack_alu = 20;
  EXPECT_GT(make_device(config, "dsp", {})->cost(four, whole(four)).cycles, matrix->cost(four, whole(four)).cycles);
  config.rates.push_back({DType::int4, 32, 8, 1, 4});  // an instruction of its own: nothing to unpack
  config.matrix.reset();
  EXPECT_LT(make_device(config, "dsp", {})->cost(four, whole(four)).cycles, device->cost(eight, whole(eight)).cycles);
}

TEST(DspFormats, SingleBitsAreRefused) {
  EXPECT_THAT(make_device({}, "dsp", {})->refuses(two_convolutions(DType::binary).front()), HasSubstr("binary"));
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
