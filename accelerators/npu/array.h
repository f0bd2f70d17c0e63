// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/container/small_vector.hpp>
#include <optional>
#include <vector>

#include "accelerators/contract.h"
#include "accelerators/npu/config.h"

/// Cycles of the MAC array. G groups, K output and C input channels per group, P x Q positions, R x S taps;
/// Li, Lo input and output lanes for the number format at hand.
namespace chipcast::npu {

/// The first core's rate for a format, or for the one that it is multiplied as; none where the array runs neither.
std::optional<OpsPerCycle> rate_of(const Config& config, DType dtype);

/// Factor of a format's rate over the first one's.
double speed(const Config& config, DType dtype);

/// Dense 3x3, stride 1, undilated, in a format that has it.
bool runs_winograd(const Config& config, const OpDescription& op, const LoopNest& nest);

/// Array cycles of a tile, before rounding.
///   dense:      G * ceil(K / Lo) * ceil(C / Li) * P * Q * R * S
///   few inputs: G * ceil(K / Lo) * ceil(C * S / Li) * P * Q * R   (channel packing, C <= Li / 2)
///   depthwise:  ceil(G * K / D) * P * Q * R * S,  D = depthwise channels at the format's rate
///   ideal:      G * sheet::array_cycles; depthwise round(G * K) * P * Q * R * S / D
/// Winograd divides by 2.25. Several cores: the least time in which they finish it, see `least_time`.
double array_time(const Config& config, const OpDescription& op, const OpTile& tile);

/// The same, `times` over and rounded once to whole cycles, with the efficiency and the decoder's limit.
Cycles array_cycles(const Config& config, const OpDescription& op, const OpTile& tile, std::int64_t times = 1);

/// Operands that the cores read from the buffer for a tile: features every busy cycle and new weights every
/// `weight_reuse` cycles. Dense: Li features and Li * Lo weights; depthwise: one of each per channel.
struct BufferReads {
  double features = 0.0, weights = 0.0;
};
BufferReads buffer_reads(const Config& config, const OpDescription& op, const OpTile& tile);

/// Lanes of all cores over those of the first.
double core_ratio(const Config& config);

/// So many workers, each of which does `grain` units of work every `cycles`.
struct Worker {
  std::int64_t count = 1, grain = 1, cycles = 1;
};
/// Most NPUs have one kind of core, or two; searches for tiles ask millions of times.
using Workers = boost::container::small_vector<Worker, 2>;

/// Least time in which workers finish `units` together: each takes whole grains, as many as the time allows.
std::int64_t least_time(const Workers& workers, std::int64_t units);

/// Cycles in which all workers of each kind are busy then: the first ones take what they can.
std::vector<std::int64_t> busy_cycles(const Workers& workers, std::int64_t units);

}  // namespace chipcast::npu
