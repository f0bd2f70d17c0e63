// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"

/// How many elements a tile of a loop nest reads and writes; the same for every device.
namespace chipcast {

/// The nest that tiles refer to: batches of 1x1 nests with shared weights are folded into the rows.
LoopNest tiling_nest(const OpDescription& op);

/// All of a nest, one batch.
OpTile whole_tile(const LoopNest& nest);

/// Input elements: channels times the rows and columns that the tile's windows cover (halo included; none where the
/// nest is transposed, whose positions scatter their kernel).
std::int64_t input_elements(const LoopNest& nest, const OpTile& tile);
/// Weight elements of the tile's groups, output channels and input channels.
std::int64_t weight_elements(const LoopNest& nest, const OpTile& tile);
std::int64_t output_elements(const LoopNest& nest, const OpTile& tile);
/// Elements of the result that a tile finishes. A transposed nest runs over the input's positions; its results are
/// shared out among them.
std::int64_t result_elements(const OpDescription& op, const LoopNest& nest, const OpTile& tile);
std::int64_t tile_macs(const LoopNest& nest, const OpTile& tile);

/// Multiply-accumulates of a piece: an equal share, and one more for larger pieces. All pieces add up exactly.
std::int64_t piece_macs(const OpDescription& op, const OpTile& piece);

/// Share `part` of `whole` of some bytes, rounded up.
Bytes share_of(Bytes bytes, std::int64_t part, std::int64_t whole);

/// Bytes of the first operand, and of all others (weights, bias, second matrix), as the graph stores them.
Bytes first_operand_bytes(const OpDescription& op);
Bytes other_operand_bytes(const OpDescription& op);

/// Bytes of a tile as the graph stores them: of what its windows cover of the first operand, packed; its share of the
/// operands besides the first, of the result, and (for
/// operators that are cut into equal pieces) of everything that is read.
Bytes input_share(const OpDescription& op, const OpTile& tile);
Bytes weight_share(const OpDescription& op, const OpTile& tile);
Bytes output_share(const OpDescription& op, const OpTile& tile);
Bytes piece_input(const OpDescription& op, const OpTile& tile);

}  // namespace chipcast
