// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <set>
#include <vector>

#include "crosscheck/work/levels.h"
#include "crosscheck/work/operands.h"
#include "mappers/tiling/tiling.h"

/// Executes the tiles of a loop nest with a buffer for the input, one for the weights and one for the sums.
namespace chipcast::crosscheck {

/// How operands come to the device.
struct Fetching {
  bool weights_per_image = false;  ///< computed second operands are fetched anew for every image
  bool input_cached = false;       ///< a cache holds the whole operand: each part comes once
  bool weights_cached = false;
};

/// What one tile did.
struct TileCounts {
  std::int64_t input_channels = 0, input_positions = 0;    ///< loaded; 0 where it is in the buffer still
  std::int64_t weights = 0;                                ///< loaded
  std::int64_t output_channels = 0, output_positions = 0;  ///< stored: only with the last input channels
  std::int64_t macs = 0;
  /// Accumulators that were read and written once, and those that left: of a transposed nest one for each position.
  std::int64_t accumulated = 0, finished = 0;
  std::int64_t held_input = 0, held_weights = 0;  ///< elements in the buffers, loaded now or before
};

class TileRun {
 public:
  /// `operands` are of the nest that tiles refer to. Arithmetic is executed for every `every`-th result of a tile.
  TileRun(const Operands& operands, const Fetching& fetching, std::int64_t every);

  /// A tile: marks what its loops touch, loads what is not in the buffer, multiplies, stores finished sums.
  TileCounts run(const OpTile& tile, const tiling::Position& at);

  /// Results that are not those of `plain`'s loops, or were not stored exactly once. Of a sample, those that were
  /// stored.
  struct Verdict {
    std::int64_t results = 0, different = 0;
  };
  Verdict compare(const Operands& plain) const;

 private:
  using Tag = std::vector<std::int64_t>;
  /// Rows (or columns) of the plane that a tile has in the buffer: as many as its windows span, padding included, but
  /// no more than there are; moved inside the plane where they stick out.
  static Range box(const Touched& touched, std::int64_t available);
  /// Puts what `tag` names into the buffer; false where it comes from the cache.
  static bool take(const Tag& tag, Tag& held, std::set<Tag>& cache, bool cached);

  void load_input(const OpTile& tile, const tiling::Position& at, TileCounts& counts);
  void load_weights(const OpTile& tile, const tiling::Position& at, TileCounts& counts);
  void multiply(const OpTile& tile, const tiling::Position& at, TileCounts& counts);
  std::int64_t accumulate(const OpTile& tile, const tiling::Position& at, const OutputAt& out, std::int64_t part,
                          std::int32_t& sum) const;
  void store(const OpTile& tile, const tiling::Position& at, TileCounts& counts);
  /// Calls visit(index in the tile, place, part) for the results of a tile that are executed.
  template <class Visit>
  void for_each_result(const OpTile& tile, const tiling::Position& at, const Visit& visit) const;

  const Operands& operands_;
  const LoopNest& nest_;
  Fetching fetching_;
  std::int64_t every_, taps_;
  Memory input_, weights_;
  Slice slice_;
  std::vector<std::int8_t> kernel_;  ///< group, filter, channel, tap of the tile
  std::vector<std::int32_t> sums_;
  Tag input_held_, weights_held_;
  std::set<Tag> inputs_cached_, weights_cached_;
  std::vector<std::int32_t> results_;
  std::vector<std::uint8_t> stored_;
};

}  // namespace chipcast::crosscheck
