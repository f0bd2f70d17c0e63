// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "mappers/fusion/group.h"

namespace chipcast::fusion {

/// How an operator's weights come to a group.
struct WeightUse {
  bool held = false;      ///< loaded once and kept for all stripes; otherwise loaded with each stripe anew
  std::int64_t size = 1;  ///< channels (OpFacts::channels) of a part
  std::int64_t parts = 1;
};

/// Weights of all operators in `room` bytes. All are held where they fit. Otherwise the smallest ones are held that
/// leave room for two parts of the others, one of which is loaded while the other is used; parts are as large as that
/// allows. Held bytes save their load in all stripes but one, whichever operator's they are, so that many are held
/// first and the largest ones stream. None where not even the smallest parts fit.
struct WeightPlan {
  std::vector<WeightUse> uses;  ///< per operator of the group
  Bytes taken;
};
std::optional<WeightPlan> plan_weights(const Group& group, const Device& device, Bytes room);

/// Bytes of part `part` of an operator's weights.
Bytes part_bytes(const OpFacts& facts, const WeightUse& use, std::int64_t part, const Device& device);
/// Channels of a part: the last one may be smaller.
std::int64_t part_channels(const OpFacts& facts, const WeightUse& use, std::int64_t part);

}  // namespace chipcast::fusion
