// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/buffer_split.h"

#include <gtest/gtest.h>

#include <limits>

#include "accelerators/npu/traffic.h"
#include "tests/unit/npu/operators.h"

namespace chipcast::npu {
namespace {

/// NVDLA's rule on 16 banks of 32 KiB.
Config large() {
  Config config;
  config.input_lanes = 64;
  config.rates = {{DType::int8, OpsPerCycle(2048)}};
  config.packing = Packing::ideal;
  config.buffer = Bytes(512 * 1024);
  config.buffer_banks = 16;
  config.sequencing = Sequencing::buffer_split;
  return config;
}

struct Sums {
  Bytes input, weights, output;
  std::int64_t cycles = 0, macs = 0, steps = 0;
};
Sums sums(const Schedule& schedule) {
  Sums out;
  for (const auto& step : schedule.steps) {
    out.input += step.input * step.count;
    out.weights += step.weights * step.count;
    out.output += step.output * step.count;
    out.cycles += step.work.cycles.count() * step.count;
    out.macs += step.work.macs.count() * step.count;
    out.steps += step.count;
  }
  return out;
}

TEST(BufferSplit, WhatFitsIsFetchedOnce) {
  const auto split = buffer_split(large(), conv_op({.channels = 64, .extent = 56, .kernels = 64}));
  ASSERT_TRUE(split);
  EXPECT_TRUE(split->weights_stay);  // 36 KiB beside 196 KiB of features
  EXPECT_EQ(split->passes, 1);
  EXPECT_EQ(split->stay_banks, 2);
}

TEST(BufferSplit, FeaturesStayWhereWeightsAreMany) {
  // 1.2 MB of weights, 38 KiB of features.
  const auto split = buffer_split(large(), conv_op({.channels = 256, .extent = 12, .kernels = 512}));
  ASSERT_TRUE(split);
  EXPECT_FALSE(split->weights_stay);
  EXPECT_EQ(split->passes, 1);
}

TEST(BufferSplit, WhatDoesNotFitIsFetchedAgain) {
  // Features 3.1 MB, weights 1.1 MB: three passes of features over groups of weights, or seven of weights.
  const ConvShape shape{.channels = 256, .extent = 112, .kernels = 512};
  Config config = large();
  const auto split = buffer_split(config, conv_op(shape));
  ASSERT_TRUE(split);
  const Operands whole = whole_operands(config, conv_op(shape));
  const Schedule schedule = split_schedule(config, conv_op(shape), {}, *split,
                                           {.cycles = Cycles(1000003), .macs = Ops(777), .activity = {{0, 1.0}}});
  const Sums all = sums(schedule);
  EXPECT_EQ(all.cycles, 1000003);
  EXPECT_EQ(all.macs, 777);
  EXPECT_EQ(all.output, whole.output);
  EXPECT_EQ(all.steps, split->passes * (split->steps - 1 + split->stay_parts));
  EXPECT_LE(all.steps, 4096);
  const Bytes once = split->weights_stay ? whole.weights : whole.input;
  const Bytes again = split->weights_stay ? whole.input : whole.weights;
  EXPECT_GT(split->passes, 1);
  EXPECT_EQ(all.input + all.weights, once + again * split->passes);
  config.buffer = Bytes(16 * 1024 * 1024);
  EXPECT_EQ(buffer_split(config, conv_op(shape))->passes, 1);
}

/// First load, then computing or transfers (each waits for what is under way), last store; bytes per cycle on the port.
double time_of(const Schedule& schedule, double rate, double wait) {
  const auto load = [&](const ScheduleStep& s) {
    return static_cast<double>((s.input + s.weights).count()) / rate + wait;
  };
  const auto store = [&](const ScheduleStep& s) { return static_cast<double>(s.output.count()) / rate + wait; };
  double compute = 0.0, transfers = 0.0;
  for (const auto& step : schedule.steps) {
    const auto count = static_cast<double>(step.count);
    compute += static_cast<double>(step.work.cycles.count()) * count;
    transfers += (load(step) + store(step)) * count;
  }
  return std::max(compute + load(schedule.steps.front()) + store(schedule.steps.back()), transfers);
}

TEST(BufferSplit, ALargerBufferIsNeverSlower) {
  for (const ConvShape& shape : {ConvShape{.channels = 64, .extent = 56, .kernels = 256, .kernel = 1, .pad = 0},
                                 ConvShape{.channels = 128, .extent = 28, .kernels = 128},
                                 ConvShape{.channels = 512, .extent = 14, .kernels = 512},
                                 ConvShape{.channels = 256, .extent = 112, .kernels = 512},
                                 ConvShape{.channels = 2048, .extent = 7, .kernels = 512, .kernel = 1, .pad = 0}}) {
    const OpDescription op = conv_op(shape);
    const TileWork work{.cycles = Cycles(op.macs.count() / 2048), .macs = op.macs};
    double before = std::numeric_limits<double>::infinity();
    for (std::int64_t kib = 64; kib <= 8192; kib *= 2) {
      Config config = large();
      config.buffer = Bytes(kib * 1024);
      const auto split = buffer_split(config, op);
      if (!split) continue;
      const double now = time_of(split_schedule(config, op, {}, *split, work), 10.0, 100.0);
      EXPECT_LE(now, before * 1.001) << kib << " KiB, " << shape.channels << " channels";
      before = now;
    }
  }
}

TEST(BufferSplit, OperandsOnTheDeviceHaveNoBytes) {
  const OpDescription op = conv_op({});
  const auto split = buffer_split(large(), op);
  ASSERT_TRUE(split);
  const Traffic traffic{.first_operand = false, .other_operands = true, .result = false};
  const Sums all = sums(split_schedule(large(), op, traffic, *split, {.cycles = Cycles(10), .macs = Ops(10)}));
  EXPECT_EQ(all.input, Bytes(0));
  EXPECT_GT(all.weights, Bytes(0));
  EXPECT_EQ(all.output, Bytes(0));
}

TEST(BufferSplit, NoneWhereARowAndAKernelGroupDoNotFit) {
  Config config = large();
  config.buffer = Bytes(16 * 1024);
  EXPECT_FALSE(buffer_split(config, conv_op({.channels = 1024, .extent = 56, .kernels = 64})));
}

TEST(Operands, OfTheSheet) {
  // AlexNet conv1: phases of the stride become channels, 48 * 56 * 56.
  const OpDescription image =
      conv_op({.channels = 3, .extent = 224, .kernels = 96, .kernel = 11, .stride = 4, .pad = 0});
  EXPECT_EQ(whole_operands(large(), image).input, Bytes(48 * 56 * 56));
  EXPECT_EQ(whole_operands(large(), image).weights, Bytes(48 * 3 * 3 * 96));
}

}  // namespace
}  // namespace chipcast::npu
