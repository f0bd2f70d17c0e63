// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/steps.h"

#include "accelerators/tile_geometry.h"

namespace chipcast::fusion {

OpTile tile_of(const OpFacts& facts, const WeightUse& use, const Step& step) {
  if (!facts.op->single_nest()) return {};
  OpTile tile = whole_tile(tiling_nest(*facts.op));
  if (facts.by_rows) tile.out_height = step.out.end - step.out.begin;
  if (use.parts > 1) {
    (facts.groups_in_channels ? tile.groups : tile.out_channels) = part_channels(facts, use, step.part);
  }
  return tile;
}

std::int64_t repeats(const OpFacts& facts) { return facts.op->single_nest() ? tiling_nest(*facts.op).batch : 1; }

OpPart part_of(const Group& group, const Step& step) {
  if (step.out == Rows{0, group.rows(step.op)}) return {};
  return {.axis = PartAxis::out_rows, .begin = step.out.begin, .end = step.out.end};
}

TileWork work_of(const Group& group, const Layout& layout, const Step& step, const Device& device) {
  const OpFacts& facts = *group.ops[step.op].facts;
  const OpTile tile = tile_of(facts, layout.weights[step.op], step);
  TileWork work = facts.op->single_nest() ? device.cost(*facts.op, tile)
                                          : device.cost(chipcast::part_of(*facts.op, part_of(group, step)), tile);
  if (group.space.write_action && step.kept > Bytes(0)) {
    const double each = static_cast<double>(step.kept.count()) / static_cast<double>(repeats(facts));
    work.activity.push_back({*group.space.write_action, each});
  }
  return work;
}

}  // namespace chipcast::fusion
