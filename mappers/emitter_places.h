// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "mappers/contract.h"
#include "mappers/emitter_grid.h"
#include "mappers/tiling/tiling.h"

namespace chipcast {

/// Where the tiles of an operator with one loop nest lie in its operands. Maps are stored channels last (NHWC) in the
/// device's own form, matrices row by row, constant weights in the order of the tiles that use them. Where a form has
/// no such place for a tile (results of a transposed nest, depth folded into channels, positions that share a byte),
/// the tile is one run at its share of the operand; results stay disjoint all the same.
class OperandPlaces {
 public:
  OperandPlaces(const Graph& graph, const OpDescription& op, const Device& device, const tiling::Plan& plan,
                const Traffic& traffic);

  Place input(const tiling::Step& step) const;
  Place output(const tiling::Step& step, Bytes stored_before) const;
  /// Counted from the start of the second operand; the others follow it.
  Place others(const tiling::Step& step) const;

  /// What the operands take in memory, in the form of the device.
  Bytes input_room() const { return input_room_; }
  Bytes others_room() const { return others_room_; }
  Bytes output_room() const { return output_room_; }

 private:
  void find_input(const Graph& graph, const OpDescription& op, const Device& device);
  void find_second(const Graph& graph, const OpDescription& op);
  void find_output(const Graph& graph, const OpDescription& op, const Device& device);
  /// All sizes of tiles have their place in the grid.
  bool holds(const Grid& grid, const OpDescription& op, const Device& device) const;
  Grid::Box input_box(const tiling::Step& step) const;
  Grid::Box output_box(const tiling::Step& step) const;
  std::optional<Place> raster(const tiling::Step& step) const;
  std::optional<Place> second_matrix(const tiling::Step& step) const;
  /// Groups are planes of their own, as in a batched product, and not parts of a position.
  std::int64_t plane(const tiling::Position& at) const { return group_planes_ ? at.g : at.b; }

  LoopNest nest_;
  OpTile tile_;
  bool group_planes_;
  std::int64_t planes_;
  std::optional<Grid> input_, raster_, output_;
  std::int64_t second_bits_ = 0;  ///< of an element of the second operand, where it is a matrix made at run time
  Bytes input_room_, others_room_, output_room_;
};

}  // namespace chipcast
