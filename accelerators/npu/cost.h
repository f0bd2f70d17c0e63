// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "accelerators/contract.h"
#include "accelerators/npu/config.h"

/// Closed forms of a MAC-cell NPU. G groups, K output and C input channels per group, P x Q positions,
/// R x S taps; Li, Lo input and output lanes for the number format at hand.
namespace chipcast::npu {

/// The array's rate for a format; none where it does not run it.
std::optional<OpsPerCycle> rate_of(const Config& config, DType dtype);

/// Array cycles of a tile.
///   dense:      G * ceil(K / Lo) * ceil(C / Li) * P * Q * R * S
///   few inputs: G * ceil(K / Lo) * ceil(C * S / Li) * P * Q * R   (channel packing, C <= Li / 2)
///   depthwise:  ceil(G * K / D) * P * Q * R * S,  D = depthwise channels at the format's rate
Cycles array_cycles(const Config& config, DType dtype, const LoopNest& nest, const OpTile& tile);

/// Post-processing cycles: elements / elements per cycle.
Cycles post_cycles(const Config& config, std::int64_t elements);

/// An NPU core as the mapper sees it.
std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology);

}  // namespace chipcast::npu
