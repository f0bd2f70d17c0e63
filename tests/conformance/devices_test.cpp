// SPDX-License-Identifier: Apache-2.0
// What every device promises in accelerators/contract.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mappers/tiling/tiling.h"
#include "sim/base/check.h"
#include "tests/conformance/device_entries.h"
#include "tests/conformance/operators.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace conformance;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(DeviceTypes, EveryRegisteredTypeIsInTheSuite) {
  EXPECT_THAT(types_without_entry(), IsEmpty()) << "add an entry to tests/conformance/device_entries.cpp";
}

Traffic traffic_of(const OpDescription& op) { return {.loose_input = op.input_bytes + op.weight_bytes}; }

DeviceSlot slot_of(const Device& device) {
  return {.name = "dut", .device = &device, .kind = 0, .transfer = [](EngineKind, Bytes bytes) {
            return Time::ps(bytes.count());
          }};
}

Cycles cycles_of(const Schedule& schedule) {
  Cycles sum;
  for (const auto& step : schedule.steps) sum += step.work.cycles * step.count;
  return sum;
}

/// One type; every operator that it does not refuse.
class Devices : public testing::TestWithParam<std::size_t> {
 protected:
  const DeviceEntry& entry_ = device_entries().at(GetParam());
  std::unique_ptr<Device> device_ = entry_.make();

  void for_each_op(const std::function<void(const OpDescription&)>& check) const {
    for (const DType dtype : kFormats) {
      for (const auto& op : describe_ops(all_kinds_of_operators(dtype))) {
        SCOPED_TRACE(std::string(op.name).append(" in ").append(name_of(dtype)));
        if (device_->refuses(op).empty()) check(op);
      }
    }
  }

  /// Plans of many shapes, whether they fit or not: extents that divide and that do not.
  static std::vector<tiling::Plan> many_plans(const OpDescription& op) {
    std::vector<tiling::Plan> plans;
    if (op.macs == Ops(0) || !op.single_nest()) {
      for (const std::int64_t pieces : {1, 2, 3, 7, 64}) plans.push_back({.nested = false, .tile = {.pieces = pieces}});
      return plans;
    }
    const LoopNest& nest = op.nests.front();
    for (const std::int64_t part : {1, 2, 3}) {
      const auto some = [part](std::int64_t extent) { return ceil_div(extent, part); };
      for (const std::int64_t inner : {1, 3}) {
        for (const bool weights_outer : {true, false}) {
          plans.push_back({.nested = true,
                           .tile = {.groups = some(nest.groups),
                                    .out_channels = some(nest.out_channels),
                                    .in_channels = ceil_div(nest.in_channels, inner),
                                    .out_height = some(nest.out_height),
                                    .out_width = part == 3 ? some(nest.out_width) : nest.out_width},
                           .weights_outer = weights_outer});
        }
      }
    }
    return plans;
  }

  /// Sum of a plan's tiles.
  struct Sums {
    Ops macs;
    Cycles cycles;
    Bytes loads, stores;
    std::int64_t tiles = 0;
  };
  Sums sums_of(const OpDescription& op, const tiling::Plan& plan) const {
    Sums sums;
    tiling::for_each_step(op, *device_, plan, traffic_of(op), [&](const tiling::Step& step) {
      const TileWork work = device_->cost(op, step.tile);
      sums.macs += work.macs;
      sums.cycles += work.cycles;
      sums.loads += step.input + step.weights;
      sums.stores += step.output;
      ++sums.tiles;
    });
    return sums;
  }
};

TEST_P(Devices, AreDescribed) {
  EXPECT_FALSE(entry_.type.name.empty());
  EXPECT_FALSE(entry_.type.doc.empty());
  EXPECT_GT(device_->clock(), Hertz(0.0));
  const Json schema = entry_.type.schema();
  const Json json = device_->to_json();
  for (const auto& [key, value] : json.items()) {
    EXPECT_TRUE(schema.at("properties").contains(key)) << key << " is not in the schema";
  }
  EXPECT_THAT(entry_.type.docs("Title"), HasSubstr("clock"));
}

TEST_P(Devices, ConfigurationSurvivesTheRoundTrip) {
  const Json once = device_->to_json();
  EXPECT_EQ(entry_.type.make(once, "devices.dut", "dut", {})->to_json(), once);
  for (const auto& patch : entry_.faster) {
    const Json changed = entry_.make(patch)->to_json();
    EXPECT_NE(changed, once) << "the change " << patch << " changes nothing";
    EXPECT_EQ(entry_.type.make(changed, "devices.dut", "dut", {})->to_json(), changed);
  }
}

TEST_P(Devices, UnknownFieldsAreNamed) {
  try {
    entry_.make(Json{{"no_such_field", 1}});
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("devices.dut"));
    EXPECT_THAT(error.what(), HasSubstr("no_such_field"));
  }
}

TEST_P(Devices, RunSomething) {
  int accepted = 0;
  for_each_op([&](const OpDescription&) { ++accepted; });
  EXPECT_GT(accepted, 0);
}

TEST_P(Devices, RefusalsNameTheOperatorOrTheFormat) {
  for (const DType dtype : kFormats) {
    for (const auto& op : describe_ops(all_kinds_of_operators(dtype))) {
      const Refusal refusal = device_->refuses(op);
      if (refusal.empty()) continue;
      EXPECT_THAT(refusal, AnyOf(HasSubstr(op.label), HasSubstr(std::string(name_of(op.compute_dtype)))));
      EXPECT_EQ(refusal.find('\n'), std::string::npos);
    }
  }
}

TEST_P(Devices, StateTheirArithmetic) {
  for_each_op([&](const OpDescription& op) {
    const Arithmetic arithmetic = device_->arithmetic(op);
    EXPECT_EQ(arithmetic.sums.has_value(), op.macs > Ops(0));
    EXPECT_EQ(arithmetic.weights.has_value(), op.macs > Ops(0));
    EXPECT_EQ(is_float(arithmetic.data), is_float(op.compute_dtype)) << to_text(arithmetic);
    if (!arithmetic.sums) return;
    EXPECT_EQ(arithmetic.sums->floating, is_float(arithmetic.data)) << to_text(arithmetic);
    EXPECT_GE(arithmetic.sums->bits, std::min(16, bits_of(arithmetic.data))) << to_text(arithmetic);
    EXPECT_LE(arithmetic.sums->partial_bits.value_or(0), arithmetic.sums->bits);
  });
}

TEST_P(Devices, ConserveWorkOverEveryTiling) {
  for_each_op([&](const OpDescription& op) {
    for (const auto& plan : many_plans(op)) {
      const Sums sums = sums_of(op, plan);
      EXPECT_EQ(sums.macs, op.macs) << to_text(plan);
      EXPECT_GE(sums.stores, op.output_bytes) << to_text(plan) << ": less than the result leaves";
      EXPECT_GT(sums.cycles, Cycles(0));
    }
  });
}

TEST_P(Devices, CountedStepsAreTheWalkedOnes) {
  for_each_op([&](const OpDescription& op) {
    for (const auto& plan : many_plans(op)) {
      const Sums walked = sums_of(op, plan);
      Sums counted;
      int first = 0, last = 0;
      tiling::for_each_step_class(op, *device_, plan, traffic_of(op), [&](const tiling::StepClass& some) {
        const TileWork work = device_->cost(op, some.step.tile);
        counted.macs += work.macs * some.count;
        counted.cycles += work.cycles * some.count;
        counted.loads += (some.step.input + some.step.weights) * some.count;
        counted.stores += some.step.output * some.count;
        counted.tiles += some.count;
        first += some.first;
        last += some.last;
      });
      EXPECT_EQ(counted.tiles, walked.tiles) << to_text(plan);
      EXPECT_EQ(counted.macs, walked.macs) << to_text(plan);
      EXPECT_EQ(counted.cycles, walked.cycles) << to_text(plan);
      EXPECT_EQ(counted.loads, walked.loads) << to_text(plan);
      EXPECT_EQ(counted.stores, walked.stores) << to_text(plan);
      EXPECT_EQ(first, 1);
      EXPECT_EQ(last, 1);
    }
  });
}

TEST_P(Devices, ChosenTilingsAreLegal) {
  for_each_op([&](const OpDescription& op) {
    if (device_->schedule(op, traffic_of(op))) return;  // SchedulesOfTheirOwnAreWholeAndLegal
    const TilingSpace space = device_->tilings(op);
    const tiling::Plan plan = tiling::choose(op, slot_of(*device_), traffic_of(op));
    tiling::for_each_step(op, *device_, plan, traffic_of(op), [&](const tiling::Step& step) {
      const Bytes input = device_->input_bytes(op, step.tile), weights = device_->weight_bytes(op, step.tile);
      EXPECT_LE(input, space.input_capacity);
      EXPECT_LE(weights, space.weight_capacity);
      EXPECT_TRUE(space.shared_capacity == Bytes(0) || input + weights <= space.shared_capacity);
      EXPECT_LE(device_->output_bytes(op, step.tile), space.output_capacity);
      EXPECT_LE(step.input, input) << "more than the tile's bytes cross the port";
    });
    const Sums sums = sums_of(op, plan);
    EXPECT_EQ(sums.macs, op.macs);
    EXPECT_EQ(sums.cycles, plan.compute);
    EXPECT_EQ(sums.loads, plan.loads);
    EXPECT_EQ(sums.stores, plan.stores);
    EXPECT_EQ(sums.tiles, plan.tiles);
  });
}

/// Every combination of operands that cross the port.
std::vector<Traffic> all_traffic(const OpDescription& op) {
  std::vector<Traffic> out;
  for (const bool first : {true, false}) {
    for (const bool others : {true, false}) {
      for (const bool result : {true, false}) {
        Bytes loose = first && !op.inputs.empty() ? op.inputs.front().bytes : Bytes(0);
        for (std::size_t i = 1; others && i < op.inputs.size(); ++i) loose += op.inputs[i].bytes;
        out.push_back({.first_operand = first, .other_operands = others, .result = result, .loose_input = loose});
      }
    }
  }
  return out;
}

TEST_P(Devices, SchedulesOfTheirOwnAreWholeAndLegal) {
  constexpr std::int64_t kMostSteps = 8192;
  for_each_op([&](const OpDescription& op) {
    for (const Traffic& traffic : all_traffic(op)) {
      const auto schedule = device_->schedule(op, traffic);
      if (!schedule) continue;
      EXPECT_FALSE(schedule->text.empty());
      EXPECT_EQ(schedule->text.find('\n'), std::string::npos);
      Ops macs;
      Cycles cycles;
      Bytes input, weights, output;
      std::int64_t steps = 0;
      for (const ScheduleStep& step : schedule->steps) {
        ASSERT_GT(step.count, 0);
        EXPECT_GE(std::min({step.input, step.weights, step.output}), Bytes(0));
        EXPECT_GE(step.work.cycles, Cycles(0));
        EXPECT_FALSE(step.work.overhead);
        for (const auto& activity : step.work.activity) {
          ASSERT_LT(activity.action, device_->actions().size());
          EXPECT_TRUE(std::isfinite(activity.count) && activity.count >= 0.0) << activity.count;
        }
        const SramAccesses& sram = step.work.sram;
        EXPECT_GE(std::min({sram.ifmap_reads, sram.filter_reads, sram.ofmap_reads, sram.ofmap_writes}), 0);
        macs += step.work.macs * step.count;
        cycles += step.work.cycles * step.count;
        input += step.input * step.count;
        weights += step.weights * step.count;
        output += step.output * step.count;
        steps += step.count;
      }
      EXPECT_EQ(macs, op.macs);
      EXPECT_GT(cycles, Cycles(0));
      EXPECT_LE(steps, kMostSteps);
      EXPECT_EQ(input > Bytes(0), traffic.first_operand && !op.inputs.empty());
      EXPECT_EQ(weights > Bytes(0), traffic.other_operands && op.inputs.size() > 1);
      EXPECT_EQ(output > Bytes(0), traffic.result);
      if (traffic.result) {
        EXPECT_GE(output, op.output_bytes);
      }
    }
  });
}

TEST_P(Devices, CostsAreFiniteAndOfKnownActions) {
  const auto check = [&](const TileWork& work) {
    EXPECT_GE(work.cycles, Cycles(0));
    for (const auto& activity : work.activity) {
      ASSERT_LT(activity.action, device_->actions().size());
      EXPECT_TRUE(std::isfinite(activity.count) && activity.count >= 0.0) << activity.count;
    }
  };
  for_each_op([&](const OpDescription& op) {
    check(device_->launch(op));
    EXPECT_EQ(device_->launch(op).macs, Ops(0));
    for (const auto& plan : many_plans(op)) {
      tiling::for_each_step_class(op, *device_, plan, traffic_of(op), [&](const tiling::StepClass& some) {
        check(device_->cost(op, some.step.tile));
        EXPECT_EQ(device_->cost(op, some.step.tile).cycles, device_->cost(op, some.step.tile).cycles);
        EXPECT_GT(device_->input_bytes(op, some.step.tile), Bytes(0));
        EXPECT_GE(device_->weight_bytes(op, some.step.tile), Bytes(0));
        EXPECT_GT(device_->output_bytes(op, some.step.tile), Bytes(0));
      });
    }
  });
}

TEST_P(Devices, NothingCostsLessThanNothing) {
  for (const auto& action : device_->actions()) {
    EXPECT_TRUE(std::isfinite(action.each.count()) && action.each >= Joules(0.0)) << action.component;
    EXPECT_TRUE(action.component == "dut" || action.component.starts_with("dut."))
        << action.component << " does not belong to the device";
  }
  EXPECT_GE(device_->static_power(), Watts(0.0));
  EXPECT_GE(device_->active_power(), Watts(0.0));
  EXPECT_GE(device_->resident_limit(), Bytes(0));
  EXPECT_LT(device_->load_action().value_or(0), device_->actions().size());
  for (const EngineKind engine : {EngineKind::load, EngineKind::store}) {
    const dma::Config dma = device_->dma(engine);
    EXPECT_GE(dma.outstanding, 1);
    EXPECT_GT(dma.burst, Bytes(0));
    EXPECT_GT(dma.chunk, Bytes(0));
    EXPECT_GT(dma.port, BytesPerSecond(0.0));
  }
}

TEST_P(Devices, FasterNeverTakesLonger) {
  for (const auto& patch : entry_.faster) {
    SCOPED_TRACE(patch.dump());
    const auto faster = entry_.make(patch);
    bool gained = false;
    const auto compare = [&](Cycles before, Cycles after) {
      const double old_time = (before / device_->clock()).count(), new_time = (after / faster->clock()).count();
      EXPECT_LE(new_time, old_time * (1 + 1e-12));
      gained = gained || new_time < old_time;
    };
    for_each_op([&](const OpDescription& op) {
      EXPECT_EQ(faster->refuses(op), "") << "faster, but runs less";
      compare(device_->launch(op).cycles, faster->launch(op).cycles);
      for (const auto& plan : many_plans(op)) {
        tiling::for_each_step_class(op, *device_, plan, traffic_of(op), [&](const tiling::StepClass& some) {
          compare(device_->cost(op, some.step.tile).cycles, faster->cost(op, some.step.tile).cycles);
        });
      }
      const auto before = device_->schedule(op, traffic_of(op)), after = faster->schedule(op, traffic_of(op));
      if (before && after) compare(cycles_of(*before), cycles_of(*after));
    });
    EXPECT_TRUE(gained) << "nothing became faster";
  }
}

TEST_P(Devices, WhatDoesNotFitIsAnErrorThatNamesOperatorAndDevice) {
  if (entry_.cramped.is_null()) GTEST_SKIP() << "holds any tile";
  const auto device = entry_.make(entry_.cramped);
  const auto ops = describe_ops(large_conv(DType::int8));
  ASSERT_EQ(device->refuses(ops.front()), "");
  EXPECT_FALSE(tiling::find(ops.front(), slot_of(*device), traffic_of(ops.front())).has_value());
  try {
    tiling::choose(ops.front(), slot_of(*device), traffic_of(ops.front()));
    ADD_FAILURE() << "it fits";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("large"));
    EXPECT_THAT(error.what(), HasSubstr("dut"));
    EXPECT_THAT(error.what(), HasSubstr("buffers"));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Devices, testing::Range(std::size_t{0}, device_entries().size()), [](const auto& param) {
  const DeviceEntry& entry = device_entries()[param.param];
  return entry.type.name + (entry.variant.empty() ? "" : "_" + entry.variant);
});

}  // namespace
}  // namespace chipcast
