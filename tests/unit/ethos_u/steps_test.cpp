// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/steps.h"

#include <gtest/gtest.h>

#include "accelerators/ethos_u/streams.h"
#include "accelerators/shares.h"
#include "tests/unit/ethos_u/operations.h"

namespace chipcast::ethos_u {
namespace {

ScheduleStep sum_of(const std::vector<ScheduleStep>& steps, std::int64_t& count) {
  ScheduleStep sum;
  count = 0;
  for (const ScheduleStep& step : steps) {
    sum.input += step.input * step.count;
    sum.weights += step.weights * step.count;
    sum.output += step.output * step.count;
    sum.work.cycles += step.work.cycles * step.count;
    sum.work.macs += step.work.macs * step.count;
    sum.work.sram.ifmap_reads += step.work.sram.ifmap_reads * step.count;
    count += step.count;
  }
  return sum;
}

TEST(EthosUSteps, SharesAddUpExactly) {
  ScheduleStep whole{.input = Bytes(1001), .weights = Bytes(7), .output = Bytes(64), .work = {}};
  whole.work.cycles = Cycles(123456789);
  whole.work.macs = Ops(300774272);
  whole.work.sram.ifmap_reads = 99;
  for (const std::int64_t steps_wanted : {1, 2, 7, 64}) {
    std::int64_t count = 0;
    const auto steps = equal_steps(whole, steps_wanted);
    const ScheduleStep sum = sum_of(steps, count);
    EXPECT_EQ(count, steps_wanted);
    EXPECT_LE(steps.size(), 7U);
    EXPECT_EQ(sum.input, whole.input);
    EXPECT_EQ(sum.weights, whole.weights);
    EXPECT_EQ(sum.output, whole.output);
    EXPECT_EQ(sum.work.cycles, whole.work.cycles);
    EXPECT_EQ(sum.work.macs, whole.work.macs);
    EXPECT_EQ(sum.work.sram, whole.work.sram);
  }
}

TEST(EthosUStreams, HaloAndDepthBlocksAreFetchedAgain) {
  const Config config;
  const Operation op = test::pointwise(112, 16, 96);
  const BlockConfig block{.ofm = {3, 14, 48}, .ifm = {3, 14, 16}};
  const Streams streams = streams_of(config, op, block);
  EXPECT_EQ(streams.features, Bytes(112 * 112 * 16 * 2));  // two blocks of 48 channels need all inputs
  EXPECT_EQ(streams.results, Bytes(112 * 112 * 96));
  EXPECT_EQ(streams.weights, Bytes(16 * 96 + 96 * 10));
  EXPECT_EQ(streams.weight_reads, 38 * 8);  // ceil(112 / 3) x 112 / 14 blocks of the plane
  const Streams halo = streams_of(config, test::depthwise({112, 112, 32}, 1), {.ofm = {7, 14, 16}, .ifm = {9, 16, 16}});
  EXPECT_EQ(halo.features, Bytes(16 * 8 * 9 * 16 * 32));
}

TEST(EthosUStreams, ChannelsStandInBricksOf16) {
  const Config config;
  const Operation op = test::pointwise(8, 24, 40);
  const Streams streams = streams_of(config, op, {.ofm = {8, 8, 40}, .ifm = {8, 8, 24}});
  EXPECT_EQ(streams.features, Bytes(8 * 8 * 32));
  EXPECT_EQ(streams.results, Bytes(8 * 8 * 48));
}

TEST(EthosUStreams, FullyConnectedLayersTakeWeightsStraightFromTheSecondPort) {
  const Config config;
  Operation op = test::conv({1, 1, 1280}, {1, 1, 1000}, 1, 1);
  op.unit = Unit::vector_product;
  const Job job = job_of(config, op);
  EXPECT_FALSE(job.streams.staged());
  EXPECT_EQ(job.streams.weights, Bytes(1280 * 1000 + 1000 * 10));
  // A byte a cycle: 0.5 GB/s at 500 MHz.
  EXPECT_EQ(cycles_of(config, job, job.streams.weights, Bytes(0)), Cycles(1290000));
  EXPECT_LT(job.pipeline_cycles, 200000.0);
}

}  // namespace
}  // namespace chipcast::ethos_u
