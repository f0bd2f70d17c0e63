// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/row_stationary/law.h"

namespace chipcast::row_stationary {

/// Indices of the device's actions.
struct Actions {
  std::uint32_t mac = 0, filter_spad = 0, registers = 0, noc = 0, buffer = 0, clock = 0, post = 0;
};

/// What a mapped layer is to be charged for, all of it. Zero gating saves the multiply-accumulate and the weight's
/// read; the input is read to see that it is zero, the partial sum is kept.
std::vector<Activity> activity_of(const Config& config, const Actions& actions, const Counts& counts, Ops macs,
                                  double ifmap_zeros);

/// Bytes of a mapped operator that cross the link.
struct LinkBytes {
  Bytes ifmap, others, ofmap;
};
LinkBytes link_bytes(const Config& config, const OpDescription& op, const Counts& counts, const LayerZeros& zeros);

/// Core cycles that the link needs for some bytes.
Cycles link_cycles(const Config& config, Bytes bytes);

/// All the work of a mapped operator.
TileWork work_of(const Config& config, const Actions& actions, const OpDescription& op, const Counts& counts);

/// The operator as blocks: the passes over one group of channels. A block's inputs are loaded when the block before
/// has ended, since the global buffer has no room for two; its weights are fetched while the block before is computed.
/// Engines run two steps ahead, so a block is two steps: inputs and passes, then the next block's weights.
Schedule schedule_of(const Config& config, const TileWork& work, const OpDescription& op, const Traffic& traffic,
                     const Mapping& mapping, const Counts& counts);

}  // namespace chipcast::row_stationary
