// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "accelerators/ethos_u/operation.h"

/// Which block of outputs the NPU works on at a time: the largest that the shared buffer holds with its inputs and
/// accumulators, chosen for least traffic.
namespace chipcast::ethos_u {

/// Order of the multiply-accumulates of a block. Depth first: all channels of a kernel tap, 32 at a time. Part kernel
/// first: four taps (two with 16 bits) of eight channels at a time, for few channels.
enum class Traversal { depth_first, part_kernel_first };

struct BlockConfig {
  Extents ofm{}, ifm{};
  Traversal traversal{Traversal::depth_first};
};

/// Share of useful multiply-accumulates decides:
///   depth first   C / round_up(C, 32)                              (16 with 16-bit inputs)
///   part kernel   C * T / (round_up(C, 8) * round_up(T, 4))        (2 with 16-bit inputs), T kernel taps
/// Eight channels or fewer always go part kernel first.
Traversal traversal_of(const Operation& operation);

/// Input block that an output block needs.
Extents input_block(const Config& config, const Operation& operation, Traversal traversal, const Extents& ofm_block);

/// Both halves of inputs and accumulators in the shared buffer, in whole granules of banks.
bool fits(const Config& config, const Operation& operation, const Extents& ofm_block, const Extents& ifm_block);

/// The block with the fewest fetched inputs and weights per output. None where not even one micro-block fits.
std::optional<BlockConfig> find_block(const Config& config, const Operation& operation);

}  // namespace chipcast::ethos_u
