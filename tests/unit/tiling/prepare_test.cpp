// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "accelerators/cpu/cost.h"
#include "mappers/tiling/plans.h"
#include "tests/unit/tiling/layers.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::tiling {
namespace {

using namespace tiling_test;

std::string text_of(const std::optional<Plan>& plan) {
  if (!plan) return "none";
  return to_text(*plan) + " " + std::to_string(plan->latency.ps()) + " " + std::to_string(plan->energy.count()) + " " +
         explain(*plan, "dram");
}

TEST(Plans, AreTheSameOnAnyNumberOfThreads) {
  const Graph graph = convert_dtype(zoo_network("mlperf_tiny_ic"), DType::int8);
  const std::vector<OpDescription> ops = describe_ops(graph);
  std::vector<Subject> all = subjects(64);
  all.push_back(subject("cpu", cpu::make_device(cpu::Config{}, "cpu", technology::Config{})));
  std::vector<DeviceSlot> slots;
  for (Subject& some : all) {
    slots.push_back(some.slot);
    slots.back().kind = slots.size();
  }
  Plans alone(slots), two(slots), five(slots);
  two.prepare(ops, 2);
  five.prepare(ops, 5);
  int compared = 0;
  for (const auto& op : ops) {
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      if (op.op_class == OpClass::view || !slots[slot].device->refuses(op).empty()) continue;
      const Traffic traffic = whole_traffic(op, *slots[slot].device);
      const std::string expected = text_of(alone.find(op, slot, traffic));
      EXPECT_EQ(text_of(two.find(op, slot, traffic)), expected);
      EXPECT_EQ(text_of(five.find(op, slot, traffic)), expected);
      ++compared;
    }
  }
  EXPECT_GT(compared, 60);
}

TEST(Plans, ServeTrafficThatASearchDoesNotTellApart) {
  const Graph graph = convert_dtype(zoo_network("mlperf_tiny_ic"), DType::int8);
  const std::vector<OpDescription> ops = describe_ops(graph);
  const std::vector<Subject> all = subjects(64);
  const std::vector<DeviceSlot> slots{all.front().slot};
  Plans plans(slots);
  const OpDescription& op = ops.front();
  const auto first = plans.find(op, 0, {.loose_input = Bytes(1), .parameters = Bytes(2)});
  const auto second = plans.find(op, 0, {.loose_input = Bytes(3), .parameters = Bytes(4)});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->record, second->record) << "searched twice";
  const auto third = plans.find(op, 0, {.result = false});
  ASSERT_TRUE(third);
  EXPECT_NE(first->record, third->record);
  EXPECT_EQ(third->stores, Bytes(0));
}

TEST(Plans, SayWhatABudgetCutOff) {
  RandomLayers layers(5);
  const std::vector<Subject> all = subjects(4);
  const Subject& on = all.front();
  for (int i = 0; i < 20; ++i) {
    const OpDescription op = layers.next();
    const Traffic traffic = whole_traffic(op, *on.device);
    const auto whole = find(op, on.slot, traffic), cut = find(op, on.slot, traffic, {.budget = 2});
    ASSERT_TRUE(whole && cut);
    EXPECT_TRUE(whole->record->exact);
    EXPECT_EQ(whole->record->warning, "");
    EXPECT_LE(cut->record->evaluated, 2);
    EXPECT_LE(cut->record->lower_bound, whole->record->value * (1 + 1e-9));
    if (cut->record->exact) continue;
    EXPECT_NE(cut->record->warning.find(op.name + " on npu"), std::string::npos) << cut->record->warning;
    EXPECT_GE(cut->record->value, whole->record->value);
  }
}

TEST(Plans, ExplainThemselves) {
  RandomLayers layers(5);
  const std::vector<Subject> all = subjects(4);
  const OpDescription op = layers.next();
  const auto plan = find(op, all.front().slot, whole_traffic(op, *all.front().device));
  ASSERT_TRUE(plan);
  const std::string text = explain(*plan, "lpddr4");
  EXPECT_EQ(text.rfind("limited by ", 0), 0U) << text;
  EXPECT_NE(text.find("best latency of its space"), std::string::npos) << text;
  EXPECT_NE(text.find("runner-up"), std::string::npos) << text;
  EXPECT_GE(plan->record->runner_up_value, plan->record->value);
}

}  // namespace
}  // namespace chipcast::tiling
