// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "accelerators/contract.h"
#include "accelerators/npu/config.h"

/// The NPU's array, cycle by cycle: which lanes have work, and what the buffer hands out.
namespace chipcast::crosscheck {

struct LaneCounts {
  std::int64_t cycles = 0;
  std::int64_t macs = 0;                 ///< of lanes that have work
  double features = 0.0, weights = 0.0;  ///< operands read from the buffer: lanes without work read, too
};

/// Why the array's reads cannot be counted; empty where they can: one core, whole lanes, direct convolution.
std::string lanes_uncountable(const npu::Config& config, const OpDescription& op, const LoopNest& nest);

/// Groups, blocks of output lanes, blocks of input lanes, positions and taps of a tile, one after the other. A cycle
/// reads one feature for each input lane; new weights for all lanes come every `weight_reuse` cycles.
LaneCounts count_lanes(const npu::Config& config, const OpDescription& op, const LoopNest& nest, const OpTile& tile);

}  // namespace chipcast::crosscheck
