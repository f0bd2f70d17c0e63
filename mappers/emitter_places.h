// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "mappers/contract.h"
#include "mappers/emitter_grid.h"
#include "mappers/tiling/tiling.h"

namespace chipcast {

/// What an operator is a part of; none where it is the whole itself.
struct PartOrigin {
  const OpDescription* whole = nullptr;
  OpPart part{};
};

/// Where the tiles of an operator with one loop nest lie in its operands. Maps are stored channels last (NHWC) in the
/// device's own form, matrices row by row, constant weights in the order of the tiles that use them. Where a form has
/// no such place for a tile (results of a transposed nest, depth folded into channels, positions that share a byte),
/// the tile is one run at its share of the operand; results stay disjoint all the same.
///
/// A part of an operator reads where its rows and channels stand in the whole operands. Its results stand by
/// themselves, from 0 on, until `embed` says where in the whole result.
class OperandPlaces {
 public:
  OperandPlaces(const Graph& graph, const OpDescription& op, const Device& device, const tiling::Plan& plan,
                const Traffic& traffic, const PartOrigin& origin = {});

  Place input(const tiling::Step& step) const;
  Place output(const tiling::Step& step, Bytes stored_before) const;
  /// Counted from the start of the second operand, of a part from that of its share; the others follow it.
  Place others(const tiling::Step& step) const;

  /// The result as a map; none where tiles are one run after the other.
  const std::optional<Grid>& result() const { return output_; }
  /// Results begin at `origin`. Of maps, positions are `pitch` and planes `plane` apart.
  void embed(std::int64_t origin, std::int64_t pitch, std::int64_t plane);

  /// What the operands take in memory, in the form of the device: the input that of the whole operator.
  Bytes input_room() const { return input_room_; }
  Bytes others_room() const { return others_room_; }
  Bytes output_room() const { return output_room_; }

 private:
  void find_input(const Graph& graph, const OpDescription& op, const Device& device);
  void find_second(const Graph& graph, const OpDescription& op);
  void find_output(const Graph& graph, const OpDescription& op, const Device& device);
  /// All sizes of tiles have their place in the grid.
  bool holds(const Grid& grid, const OpDescription& op, const Device& device) const;
  void find_shift(const OpDescription& whole, const PartOrigin& origin);
  void shift_groups();
  Grid::Box input_box(const tiling::Step& step) const;
  Grid::Box output_box(const tiling::Step& step) const;
  std::optional<Place> raster(const tiling::Step& step) const;
  std::optional<Place> second_matrix(const tiling::Step& step) const;
  /// Groups are planes of their own, as in a batched product, and not parts of a position.
  std::int64_t plane(const tiling::Position& at) const { return group_planes_ ? at.g : at.b; }

  /// Where a part begins in the whole operator.
  struct Shift {
    std::int64_t out_row = 0, in_row = 0, group = 0, channel = 0;
    bool exact = true;  ///< otherwise parts of several batches are rows: they have no boxes of the whole
  };

  LoopNest nest_, whole_;
  Shift shift_;
  OpTile tile_;
  bool group_planes_;
  std::int64_t planes_;
  std::optional<Grid> input_, raster_, output_;
  std::int64_t second_bits_ = 0;  ///< of an element of the second operand, where it is a matrix made at run time
  Bytes second_offset_;           ///< of a part's share of the second operand
  Bytes input_room_, others_room_, output_room_;
  std::int64_t origin_ = 0;  ///< of results
};

}  // namespace chipcast
