// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ethos_u/blocks.h"

/// How long the NPU's pipeline takes for an operation whose data are there.
namespace chipcast::ethos_u {

/// What a block of outputs takes.
struct BlockCycles {
  double mac = 0.0;     ///< MAC engine
  double output = 0.0;  ///< output unit
};

/// A block has nxy = ceil(w/uw) * ceil(h/uh) micro-blocks in its plane and nz = ceil(d/ud) in depth. The engine spends
/// at least wb = 4 * ud cycles on a set of weights. With T taps of a kernel part of at most 8 x 8:
///   depth first     max(wb, 4 nxy) * T * nz                        for every 32 input channels (16 with 16 bits)
///   part kernel     max(wb, 4 nxy) * ceil(T/4) * ceil(c/8) * nz    for every c = 16 (2 taps instead of 4 with 16 bits)
///   depthwise       max(wb, 4 nxy) * ceil(T/4) * nz                (8 nxy with 16 bits)
///   pooling         max(4, T) * nxy * nz
/// plus a delay where there is one micro-block only. Cores share this.
double mac_cycles(const Config& config, const Operation& operation, const BlockConfig& block, const Extents& outputs);

/// MAC engine and output unit work on neighbouring blocks. A block cannot be faster than a quarter of its whole way
/// (fetch, engine, output unit, write): so many are under way. `outputs` is the block, or what is left of it at the
/// tensor's border.
BlockCycles block_cycles(const Config& config, const Operation& operation, const BlockConfig& block,
                         const Extents& outputs);

struct PipelineCycles {
  std::int64_t blocks = 0;
  double all = 0.0;  ///< for each block the slower part, and the faster one once
  double mac = 0.0;  ///< the MAC engine's own
};

/// All blocks of an operation, once. Elementwise functions take the output unit's time for the elements there are.
PipelineCycles pipeline_cycles(const Config& config, const Operation& operation, const BlockConfig& block);

}  // namespace chipcast::ethos_u
