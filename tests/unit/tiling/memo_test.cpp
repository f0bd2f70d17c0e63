// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/memo.h"

#include <gtest/gtest.h>

#include "mappers/tiling/generations.h"
#include "mappers/tiling/plans.h"
#include "tests/unit/tiling/layers.h"

namespace chipcast::tiling {
namespace {

using namespace tiling_test;

/// Remembers while it lives.
class Remembering {
 public:
  explicit Remembering(std::size_t most) { remember_searches(most); }
  ~Remembering() { remember_searches(0); }
  Remembering(const Remembering&) = delete;
  Remembering& operator=(const Remembering&) = delete;
};

std::string text_of(const std::optional<Plan>& plan) {
  if (!plan) return "none";
  const PlanRecord none;
  const PlanRecord& record = plan->record ? *plan->record : none;
  return to_text(*plan) + " " + std::to_string(plan->latency.ps()) + " " + std::to_string(plan->energy.count()) + " " +
         explain(*plan, "dram") + " " + record.warning + " " + std::to_string(record.considered);
}

/// An NPU of some kind, by a number; equal numbers make equal ones.
npu::Config variant(int number) {
  npu::Config config;
  config.input_lanes = number % 2 == 0 ? 16 : 8;
  config.output_lanes = 16;
  config.rates = {{DType::int8, OpsPerCycle(std::int64_t{config.input_lanes} * config.output_lanes)}};
  config.channel_alignment = 8;
  config.buffer = Bytes((number / 2 % 3 + 1) * 20 * 1024);
  config.accumulator = Bytes(32 * 1024);
  if (number / 6 % 2 == 1) config.clock = Hertz(0.7e9);
  if (number / 12 % 2 == 1) config.buffer_banks = 6;
  return config;
}

TEST(Memo, AnswersAsTheSearchWould) {
  RandomLayers layers(21);
  std::vector<OpDescription> ops;
  for (int i = 0; i < 12; ++i) ops.push_back(layers.next());
  const Traffic traffic;
  std::vector<std::string> expected;
  const auto each = [&](const auto& visit) {
    for (int number = 0; number < 24; ++number) {
      Subject some = subject("npu", npu::make_device(variant(number), "npu", {}));
      some.slot.transfer_law = "8 B/ns behind 200 ns";
      for (const OpDescription& op : ops) visit(text_of(find(op, some.slot, traffic, {.budget = 300})));
    }
  };
  each([&](const std::string& text) { expected.push_back(text); });
  const Remembering memory(10'000);
  const MemoCounts before = memo_counts();
  for (int round = 0; round < 2; ++round) {
    std::size_t next = 0;
    each([&](const std::string& text) { EXPECT_EQ(text, expected.at(next++)); });
  }
  const MemoCounts after = memo_counts();
  EXPECT_LT(after.made - before.made, expected.size()) << "buffers in which the same fits share a search";
  EXPECT_GT(after.found - before.found, expected.size());
}

TEST(Memo, KnowsNothingWhereALawIsNotStated) {
  RandomLayers layers(2);
  const OpDescription op = layers.next();
  const Remembering memory(10);
  const Subject some = subject("npu", npu::make_device(variant(0), "npu", {}));
  EXPECT_FALSE(nest_key(op, some.slot, {}, {}).has_value());
  EXPECT_FALSE(schedule_key(op, some.slot, {}).has_value());
  Subject stated = some;
  stated.slot.transfer_law = "some";
  EXPECT_TRUE(nest_key(op, stated.slot, {}, {}).has_value());
  EXPECT_FALSE(nest_key(op, stated.slot, {}, {.objective = Objective::energy}).has_value());
}

TEST(Memo, RangesEndWhereAnAnswerWouldChange) {
  CapacityRange range;
  EXPECT_TRUE(range.fits(Bytes(100), Bytes(200)));
  EXPECT_TRUE(range.fits(Bytes(150), Bytes(200)));
  EXPECT_FALSE(range.fits(Bytes(301), Bytes(200)));
  for (const auto& [capacity, same] : {std::pair(149, false), {150, true}, {300, true}, {301, false}}) {
    EXPECT_EQ(range.holds(Bytes(capacity)), same) << capacity;
  }
}

TEST(Generations, KeepWhatIsAskedFor) {
  Generations<int> some;
  some.clear(8);
  some.insert("kept", -1);
  for (int i = 0; i < 100; ++i) {
    some.insert(std::to_string(i), i);
    ASSERT_NE(some.find("kept"), nullptr);
    EXPECT_LE(some.size(), 8U);
  }
  EXPECT_EQ(some.find("3"), nullptr);
  EXPECT_EQ(*some.find("99"), 99);
}

}  // namespace
}  // namespace chipcast::tiling
