// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "accelerators/contract.h"
#include "accelerators/dsp/packets.h"

/// Inner loops as operations per packet slot. G groups, K output and C input channels per group, P x Q positions, R x S
/// taps; L lanes and D depth of the format's multiply operation.
namespace chipcast::dsp {

/// The multiply operation that a format runs on: its own, or int8's for int4 operands, which are unpacked first; none
/// where the DSP has no instructions for it.
const Rate* rate_of(const Config& config, DType dtype);

/// Elements of a format in a vector register.
std::int64_t elements_per_vector(const Config& config, const Rate& rate);

/// A configuration, and what follows from it once for all kernels.
struct Machine {
  explicit Machine(const Config& from) : config(from), packets(from.slots) {}
  Config config;
  PacketRule packets;
};

/// What a kernel takes. Cycles are those of the slowest context.
struct Kernel {
  double cycles = 0.0;
  double packets = 0.0;    ///< of all contexts together
  double tcm_bytes = 0.0;  ///< read and written

  Kernel& operator+=(const Kernel& other);
  friend Kernel operator*(const Kernel& kernel, double times) {
    return {kernel.cycles * times, kernel.packets * times, kernel.tcm_bytes * times};
  }
};

/// A block of a product that is kept in registers: a vectors of L results at b positions.
struct Block {
  std::int64_t vectors = 1, positions = 1;
};

/// Steps of the reduction: R * ceil(S * C / D); R * S * ceil(C / D) where the C channels of neighbouring taps do not
/// stand together (dilated, transposed, channels split).
std::int64_t reduction_steps(const Rate& rate, const LoopNest& nest, const OpTile& tile);

/// Dense products. A block of a x b result vectors takes, per step of the reduction,
///   a * b * slots multiplies,   a * (weight registers) loads,   b * D * bytes / broadcast loads
/// and, when it is finished, rescaling and stores; sums of split channels are read and written between tiles. a x b is
/// the block that fits the registers and takes least time; blocks are dealt out to the contexts:
///   cycles = ceil(blocks / contexts) * packets of a block
Kernel dense_kernel(const Machine& machine, const Rate& rate, const LoopNest& nest, const OpTile& tile,
                    std::int64_t element_bits);

/// One channel per group. A vector holds L channels of E / L columns; per tap one multiply, and per row of taps
/// (S - 1) * stride + b loads of which all but one in S are aligned by an ALU operation.
Kernel depthwise_kernel(const Machine& machine, const Rate& rate, const LoopNest& nest, const OpTile& tile,
                        std::int64_t element_bits);

/// A matrix unit: G * ceil(P / rows) * ceil(Q / columns) * ceil(C / Ci) * ceil(K / Ko) * R * S steps of
/// rows * columns * Ci * Ko multiply-accumulates each, or the results that it writes where these take longer.
/// None where it does not run the format.
std::optional<Kernel> matrix_kernel(const Config& config, DType dtype, const LoopNest& nest, const OpTile& tile,
                                    bool map);

/// Work on single elements, cut into whole vectors that are dealt out to the contexts.
struct Elements {
  double in_bytes = 0.0, out_bytes = 0.0;
  double operations = 0.0;  ///< on elements
  OpClass op_class{OpClass::elementwise};
  DType dtype{DType::int8};  ///< as stored
};
Kernel element_kernel(const Machine& machine, const Rate& rate, const Elements& work);

/// Operands and results of a tile that are stored in fewer bits than the multiply operation takes: a pass that loads
/// them, unpacks (or packs) them and stores them. Nothing where the formats are of the same width.
Kernel unpack_kernel(const Machine& machine, const Rate& rate, DType dtype, std::int64_t elements);

}  // namespace chipcast::dsp
