// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/weights.h"

#include <algorithm>
#include <numeric>

#include "accelerators/tile_geometry.h"

namespace chipcast::fusion {
namespace {

Bytes channels_bytes(const OpFacts& facts, std::int64_t channels, const Device& device) {
  if (channels == facts.channels) return facts.weights;
  OpTile tile = whole_tile(tiling_nest(*facts.op));
  (facts.groups_in_channels ? tile.groups : tile.out_channels) = channels;
  return device.weight_bytes(*facts.op, tile);
}

/// The largest part that leaves room for a second one; none where the smallest does not.
std::optional<WeightUse> streamed(const OpFacts& facts, const Device& device, Bytes room) {
  const Bytes half(room.count() / 2);
  const std::int64_t most = ceil_div(facts.channels, facts.channel_step);
  std::int64_t parts =
      half > Bytes(0) ? std::max<std::int64_t>(1, ceil_div(facts.weights.count(), half.count())) : most + 1;
  for (; parts <= most; parts = parts < 16 ? parts + 1 : parts * 9 / 8) {
    const std::int64_t size = std::min(facts.channels, round_up(ceil_div(facts.channels, parts), facts.channel_step));
    if (channels_bytes(facts, size, device) <= half) {
      return WeightUse{.held = false, .size = size, .parts = ceil_div(facts.channels, size)};
    }
  }
  if (facts.channels <= facts.channel_step || channels_bytes(facts, facts.channel_step, device) > half) {
    return std::nullopt;
  }
  return WeightUse{.held = false, .size = facts.channel_step, .parts = most};
}

/// Operators with weights, fewest bytes first.
std::vector<std::size_t> by_bytes(const Group& group) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < group.ops.size(); ++i) {
    if (group.ops[i].facts->weights > Bytes(0)) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return group.ops[a].facts->weights < group.ops[b].facts->weights;
  });
  return order;
}

}  // namespace

std::int64_t part_channels(const OpFacts& facts, const WeightUse& use, std::int64_t part) {
  return std::min(use.size, facts.channels - part * use.size);
}

Bytes part_bytes(const OpFacts& facts, const WeightUse& use, std::int64_t part, const Device& device) {
  return channels_bytes(facts, part_channels(facts, use, part), device);
}

std::optional<WeightPlan> plan_weights(const Group& group, const Device& device, Bytes room) {
  WeightPlan plan;
  for (const GroupOp& op : group.ops) {
    plan.uses.push_back({.held = true, .size = op.facts->channels, .parts = 1});
    plan.taken += op.facts->weights;
  }
  if (plan.taken <= room) return plan;
  const std::vector<std::size_t> order = by_bytes(group);
  for (std::size_t held = order.size(); held-- > 0;) {  // so many are held, all others stream
    Bytes kept;
    for (std::size_t i = 0; i < held; ++i) kept += group.ops[order[i]].facts->weights;
    if (kept > room) continue;
    bool fits = true;
    Bytes largest;
    for (std::size_t i = held; i < order.size() && fits; ++i) {
      const OpFacts& facts = *group.ops[order[i]].facts;
      const auto use = streamed(facts, device, room - kept);
      fits = use.has_value();
      if (!fits) break;
      plan.uses[order[i]] = *use;
      largest = std::max(largest, channels_bytes(facts, use->size, device));
    }
    plan.taken = kept + largest * 2;
    if (fits) return plan;
  }
  return std::nullopt;
}

}  // namespace chipcast::fusion
