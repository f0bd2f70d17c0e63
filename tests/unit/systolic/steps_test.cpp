// SPDX-License-Identifier: Apache-2.0
// Schedules: nothing is lost between the law and the steps, and each step fits the buffers.
#include "accelerators/systolic/steps.h"

#include <gtest/gtest.h>

#include "layers.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

using namespace systolic_test;

TEST(SystolicSteps, add_up_to_the_operator) {
  for (const char* network : {"mobilenet_v2", "resnet50"}) {
    for (const Dataflow dataflow : kDataflows) {
      const auto device = device_of(json_of(16, dataflow));
      const Config config = config_of(16, dataflow);
      for (const OpDescription& op : describe_ops(zoo_network(network))) {
        const auto schedule = device->schedule(op, kEverything);
        EXPECT_EQ(schedule.has_value(), op.macs > Ops(0)) << op.name;
        if (!schedule) continue;
        const Plan plan = plan_of(op.nests.front(), config, op.compute_dtype);
        const Totals totals = totals_of(*schedule);
        EXPECT_EQ(totals.cycles, plan.cycles()) << op.name;
        EXPECT_EQ(totals.macs, op.macs) << op.name;
        EXPECT_EQ(totals.sram, plan.accesses()) << op.name;
        EXPECT_GE(totals.output, op.output_bytes) << op.name;
        EXPECT_GE(totals.weights, op.weight_bytes) << op.name;
        EXPECT_LE(totals.steps, 2200) << op.name;
      }
    }
  }
}

TEST(SystolicSteps, fit_the_halves_of_the_buffers) {
  Json json = json_of(32, Dataflow::os);
  for (const char* buffer : {"ifmap_buffer", "filter_buffer", "ofmap_buffer"}) json[buffer] = "64 KiB";
  const auto op = conv_op({1, 256, 28, 28}, {512, 256, 3, 3});
  const Schedule schedule = *device_of(json)->schedule(op, kEverything);
  for (const ScheduleStep& step : schedule.steps) {
    EXPECT_LE(step.input, Bytes(32 * 1024 + 1));
    EXPECT_LE(step.weights, Bytes(32 * 1024 + 1));
    EXPECT_LE(step.output, Bytes(32 * 1024 + 1));
  }
}

TEST(SystolicSteps, move_only_what_crosses_the_port) {
  const auto op = conv_op({1, 64, 28, 28}, {64, 64, 3, 3});
  const auto device = device_of(json_of(16, Dataflow::ws));
  const Totals all = totals_of(*device->schedule(op, kEverything));
  EXPECT_EQ(all.input, Bytes(64 * 28 * 28)) << "each input once: it fits";
  EXPECT_EQ(all.weights, Bytes(64 * 64 * 9));
  EXPECT_EQ(all.output, Bytes(64 * 26 * 26));
  const Totals none =
      totals_of(*device->schedule(op, {.first_operand = false, .other_operands = false, .result = false}));
  EXPECT_EQ(none.input + none.weights + none.output, Bytes(0));
  EXPECT_EQ(none.cycles, all.cycles);
}

TEST(SystolicSteps, of_sparse_weights_load_what_is_kept_and_where_it_belongs) {
  Json json = json_of(16, Dataflow::ws);
  json["sparsity"] = {{"kept", 2}, {"of", 4}};
  const auto op = conv_op({1, 64, 28, 28}, {64, 64, 3, 3});
  const Totals totals = totals_of(*device_of(json)->schedule(op, kEverything));
  EXPECT_EQ(totals.weights, Bytes(64 * 64 * 9 / 2 * 10 / 8)) << "8 bits and an index of 2 for each";
}

TEST(SystolicSteps, of_many_groups_are_few) {
  Conv depthwise;
  depthwise.groups = 1024;
  const auto op = conv_op({1, 1024, 14, 14}, {1024, 1, 3, 3}, depthwise);
  const auto schedule = device_of(json_of(16, Dataflow::ws))->schedule(op, kEverything);
  const Totals totals = totals_of(*schedule);
  EXPECT_LE(totals.steps, 64);
  EXPECT_EQ(totals.cycles, Cycles(1024 * (144 + 46)));
}

TEST(SystolicSteps, of_a_transposed_convolution_scatter_each_input) {
  GraphBuilder b("up");
  ConvTranspose up;
  up.strides = {2, 2};
  const TensorId x = b.input("x", {{1, 32, 10, 10}, DType::int8}), w = b.parameter("w", {{32, 16, 2, 2}, DType::int8});
  b.output(b.add_one("up", up, {x, w}));
  const auto op = describe_ops(std::move(b).build()).front();
  const Totals totals = totals_of(*device_of(json_of(16, Dataflow::ws))->schedule(op, kEverything));
  EXPECT_EQ(totals.cycles, Cycles(2 * 4 * (100 + 46))) << "100 x 32 times 32 x 64";
  EXPECT_EQ(totals.output, Bytes(16 * 20 * 20));
}

}  // namespace
}  // namespace chipcast
