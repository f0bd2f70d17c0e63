// SPDX-License-Identifier: Apache-2.0
// The search against a full enumeration that knows nothing of it: every legal tile, both loop orders, the public
// estimate.
#include <gtest/gtest.h>

#include <tuple>

#include "accelerators/tile_geometry.h"
#include "mappers/tiling/tiling.h"
#include "tests/unit/tiling/layers.h"

namespace chipcast::tiling {
namespace {

using namespace tiling_test;

/// Multiples of the step below the axis, and the axis.
std::vector<std::int64_t> extents(std::int64_t whole, std::int64_t step) {
  std::vector<std::int64_t> out{whole};
  for (std::int64_t extent = step; extent < whole; extent += step) out.push_back(extent);
  return out;
}

bool holds(const TilingSpace& room, const OpDescription& op, const Device& device, const OpTile& tile) {
  const Bytes input = device.input_bytes(op, tile), weights = device.weight_bytes(op, tile);
  const Bytes output = device.output_bytes(op, tile);
  const bool partial = tile.in_channels < tiling_nest(op).in_channels;
  return input <= room.input_capacity && weights <= room.weight_capacity && output <= room.output_capacity &&
         (room.shared_capacity == Bytes(0) || input + weights <= room.shared_capacity) &&
         (!partial || output <= room.partial_capacity);
}

/// All legal tiles of a nest.
std::vector<OpTile> legal_tiles(const OpDescription& op, const Device& device) {
  const LoopNest nest = tiling_nest(op);
  const TilingSpace room = device.tilings(op);
  const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
  std::vector<OpTile> out;
  for (const auto g : extents(nest.groups, per_channel ? room.channel_step : 1)) {
    for (const auto k : extents(nest.out_channels, per_channel ? 1 : room.channel_step)) {
      for (const auto c : extents(nest.in_channels, room.split_in_channels ? room.in_channel_step : nest.in_channels)) {
        if (!per_channel && g > 1 && (k < nest.out_channels || c < nest.in_channels)) continue;
        for (const auto h : extents(nest.out_height, 1)) {
          for (const auto w : extents(nest.out_width, 1)) {
            const OpTile tile{.groups = g, .out_channels = k, .in_channels = c, .out_height = h, .out_width = w};
            if (holds(room, op, device, tile)) out.push_back(tile);
          }
        }
      }
    }
  }
  return out;
}

struct Score {
  double value;
  std::int64_t traffic, tiles;
  friend auto operator<=>(const Score&, const Score&) = default;
};

Score score_of(const OpDescription& op, const DeviceSlot& slot, const Plan& plan, Objective objective) {
  return {value_of(op, slot, plan, objective), (plan.loads + plan.stores).count(), plan.tiles};
}

struct Best {
  std::optional<Score> first;
  std::int64_t plans = 0;
};

Best enumerate(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic, Objective objective) {
  Best best;
  for (const OpTile& tile : legal_tiles(op, *slot.device)) {
    for (const bool weights_outer : {true, false}) {
      const Plan plan = estimate(op, slot, traffic, Plan{.nested = true, .tile = tile, .weights_outer = weights_outer});
      const Score score = score_of(op, slot, plan, objective);
      ++best.plans;
      if (!best.first || score < *best.first) best.first = score;
    }
  }
  return best;
}

Traffic some_traffic(RandomLayers& layers) {
  Traffic traffic;
  const std::int64_t kind = layers.roll(0, 7);
  traffic.first_operand = kind != 0;
  traffic.other_operands = kind != 1;
  traffic.result = kind != 2;
  return traffic;
}

void expect_best(const OpDescription& op, const Subject& on, const Traffic& traffic, Objective objective) {
  SCOPED_TRACE(on.name + ", " + std::string(name_of(objective)) + ", " + op.label);
  const Best best = enumerate(op, on.slot, traffic, objective);
  const auto found = find(op, on.slot, traffic, {.objective = objective});
  ASSERT_EQ(found.has_value(), best.first.has_value());
  if (!found) return;
  ASSERT_TRUE(found->record);
  const PlanRecord& record = *found->record;
  const Score score = score_of(op, on.slot, *found, objective);
  EXPECT_EQ(score.value, best.first->value) << to_text(*found) << ", of " << best.plans;
  EXPECT_EQ(score.traffic, best.first->traffic) << to_text(*found);
  EXPECT_EQ(score.tiles, best.first->tiles) << to_text(*found);
  EXPECT_TRUE(record.exact);
  EXPECT_LE(record.lower_bound, record.value * (1.0 + 1e-9));
  EXPECT_NEAR(record.value, score.value, score.value * 1e-6);  // plans are in whole picoseconds
  EXPECT_LE(record.evaluated, best.plans);
}

TEST(TilingSearch, EqualsBruteForceOnRandomLayers) {
  constexpr int kLayers = 220;
  RandomLayers layers(20261121);
  std::vector<std::vector<Subject>> sizes;
  for (const std::int64_t kib : {1, 2, 4}) sizes.push_back(subjects(kib));
  int compared = 0;
  for (int i = 0; i < kLayers; ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const OpDescription op = layers.next();
    const Traffic traffic = some_traffic(layers);
    for (const Subject& on : sizes[static_cast<std::size_t>(i) % sizes.size()]) {
      if (!on.device->refuses(op).empty()) continue;
      expect_best(op, on, traffic, static_cast<Objective>(i % 3));
      ++compared;
    }
    if (HasFailure()) break;
  }
  EXPECT_GE(compared, 200 * 5 * 9 / 10);
}

}  // namespace
}  // namespace chipcast::tiling
