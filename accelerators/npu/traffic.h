// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/npu/config.h"

/// Bytes in the form in which the NPU stores them: padded channels, compressed weights.
namespace chipcast::npu {

/// Elements of a slice of a feature map; images with fewer channels than the alignment are stored as they are.
Bytes feature_bytes(const Config& config, std::int64_t elements, std::int64_t channels, DType dtype);

/// Stored bytes per byte of constant weights: (1 - zeros) + mask bits / bits where compressed and smaller so.
double kept_weights(const Config& config, DType dtype);

/// Input of a tile, halo included.
Bytes tile_input(const Config& config, const OpDescription& op, const OpTile& tile);

/// A tile's share of all operands besides the first.
Bytes stored_weights(const Config& config, const OpDescription& op, const OpTile& tile);

/// Bytes of a whole operator's operands.
struct Operands {
  Bytes input, weights, output;
};
/// With packing `ideal`, as NVDLA's sheet: inputs round(C sv sh) * ceil(H / sv) * ceil(W / sh), weights padded
/// likewise; otherwise as the tiles have them.
Operands whole_operands(const Config& config, const OpDescription& op);

}  // namespace chipcast::npu
