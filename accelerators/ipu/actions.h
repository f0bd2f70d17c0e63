// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "accelerators/contract.h"
#include "accelerators/ipu/plan.h"

namespace chipcast::ipu {

/// What is counted and charged; the order is that of actions().
enum class Action : std::uint32_t {
  mac_fp32,
  mac_fp16,
  element,
  round,          ///< one random number for a result that is rounded at random
  memory_byte,    ///< read or written in a tile's memory
  exchange_byte,  ///< received by a tile
  link_byte,      ///< over a link between chips
  compute_cycle,  ///< of all tiles: clock and issue, by what the superstep does
  exchange_cycle,
  sync_cycle,
};

std::vector<ActionSpec> actions(const Config& config, const std::string& instance,
                                const technology::Config& technology);

/// Activity of one of a stage's supersteps with `macs` multiply-accumulates.
std::vector<Activity> activity(const Stage& stage, DType dtype, double macs);

}  // namespace chipcast::ipu
