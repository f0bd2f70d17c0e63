// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "accelerators/contract.h"
#include "accelerators/npu/config.h"

/// A fixed sequencer: the convolution buffer is divided in whole banks between the operand that stays and the one
/// that streams past it.
namespace chipcast::npu {

struct BufferSplit {
  bool weights_stay = true;  ///< otherwise features stay and weights stream
  std::int64_t passes = 1;   ///< times that the streaming operand is fetched
  std::int64_t stay_banks = 1;
  std::int64_t steps = 1;       ///< of the streaming operand, per pass
  std::int64_t stay_parts = 1;  ///< in which the staying operand arrives during a pass's first strip
};

/// The order with the least traffic of
///   weights stay:  features * ceil(weights / (buffer - least features)) + weights
///   features stay: features + weights * ceil(features / (buffer - least weights))
/// Least features: the rows of one output row; least weights: one group of kernels. None where both together do
/// not fit.
std::optional<BufferSplit> buffer_split(const Config& config, const OpDescription& op);

/// Strips in which bytes pass. Shorter ones start computing sooner, but each waits once for the bytes that are under
/// way on the port: streamed / strips + strips * (under way) is least at sqrt(streamed / under way). Twice as many,
/// because computing hides most of the waits. The buffer's size has no part in it: a larger one is never the slower
/// one.
std::int64_t best_strips(const Config& config, Bytes streamed);

/// Whole operator as steps; `work` is all of it and is shared out over them.
Schedule split_schedule(const Config& config, const OpDescription& op, const Traffic& traffic, const BufferSplit& split,
                        const TileWork& work);

}  // namespace chipcast::npu
