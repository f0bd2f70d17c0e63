// SPDX-License-Identifier: Apache-2.0
// The estimate, step by step: what its closed form adds up.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "accelerators/tile_geometry.h"
#include "mappers/tiling/tiling.h"
#include "tests/unit/tiling/layers.h"

namespace chipcast::tiling {
namespace {

using namespace tiling_test;

struct Walked {
  double load = 0.0, compute = 0.0, store = 0.0;
};

std::vector<Walked> walk(const OpDescription& op, const DeviceSlot& slot, const Plan& plan, const Traffic& traffic) {
  const auto ps = [&](EngineKind engine, Bytes bytes) {
    return bytes > Bytes(0) ? static_cast<double>(slot.transfer(engine, bytes).ps()) : 0.0;
  };
  const Clock clock(slot.device->clock());
  std::vector<Walked> out;
  for_each_step(op, *slot.device, plan, traffic, [&](const Step& step) {
    out.push_back({ps(EngineKind::load, step.input) + ps(EngineKind::load, step.weights),
                   static_cast<double>(clock.after(Time(), work_of(op, *slot.device, step).cycles).ps()),
                   ps(EngineKind::store, step.output)});
  });
  return out;
}

/// Three engines event by event: double buffers between load and compute, as many results waiting as there are.
double pipeline(const std::vector<Walked>& steps, double launch) {
  double load_free = 0.0, store_free = 0.0;
  std::vector<double> computed{launch};  // computed[i]: end of step i; 0 is the launch
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double half_free = i < 2 ? 0.0 : computed[i - 1];
    load_free = std::max(load_free, half_free) + steps[i].load;
    computed.push_back(std::max(load_free, computed.back()) + steps[i].compute);
    store_free = std::max(store_free, computed.back()) + steps[i].store;
  }
  return std::max(computed.back(), store_free);
}

double port(const std::vector<Walked>& steps, double launch) {
  double loads = 0.0, later = 0.0, stores = 0.0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    loads += steps[i].load;
    later += i > 1 ? steps[i].load : 0.0;
    stores += steps[i].store;
  }
  return std::max(loads, std::max(launch, steps[0].load) + steps[0].compute + later) + stores;
}

TEST(TilingEstimate, IsWhatThreeEnginesAndOnePortTake) {
  RandomLayers layers(7);
  int compared = 0;
  for (int i = 0; i < 150; ++i) {
    const OpDescription op = layers.next();
    const LoopNest nest = tiling_nest(op);
    const auto part = [&](std::int64_t extent) { return ceil_div(extent, layers.roll(1, 4)); };
    for (const Subject& on : subjects(16)) {
      if (!on.device->refuses(op).empty()) continue;
      SCOPED_TRACE(on.name + " " + std::to_string(i));
      const Traffic traffic{.first_operand = i % 5 != 0, .other_operands = i % 7 != 0, .result = i % 3 != 0};
      const Plan plan = estimate(op, on.slot, traffic,
                                 {.nested = true,
                                  .tile = {.groups = part(nest.groups),
                                           .out_channels = part(nest.out_channels),
                                           .in_channels = part(nest.in_channels),
                                           .out_height = part(nest.out_height),
                                           .out_width = part(nest.out_width)},
                                  .weights_outer = i % 2 == 0});
      const Clock clock(on.device->clock());
      const auto launch = static_cast<double>(clock.after(Time(), on.device->launch(op).cycles).ps());
      const std::vector<Walked> steps = walk(op, on.slot, plan, traffic);
      const double expected = std::max(pipeline(steps, launch), port(steps, launch));
      EXPECT_NEAR(static_cast<double>(plan.latency.ps()) + launch, expected, 1.0) << to_text(plan);
      EXPECT_EQ(plan.tiles, static_cast<std::int64_t>(steps.size()));
      ++compared;
    }
  }
  EXPECT_GT(compared, 600);
}

TEST(TilingEstimate, EnergyIsActionsTransfersAndPower) {
  const std::vector<Subject> all = subjects(16);
  const Subject& on = all.front();
  RandomLayers layers(3);
  for (int i = 0; i < 40; ++i) {
    const OpDescription op = layers.next();
    const Traffic traffic = {.loose_input = op.input_bytes + op.weight_bytes};
    const auto plan = find(op, on.slot, traffic);
    ASSERT_TRUE(plan);
    double joules = 0.0;
    for_each_step(op, *on.device, *plan, traffic, [&](const Step& step) {
      for (const auto& some : work_of(op, *on.device, step).activity) {
        joules += some.count * on.device->actions()[some.action].each.count();
      }
      const Bytes loaded = step.input + step.weights;
      const auto action = on.device->load_action();
      joules += static_cast<double>(loaded.count()) * on.device->actions().at(action.value()).each.count();
      joules += on.slot.transfer_energy(EngineKind::load, loaded).count();
      joules += on.slot.transfer_energy(EngineKind::store, step.output).count();
    });
    const double busy = (plan->compute / on.device->clock()).count();
    joules += busy * on.device->active_power().count();
    EXPECT_NEAR(plan->dynamic.count(), joules, joules * 1e-3);  // cycles of tiles are rounded up to picoseconds
    const double seconds = value_of(op, on.slot, *plan, Objective::latency);
    EXPECT_NEAR(plan->energy.count(), plan->dynamic.count() + seconds * on.device->static_power().count(),
                plan->energy.count() * 1e-6);
    EXPECT_DOUBLE_EQ(value_of(op, on.slot, *plan, Objective::edp), plan->energy.count() * seconds);
  }
}

}  // namespace
}  // namespace chipcast::tiling
