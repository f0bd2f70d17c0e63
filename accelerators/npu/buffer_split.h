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
  std::int64_t steps = 1;  ///< of the streaming operand, per pass
};

/// The order with the least traffic of
///   weights stay:  features * ceil(weights / (buffer - least features)) + weights
///   features stay: features + weights * ceil(features / (buffer - least weights))
/// Least features: the rows of one output row; least weights: one group of kernels. None where both together do
/// not fit.
std::optional<BufferSplit> buffer_split(const Config& config, const OpDescription& op);

/// Whole operator as steps; `work` is all of it and is shared out over them.
Schedule split_schedule(const Config& config, const OpDescription& op, const Traffic& traffic, const BufferSplit& split,
                        const TileWork& work);

}  // namespace chipcast::npu
