// SPDX-License-Identifier: Apache-2.0
// Which kernel computes an operator, what it costs and what it moves.
#include "accelerators/cpu/vector_kernels.h"

#include <gtest/gtest.h>

#include <numeric>

#include "accelerators/cpu/cost.h"
#include "workloads/builder.h"

namespace chipcast::cpu {
namespace {

Config cluster() {
  Config config;
  config.cores = 1;
  config.core.rates = {{DType::fp32, OpsPerCycle(4)},
                       {DType::fp16, OpsPerCycle(8)},
                       {DType::int8, OpsPerCycle(8)},
                       {DType::int16, OpsPerCycle(4)}};
  config.core.outstanding_misses = config.core.outstanding_writes = 4096;  // widths are the only limits
  config.caches = {{.name = "L1D", .size = Bytes(32 * 1024)}, {.name = "L2", .size = Bytes(1 << 20), .shared = true}};
  config.profile.vectors.emplace();
  config.profile.vectors->winograd = {{.tile = 6, .max_channels = 128}, {.tile = 4}};
  return config;
}

OpDescription conv(std::int64_t in, std::int64_t out, std::int64_t extent, std::int64_t kernel, std::int64_t groups = 1,
                   DType dtype = DType::fp32, std::int64_t stride = 1) {
  GraphBuilder b("one");
  Conv attributes;
  attributes.groups = groups;
  attributes.strides = {stride, stride};
  attributes.pads = std::vector<std::int64_t>(4, kernel / 2);
  const TensorId x = b.input("x", {{1, in, extent, extent}, dtype});
  const TensorId w = b.parameter("w", {{out, in / groups, kernel, kernel}, dtype});
  b.output(b.add("op", attributes, {x, w}).front());
  return describe_ops(std::move(b).build()).front();
}

OpTile whole(const OpDescription& op) {
  const LoopNest& nest = op.nests.front();
  return {.groups = nest.groups,
          .out_channels = nest.out_channels,
          .in_channels = nest.in_channels,
          .out_height = nest.out_height,
          .out_width = nest.out_width};
}

VectorRun run(const Config& config, const OpDescription& op) {
  return vector_run(config, *config.profile.vectors, cache_rates(config), op, whole(op));
}

TEST(VectorKernels, WindowsOfThreeByThreeAreTransformed) {
  const VectorRun few = run(cluster(), conv(64, 64, 54, 3));
  EXPECT_EQ(few.text, "Winograd 6x6");
  EXPECT_DOUBLE_EQ(few.weights, 64.0 / 9.0);
  const VectorRun many = run(cluster(), conv(256, 256, 28, 3));
  EXPECT_EQ(many.text, "Winograd 4x4");
  EXPECT_DOUBLE_EQ(many.weights, 4.0);
  EXPECT_EQ(run(cluster(), conv(64, 64, 56, 3, 1, DType::fp32, 2)).text, "product of columns");
  EXPECT_EQ(run(cluster(), conv(64, 64, 56, 1)).text, "product");
  EXPECT_EQ(run(cluster(), conv(64, 64, 56, 3, 64)).text, "depthwise");
}

TEST(VectorKernels, WinogradSavesLessThanItsMultiplications) {
  Config direct = cluster();
  direct.profile.vectors->winograd.clear();
  const OpDescription op = conv(128, 128, 54, 3);
  const double gain = run(direct, op).cycles / run(cluster(), op).cycles;
  EXPECT_GT(gain, 1.5);
  EXPECT_LT(gain, 9.0 * 36.0 / 64.0);
}

TEST(VectorKernels, LibrariesThatDoNotCompareTakeWinogradWhereverItServes) {
  Config config = cluster();
  const OpDescription small = conv(256, 16, 6, 3);  // one tile and a half along each axis, for few channels
  config.profile.vectors->winograd = {{.tile = 4}};
  config.profile.vectors->transform = 60.0;
  EXPECT_EQ(run(config, small).text, "product of columns");
  config.profile.vectors->winograd_choice = WinogradChoice::first;
  EXPECT_EQ(run(config, small).text, "Winograd 4x4");
}

TEST(VectorKernels, FewestMultiplicationsDependOnTheSizeOfTheImage) {
  Config config = cluster();
  config.profile.vectors->winograd = {{.tile = 6}, {.tile = 4}};
  config.profile.vectors->winograd_choice = WinogradChoice::fewest;
  const auto at = [&](std::int64_t extent) { return run(config, conv(64, 64, extent, 3)).text; };
  EXPECT_EQ(at(8), "Winograd 4x4");   // 4 x 36 of 4 x 64
  EXPECT_EQ(at(12), "Winograd 6x6");  // 9 x 36, 4 x 64
  EXPECT_EQ(at(14), "Winograd 4x4");  // 16 x 36 = 9 x 64: the later one
  EXPECT_EQ(at(18), "Winograd 6x6");  // 25 x 36, 9 x 64
  EXPECT_EQ(at(20), "Winograd 4x4");  // 25 x 36, 16 x 64
  EXPECT_EQ(at(56), "Winograd 6x6");
}

TEST(VectorKernels, WinogradServesTheChannelsThatALibraryHasKernelsFor) {
  const WinogradKernel wide{.tile = 4, .min_channels = 256, .input_multiple = 8, .output_multiple = 4};
  EXPECT_TRUE(wide.serves(256, 260));
  EXPECT_FALSE(wide.serves(256, 258)) << "outputs";
  EXPECT_FALSE(wide.serves(260, 256)) << "inputs";
  EXPECT_FALSE(wide.serves(128, 256)) << "too few";
  const WinogradKernel odd{.tile = 4, .input_multiple = 8, .no_output_multiple = 4};
  EXPECT_TRUE(odd.serves(512, 126));
  EXPECT_FALSE(odd.serves(512, 128));
  const WinogradKernel either{.tile = 6, .max_channels = 128, .min_widest = 16};
  EXPECT_TRUE(either.serves(3, 16));
  EXPECT_FALSE(either.serves(8, 8));
  EXPECT_FALSE(either.serves(16, 129));
}

TEST(VectorKernels, IntegersAreTransformedAsWiderOnes) {
  const VectorRun got = run(cluster(), conv(256, 256, 28, 3, 1, DType::int8));
  EXPECT_EQ(got.text, "Winograd 4x4");
  EXPECT_DOUBLE_EQ(got.weights, 4.0 * 2.0);
  Config dot = cluster();  // four times as many products of bytes: not worth while
  dot.core.rates[2].macs = OpsPerCycle(32);
  EXPECT_EQ(run(dot, conv(256, 256, 28, 3, 1, DType::int8)).text, "product of columns");
}

TEST(VectorKernels, WhatTheCachesCannotHoldIsSpilled) {
  // 100 tiles of 64 matrices, 64 channels in and out, 4 B.
  EXPECT_DOUBLE_EQ(run(cluster(), conv(64, 64, 60, 3)).spilled, 2.0 * 100 * 64 * 64 * 4);
  Config large = cluster();
  large.caches[1].size = Bytes(8 << 20);
  EXPECT_DOUBLE_EQ(run(large, conv(64, 64, 60, 3)).spilled, 0.0);
}

TEST(VectorKernels, ProfilesServeTheirFormats) {
  Config config = cluster();
  config.profiles = {Profile{.name = "half", .serves = {DType::fp16}},
                     Profile{.name = "byte", .serves = {DType::int8}}};
  EXPECT_EQ(config.profile_of(DType::fp16).name, "half");
  EXPECT_EQ(config.profile_of(DType::int8).name, "byte");
  EXPECT_EQ(config.profile_of(DType::fp32).name, "generic");
  EXPECT_NE(vector_kernels(config, conv(8, 8, 8, 1)), nullptr);
  EXPECT_EQ(vector_kernels(config, conv(8, 8, 8, 1, 1, DType::fp16)), nullptr);
  EXPECT_EQ(vector_kernels(config, conv(8, 8, 8, 1, 1, DType::int4)), nullptr) << "computed as int8";
}

TEST(VectorKernels, SchedulesLoadThenComputeThenStore) {
  const Config config = cluster();
  const OpDescription op = conv(64, 64, 54, 3);
  const auto schedule = vector_schedule(config, cache_rates(config), op, {});
  ASSERT_TRUE(schedule);
  Bytes input, weights, output;
  Ops macs;
  EXPECT_LE(schedule->steps.size(), 12U);
  EXPECT_GT(schedule->steps.back().output, Bytes(0)) << "nothing comes after the last results";
  for (const ScheduleStep& step : schedule->steps) {
    EXPECT_TRUE(step.work.cycles == Cycles(0) || step.input + step.weights + step.output == Bytes(0))
        << "a core does one or the other";
    input += step.input * step.count;
    weights += step.weights * step.count;
    output += step.output * step.count;
    macs += step.work.macs * step.count;
  }
  const auto spilled = static_cast<std::int64_t>(run(config, op).spilled);
  EXPECT_EQ(input, Bytes(64 * 54 * 54 * 4));
  EXPECT_EQ(weights, Bytes(64 * 64 * 64 * 4 + spilled));
  EXPECT_EQ(output, Bytes(64 * 54 * 54 * 4 + spilled));
  EXPECT_EQ(macs, op.macs);
}

TEST(VectorKernels, WeightsOfVectorsMayBeStoredNarrower) {
  GraphBuilder b("one");
  const TensorId x = b.input("x", {{1, 256}, DType::fp32});
  const TensorId w = b.parameter("w", {{1000, 256}, DType::fp32});
  Gemm attributes;
  attributes.transpose_b = true;
  b.output(b.add("op", attributes, {x, w}).front());
  const OpDescription op = describe_ops(std::move(b).build()).front();
  Config config = cluster();
  EXPECT_DOUBLE_EQ(run(config, op).weights, 1.0);
  config.profile.vectors->stored_vectors = DType::fp16;
  EXPECT_DOUBLE_EQ(run(config, op).weights, 0.5);
}

TEST(VectorKernels, ChannelsWithoutAKernelAreSlow) {
  Config config = cluster();
  config.profile.vectors->packing = {{.channels = 8, .slowdown = 2.0}, {.channels = 4, .slowdown = 5.0}};
  const auto longer = [&](const OpDescription& op) { return run(config, op).cycles / run(cluster(), op).cycles; };
  EXPECT_DOUBLE_EQ(longer(conv(64, 64, 28, 1)), 1.0);
  EXPECT_DOUBLE_EQ(longer(conv(3, 64, 28, 1)), 1.0) << "images have a kernel";
  EXPECT_DOUBLE_EQ(longer(conv(120, 120, 28, 1, 2)), 1.0) << "sixty channels of a group are taken as they come";
  const double halves = longer(conv(64, 60, 28, 1)), scalars = longer(conv(62, 64, 28, 1));
  EXPECT_GT(halves, 1.5);
  EXPECT_LE(halves, 2.0);
  EXPECT_GT(scalars, 3.0);
  EXPECT_LE(scalars, 5.0);
  EXPECT_GT(longer(conv(42, 42, 28, 3, 42)), 2.0) << "depthwise";
}

TEST(VectorKernels, WinogradHasAnIssueOfItsOwn) {
  Config config = cluster();
  config.profile.vectors->winograd_issue = 0.4;
  const OpDescription three = conv(64, 64, 54, 3), one = conv(64, 64, 54, 1);
  EXPECT_GT(run(config, three).cycles, 1.2 * run(cluster(), three).cycles);
  EXPECT_DOUBLE_EQ(run(config, one).cycles, run(cluster(), one).cycles);
}

double scheduled_cycles(const Config& config, const OpDescription& op, const Traffic& traffic = {}) {
  const auto schedule = vector_schedule(config, cache_rates(config), op, traffic);
  double cycles = 0.0;
  for (const ScheduleStep& step : schedule.value().steps) cycles += static_cast<double>(step.work.cycles.count());
  return cycles;
}

TEST(VectorKernels, EveryPhaseIsAParallelRegion) {
  Config config = cluster();
  config.cores = 4;
  config.clock = Hertz(1e9);
  config.profile.fork_join = Seconds(0.0);
  const OpDescription padded = conv(64, 64, 54, 3), plain = conv(64, 64, 54, 1), depthwise = conv(64, 64, 54, 3, 64);
  Config forking = config;
  forking.profile.fork_join = Seconds(10e-6);  // 10 000 cycles; the first one is part of the launch
  EXPECT_NEAR(scheduled_cycles(forking, padded) - scheduled_cycles(config, padded), 3 * 10e3, 2.0) << "Winograd";
  EXPECT_NEAR(scheduled_cycles(forking, plain) - scheduled_cycles(config, plain), 1 * 10e3, 2.0);
  EXPECT_NEAR(scheduled_cycles(forking, depthwise) - scheduled_cycles(config, depthwise), 1 * 10e3, 2.0);
}

TEST(VectorKernels, EveryFurtherGroupIsCalled) {
  Config config = cluster();
  config.clock = Hertz(1e9);
  config.profile.operator_overhead = Seconds(20e-6);
  const OpDescription grouped = conv(96, 96, 28, 1, 3), depthwise = conv(64, 64, 28, 3, 64);
  config.cores = 4;
  config.profile.fork_join = Seconds(10e-6);
  Config calling = config;
  calling.profile.group_overhead = 0.5;
  EXPECT_NEAR(scheduled_cycles(calling, grouped) - scheduled_cycles(config, grouped), 2 * 0.5 * (20e3 + 2 * 10e3), 2.0)
      << "two phases, columns and product";
  EXPECT_DOUBLE_EQ(scheduled_cycles(calling, depthwise), scheduled_cycles(config, depthwise)) << "one kernel for all";
}

TEST(VectorKernels, HeadsOfAnAttentionAreOneCall) {
  GraphBuilder b("heads");
  const TensorId x = b.input("x", {{1, 12, 64, 32}, DType::fp32}), y = b.input("y", {{1, 12, 32, 64}, DType::fp32});
  b.output(b.add("op", Matmul{}, {x, y}).front());
  const OpDescription heads = describe_ops(std::move(b).build()).front();
  Config config = cluster(), calling = config;
  calling.profile.group_overhead = 0.5;
  EXPECT_DOUBLE_EQ(scheduled_cycles(calling, heads), scheduled_cycles(config, heads));
}

TEST(VectorKernels, CoresBeyondFourWaitSideBySide) {
  const OpDescription op = conv(64, 64, 28, 1);
  const auto waited = [&](int cores) {
    Config config = cluster(), stalling = config;
    config.cores = stalling.cores = cores;
    stalling.memory_stall = 0.25;
    return scheduled_cycles(stalling, op) - scheduled_cycles(config, op);
  };
  EXPECT_NEAR(waited(4), waited(1), 2.0);
  EXPECT_NEAR(waited(48), waited(4) / 12.0, 2.0);
}

TEST(VectorKernels, SerialOperatorsAreNoneOfTheirs) {
  Config config = cluster();
  config.profile.serial = {"concat"};
  EXPECT_NO_THROW(config.profile.validate());
  config.profile.serial = {"conv"};
  EXPECT_THROW(config.profile.validate(), InputError);
}

TEST(VectorKernels, CoresWaitForMemoryBytesOnly) {
  Config config = cluster();
  const OpDescription op = conv(64, 64, 28, 1);
  Config stalling = config;
  stalling.memory_stall = 0.25;
  const double bytes = 64 * 28 * 28 * 4 * 2 + 64 * 64 * 4;
  EXPECT_NEAR(scheduled_cycles(stalling, op) - scheduled_cycles(config, op), 0.25 * bytes, 2.0);
  const Traffic inside{.first_operand = false, .other_operands = false, .result = false};
  EXPECT_DOUBLE_EQ(scheduled_cycles(stalling, op, inside), scheduled_cycles(config, op, inside));
}

TEST(VectorKernels, SerialOperatorsRunOnOneCore) {
  GraphBuilder b("one");
  const TensorId x = b.input("x", {{1, 64, 56, 56}, DType::fp32}), y = b.input("y", {{1, 64, 56, 56}, DType::fp32});
  b.output(b.add("op", Concat{.axis = 1}, {x, y}).front());
  const OpDescription op = describe_ops(std::move(b).build()).front();
  Config all = cluster();
  all.cores = 4;
  Config one = all;
  one.profile.serial = {op.label};
  const auto device = [](const Config& config) { return make_device(config, "cpu", technology::Config{}); };
  const OpTile tile{.pieces = 1};
  EXPECT_NEAR(device(one)->cost(op, tile).cycles / device(all)->cost(op, tile).cycles, 4.0, 0.01);
  EXPECT_LT(device(one)->launch(op).cycles, device(all)->launch(op).cycles) << "nothing is forked";
  Profile wrong;
  wrong.serial = {"conct"};
  EXPECT_THROW(wrong.validate(), std::invalid_argument);
}

}  // namespace
}  // namespace chipcast::cpu
