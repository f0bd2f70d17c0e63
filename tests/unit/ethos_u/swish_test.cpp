// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/swish.h"

#include <gtest/gtest.h>

#include "accelerators/ethos_u/cost.h"
#include "workloads/builder.h"
#include "workloads/transforms.h"

namespace chipcast::ethos_u {
namespace {

/// A 3x3 of 32 channels with an activation behind it.
OpDescription activated(UnaryFunction function, std::int64_t edge) {
  GraphBuilder b("single");
  const auto x = b.input("x", {{1, 32, edge, edge}, DType::int8});
  const auto w = b.parameter("w", {{32, 32, 3, 3}, DType::int8});
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  Unary unary;
  unary.function = function;
  b.output(b.add_one("act", unary, {b.add_one("conv", conv, {x, w})}));
  return describe_ops(fuse_activations(std::move(b).build())).front();
}

OpDescription alone() {
  GraphBuilder b("single");
  Unary unary;
  unary.function = UnaryFunction::swish;
  b.output(b.add_one("act", unary, {b.input("x", {{1, 32, 16, 16}, DType::int8})}));
  return describe_ops(std::move(b).build()).front();
}

ScheduleStep sum_of(const Config& config, const OpDescription& op) {
  ScheduleStep sum;
  const auto schedule = make_device(config, "npu", {})->schedule(op, {});
  for (const ScheduleStep& step : schedule->steps) {
    sum.input += step.input * step.count;
    sum.output += step.output * step.count;
    sum.work.cycles += step.work.cycles * step.count;
  }
  return sum;
}

constexpr std::int64_t kTensor = 32 * 16 * 16;

TEST(EthosUSwish, IsASigmoidAndAProductBehindTheOperator) {
  const Config config;
  const OpDescription op = activated(UnaryFunction::swish, 16);
  const SwishPasses passes = swish_passes(config, op, operation_of(config, op));
  EXPECT_EQ(passes.count, 2);
  EXPECT_EQ(passes.reads, Bytes(3 * kTensor));
  EXPECT_EQ(passes.writes, Bytes(2 * kTensor));
  EXPECT_EQ(swish_passes(config, activated(UnaryFunction::relu, 16), operation_of(config, op)).count, 0);
}

TEST(EthosUSwish, AloneItHasOnlyTheProductLeft) {
  const Config config;
  EXPECT_EQ(make_device(config, "npu", {})->refuses(alone()), "");
  const Operation sigmoid = operation_of(config, alone());
  const SwishPasses passes = swish_passes(config, alone(), sigmoid);
  EXPECT_EQ(passes.count, 1);
  EXPECT_EQ(passes.reads, Bytes(2 * sigmoid.ofm.elements()));
  EXPECT_EQ(passes.writes, Bytes(sigmoid.ofm.elements()));
}

TEST(EthosUSwish, TakesTimeAndTraffic) {
  Config config;
  const ScheduleStep plain = sum_of(config, activated(UnaryFunction::relu, 16));
  const ScheduleStep swish = sum_of(config, activated(UnaryFunction::swish, 16));
  EXPECT_GT(swish.work.cycles, plain.work.cycles);
  EXPECT_EQ(swish.input, plain.input + Bytes(3 * kTensor));
  EXPECT_EQ(swish.output, plain.output + Bytes(2 * kTensor));
  // Beside the memory there is room for the tensors in between.
  config.feature_cache.size = Bytes(2 * kTensor);
  const ScheduleStep cached = sum_of(config, activated(UnaryFunction::swish, 16));
  EXPECT_EQ(cached.output, sum_of(config, activated(UnaryFunction::relu, 16)).output);
}

}  // namespace
}  // namespace chipcast::ethos_u
