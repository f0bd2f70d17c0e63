// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/fusion/layout.h"

namespace chipcast::fusion {

/// What the device computes in a step: the tile of a loop nest, or (one piece of) the rows as an operator of their own.
OpTile tile_of(const OpFacts& facts, const WeightUse& use, const Step& step);

/// Times that a step computes its tile: batches of a nest, which share its weights.
std::int64_t repeats(const OpFacts& facts);

/// Work of one of them. What the group reads again is written into the device's memory (GroupSpace::write_action).
TileWork work_of(const Group& group, const Layout& layout, const Step& step, const Device& device);

/// The rows of an operator as a part of it; whole where they are all.
OpPart part_of(const Group& group, const Step& step);

}  // namespace chipcast::fusion
