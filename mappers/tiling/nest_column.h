// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <boost/container/static_vector.hpp>
#include <optional>

#include "mappers/tiling/law.h"
#include "mappers/tiling/nest_prices.h"
#include "workloads/loop_nest.h"

/// A nest of which everything is cut but its rows: what its plans take, as a function of rows and loop order.
namespace chipcast::tiling {

/// An operator's nest, as the search sees it.
struct NestSubject {
  NestSubject(const OpDescription& op, const Device& device, const Traffic& traffic);

  LoopNest nest;
  Traffic traffic;
  Reuse reuse;
  bool shared_weights;  ///< by all batches
  bool gaps;            ///< rows of the input that no window covers: a cut between them loads less
};

/// All cuts but that of rows.
struct ColumnCut {
  Cut groups, out_channels, in_channels, columns;
};

/// Sums over all tiles, of transfers when each operand crosses the port once.
struct Traverse {
  double input_ps = 0.0, weight_ps = 0.0, output_ps = 0.0;
  double input_joules = 0.0, weight_joules = 0.0, output_joules = 0.0;
};
struct Work {
  double ps = 0.0, joules = 0.0;
};
/// How often operands cross the port.
struct Passes {
  double input = 1.0, weights = 1.0;
};

class NestColumn {
 public:
  NestColumn(NestPrices& prices, const NestSubject& subject, const ColumnCut& cut);

  /// Another cut of the columns; all that does not depend on it is kept.
  void cut_columns(const Cut& columns);

  /// Whether prices are kept for other columns: not worth it for tiles that will hardly be asked for again.
  void remember(bool prices);

  /// All of a plan, summed over neighbouring pairs of its steps: equal pairs are counted, not walked.
  Sums sums(const Cut& rows, bool weights_outer);

  Work work(const Cut& rows);
  Traverse traverse(const Cut& rows);
  /// The least that any cut of the rows makes of `traverse`: where windows leave gaps, single rows load least.
  Traverse least_traverse();
  Passes passes(const Cut& rows, bool weights_outer) const;
  /// Load of the first step and store of the last one.
  double first_load_ps(const Cut& rows);
  double last_store_ps(const Cut& rows);

  /// A full tile of so many rows fits.
  bool fits(const TilingSpace& space, const Cut& rows, CapacityRanges& seen);
  /// Both loop orders are one.
  bool one_order(const Cut& rows) const;
  std::int64_t tiles(const Cut& rows) const;
  OpTile tile(const Cut& rows) const;
  const ColumnCut& cut() const { return cut_; }

 private:
  enum Axis : std::size_t { kBatch, kGroup, kOutChannel, kRow, kColumn, kInChannel, kAxes };
  static constexpr unsigned bit(Axis axis) { return 1U << axis; }

  /// Tiles along an axis that look alike.
  struct Class {
    std::int64_t count;
    std::size_t size;  ///< 0: as large as a full tile, 1: the smaller last one
    bool first, last;
  };
  using Classes = boost::container::static_vector<Class, 3>;
  static void classify(Classes& classes, const Cut& cut, bool tells_first);
  using At = std::array<const Class*, kAxes>;

  void add_weights(Traverse& sums);
  Crossing crossing_input();
  Crossing crossing_output();
  const Crossing& input_sum();
  const Crossing& output_sum();
  std::int64_t input_bytes(const Cut& rows);
  void set_rows(const Cut& rows);
  void set_order(bool weights_outer);
  void second(Sums& sums);
  Chain walk(Sums& sums, std::size_t level, std::int64_t count);
  Chain pair(Sums& sums, std::size_t level, std::int64_t count);

  std::int64_t extent(const At& at, Axis axis) const { return extents_[axis][at[axis]->size]; }
  OpTile tile_at(const At& at) const;
  TransferPrice input_at(const At& at);
  const TransferPrice& weights_at(const At& at);
  TransferPrice output_at(const At& at);
  ComputePrice work_at(const At& at);
  TransferPrice ask_input(const At& at) const;
  TransferPrice ask_output(const At& at) const;
  StepPrice load_at(const At& at, unsigned changed);
  StepPrice run_at(const At& at);

  NestPrices& prices_;
  const NestSubject& subject_;
  ColumnCut cut_;
  unsigned weight_key_;
  std::array<std::int64_t, kAxes> counts_{};
  std::array<std::array<std::int64_t, 2>, kAxes> extents_{};
  std::array<Classes, kAxes> classes_;
  std::array<std::size_t, 2> row_index_{};
  std::array<Axis, kAxes> order_{};
  std::array<unsigned, kAxes> inner_{};  ///< axes inside of a level that have several tiles
  At from_{}, to_{};
  bool remember_ = true;
  // Prices by the sizes of groups, channels and columns, of tiles with all rows they may have; asked for when needed.
  std::array<PriceRow<TransferPrice>*, 8> inputs_{}, outputs_{};
  PriceRow<Crossing>* input_sums_ = nullptr;
  PriceRow<Crossing>* output_sums_ = nullptr;
  std::array<TransferPrice, 8> weights_{};
  std::optional<std::pair<double, double>> weight_sums_;  ///< ps and joules of `Traverse`
  std::array<PriceRow<ComputePrice>*, 64> works_{};
};

}  // namespace chipcast::tiling
