// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ethos_u/blocks.h"

/// What an operation reads and writes: features, and weights from the second port.
namespace chipcast::ethos_u {

struct Streams {
  Bytes features{};  ///< of the first tensor, as often as its blocks fetch it
  Bytes results{};
  Bytes weights{};  ///< encoded, with scales; read once from the second port
  /// Weights are copied beside the features ahead of time and read from there, once for each block of the plane. A
  /// fully connected layer needs each of them once: 0, straight from the second port.
  std::int64_t weight_reads = 0;
  bool staged() const { return weight_reads > 0; }
  Bytes staging_writes() const { return staged() ? weights : Bytes(0); }
  Bytes staging_reads() const { return staged() ? weights * weight_reads : Bytes(0); }
};

/// features = plane of the input block * channels * kernel parts of 8 x 8 * blocks of the plane
///            (* blocks in depth, where channels are summed up); channels in bricks of 16.
Streams streams_of(const Config& config, const Operation& operation, const BlockConfig& block);

}  // namespace chipcast::ethos_u
