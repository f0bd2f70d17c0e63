// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "accelerators/contract.h"
#include "accelerators/cpu/register_tiles.h"
#include "accelerators/cpu/streams.h"

/// Kernels of cores with SIMD registers: how a library computes convolutions and products, phase by phase.
namespace chipcast::cpu {

/// The profile's vector kernels where it has some and they compute this operator; null otherwise.
const VectorKernels* vector_kernels(const Config& config, const OpDescription& op);

/// How a tile is computed on all cores.
struct VectorRun {
  double cycles = 0.0;   ///< forks and joins of all phases but the first included
  double weights = 1.0;  ///< bytes of weights read, as a share of those that the graph has
  double spilled = 0.0;  ///< bytes between phases that the outermost cache cannot hold: written and read again
  int phases = 1;        ///< parallel regions, each with a fork and a join
  std::string text;      ///< "Winograd 6x6"
};

/// Phases follow one another; each takes its longer part of core and cache (what overlaps hides). Of a tile with G
/// groups of C input and M output channels, P positions, k taps, b bytes per element:
///
///     product    arrange: read and write P k C (P C of 1 x 1 windows of stride 1); multiply M x k C x P; padded inputs
///                are copied before
///     Winograd   F(r, 3), T tiles of r x r, A = (r + 2)^2: transform A T C inputs, multiply A times M x C x T,
///                transform A T M sums; weights grow by A / 9; integers are transformed and multiplied as int16
///     depthwise  issue P k / R and loads of k_h (k_w + (q - 1) stride) / q elements for each of q neighbouring results
///     vector     issue and loads of the weights
///
/// What a phase leaves for the next (padded input, columns, transformed inputs and sums) goes through memory where it
/// exceeds half of the outermost cache. Winograd is chosen where it takes fewer cycles, its further fork included.
VectorRun vector_run(const Config& config, const VectorKernels& kernels, const std::vector<CacheRate>& rates,
                     const OpDescription& op, const OpTile& tile);

/// The whole operator as equal steps: its loads, computing and stores flow side by side.
std::optional<Schedule> vector_schedule(const Config& config, const std::vector<CacheRate>& rates,
                                        const OpDescription& op, const Traffic& traffic);

}  // namespace chipcast::cpu
