// SPDX-License-Identifier: Apache-2.0
// Schedules: nothing is lost between the law and the steps, and each step fits the buffers.
#include "accelerators/systolic/steps.h"

#include <gtest/gtest.h>

#include "layers.h"
#include "sim/base/check.h"
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
        if (op.op_class == OpClass::view) continue;
        const auto schedule = device->schedule(op, kEverything);
        ASSERT_TRUE(schedule) << op.name;
        if (!op.single_nest()) continue;
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

/// A product of two computed matrices, as in attention.
OpDescription attention_op() {
  GraphBuilder b("attention");
  const TensorId q = b.input("q", {{1, 8, 128, 64}, DType::int8}), k = b.input("k", {{1, 8, 64, 128}, DType::int8});
  b.output(b.add_one("scores", Matmul{}, {q, k}));
  return describe_ops(std::move(b).build()).front();
}

TEST(SystolicSteps, of_computed_operands_are_dense) {
  Json sparse = json_of(16, Dataflow::ws);
  sparse["sparsity"] = {{"kept", 1}, {"of", 4}, {"zero_weights", 0.5}, {"zeros", "gate"}};
  const auto op = attention_op();
  const auto dense = device_of(json_of(16, Dataflow::ws)), device = device_of(sparse);
  const Schedule expected = *dense->schedule(op, kEverything), got = *device->schedule(op, kEverything);
  EXPECT_EQ(totals_of(got).cycles, totals_of(expected).cycles);
  EXPECT_EQ(totals_of(got).weights, totals_of(expected).weights);
  EXPECT_DOUBLE_EQ(activity_of(*device, got, "mac_int8"), activity_of(*dense, expected, "mac_int8"));
}

TEST(SystolicSteps, spill_partial_sums_to_memory_and_read_all_of_them_back) {
  Json json = json_of(16, Dataflow::ws);
  json["ofmap_buffer"] = "16 KiB";  // 2048 sums in a half; a column of folds has 676 x 16
  const auto op = conv_op({1, 64, 28, 28}, {64, 64, 3, 3});
  const Bytes sums(std::int64_t{64} * 676 * 4 * (36 - 1));
  const auto spilling = device_of(json);
  json["ofmap_buffer"] = "1 MiB";
  const auto holding = device_of(json);
  for (const bool first : {true, false}) {
    for (const bool result : {true, false}) {
      const Traffic traffic{.first_operand = first, .other_operands = true, .result = result};
      const Schedule schedule = *spilling->schedule(op, traffic);
      const Totals with = totals_of(schedule), without = totals_of(*holding->schedule(op, traffic));
      EXPECT_EQ(with.output - without.output, sums) << first << result;
      EXPECT_EQ(with.input - without.input, sums) << first << result;
      EXPECT_NE(schedule.text.find("partial sums spill to memory"), std::string::npos) << schedule.text;
    }
  }
}

TEST(SystolicSteps, spill_partial_sums_to_the_unified_buffer_where_there_is_room) {
  Json json = json_of(16, Dataflow::ws);
  json["ofmap_buffer"] = "16 KiB";
  const auto op = conv_op({1, 64, 28, 28}, {64, 64, 3, 3});
  const std::int64_t column = 676 * 16 * 4, input = 64 * 28 * 28, output = 64 * 676;
  const auto mapping = [&](std::int64_t resident, const Traffic& traffic) {
    json["resident"] = std::to_string(resident) + " B";
    return device_of(json)->schedule(op, traffic)->text;
  };
  const auto stays = [](const std::string& text) { return text.find("unified buffer") != std::string::npos; };
  EXPECT_TRUE(stays(mapping(column, kEverything)));
  EXPECT_FALSE(stays(mapping(column - 1, kEverything)));
  const Traffic inside{.first_operand = false, .other_operands = true, .result = false};
  EXPECT_TRUE(stays(mapping(column + input + output, inside)));
  EXPECT_FALSE(stays(mapping(column + input + output - 1, inside))) << "beside the operator's own tensors";
  json["resident"] = "1 MiB";
  const auto device = device_of(json);
  const Schedule schedule = *device->schedule(op, kEverything);
  EXPECT_EQ(totals_of(schedule).output, op.output_bytes);
  EXPECT_NEAR(activity_of(*device, schedule, "spill_byte"), 4.0 * 64 * 676 * 4 * 35, 1.0) << "two buffers, both ways";
}

TEST(SystolicSteps, book_what_fills_and_leaves_each_buffer) {
  for (const Dataflow dataflow : kDataflows) {
    const auto device = device_of(json_of(16, dataflow));
    EXPECT_FALSE(device->load_action());
    const Schedule schedule = *device->schedule(conv_op({1, 64, 28, 28}, {64, 64, 3, 3}), kEverything);
    const Totals totals = totals_of(schedule);
    const auto bytes = [](Bytes some) { return static_cast<double>(some.count()); };
    EXPECT_NEAR(activity_of(*device, schedule, "fill_byte", "npu.ifmap_buffer"), bytes(totals.input), 1.0);
    EXPECT_NEAR(activity_of(*device, schedule, "fill_byte", "npu.filter_buffer"), bytes(totals.weights), 1.0);
    EXPECT_NEAR(activity_of(*device, schedule, "drain_byte", "npu.ofmap_buffer"), bytes(totals.output), 1.0);
  }
}

TEST(SystolicSteps, of_recurrent_cells_add_up_whatever_the_width_of_a_word) {
  double elements = 0.0;
  for (const DType dtype : {DType::int8, DType::fp32}) {
    GraphBuilder b("cell");
    Recurrent cell;
    cell.hidden = 33;
    const TensorId x = b.input("x", {{7, 1, 65}, dtype}), w = b.parameter("w", {{1, 4 * 33, 65}, dtype}),
                   r = b.parameter("r", {{1, 4 * 33, 33}, dtype});
    b.output(b.add("cell", cell, {x, w, r}).front());
    const auto op = describe_ops(std::move(b).build()).front();
    ASSERT_GT(op.nests.size(), 1u);
    const auto device = device_of(json_of(16, Dataflow::ws));
    const Schedule schedule = *device->schedule(op, {.first_operand = true,
                                                     .other_operands = true,
                                                     .result = true,
                                                     .loose_input = op.input_bytes + op.weight_bytes});
    const Totals totals = totals_of(schedule);
    SramAccesses sram;
    for (const LoopNest& nest : op.nests) sram += plan_of(nest, config_of(16, Dataflow::ws), dtype).accesses();
    EXPECT_EQ(totals.sram, sram);
    EXPECT_EQ(totals.macs, op.macs);
    EXPECT_EQ(totals.input + totals.weights, op.input_bytes + op.weight_bytes);
    EXPECT_EQ(totals.output, op.output_bytes);
    const double now = activity_of(*device, schedule, "element");
    EXPECT_NEAR(now, elements > 0.0 ? elements : now, 1e-6 * now);
    elements = now;
  }
}

TEST(SystolicSteps, are_refused_where_they_cannot_be_simulated) {
  GraphBuilder b("huge");
  const TensorId x = b.input("x", {{2000000, 2000000}, DType::int8}), w = b.parameter("w", {{2000000, 1}, DType::int8});
  b.output(b.add_one("huge", Gemm{}, {x, w}));
  const auto op = describe_ops(std::move(b).build()).front();
  const auto device = device_of(json_of(16, Dataflow::ws));
  ASSERT_EQ(device->refuses(op), "");
  try {
    device->schedule(op, kEverything);
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("gemm would move"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("enlarge dma.chunk"), std::string::npos) << error.what();
  }
}

TEST(SystolicTiles, are_shares_of_the_operator) {
  const auto device = device_of(json_of(16, Dataflow::ws));
  const auto op = conv_op({1, 64, 28, 28}, {64, 64, 3, 3});
  const Totals all = totals_of(*device->schedule(op, kEverything));
  const OpTile whole{.out_channels = 64, .in_channels = 64, .out_height = 26, .out_width = 26};
  OpTile half = whole;
  half.out_height = 13;
  EXPECT_EQ(device->cost(op, whole).cycles, all.cycles);
  EXPECT_EQ(device->cost(op, whole).sram, all.sram);
  EXPECT_EQ(device->cost(op, half).cycles, Cycles(all.cycles.count() / 2));
  EXPECT_EQ(device->cost(op, half).macs * 2, op.macs);
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
