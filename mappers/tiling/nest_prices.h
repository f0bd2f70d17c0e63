// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "mappers/tiling/prices.h"
#include "mappers/tiling/space.h"

/// Prices of a nest's tiles, each asked for once. Inputs depend on groups, input channels, rows and columns of a tile,
/// outputs on groups, output channels, rows and columns.
namespace chipcast::tiling {

/// The prices of tiles that differ in their rows alone.
template <class Price>
using PriceRow = std::vector<Price>;

/// All tiles of an operand, each crossing the port once: picoseconds and joules.
struct Crossing {
  double ps = -1.0, joules = 0.0;  ///< below 0: not asked for yet
};

class NestPrices {
 public:
  /// `rows` are all cuts of rows that will be asked for.
  NestPrices(const Prices& prices, const std::vector<Cut>& rows);

  const Prices& prices() const { return prices_; }

  PriceRow<TransferPrice>& inputs(std::int64_t groups, std::int64_t in_channels, std::int64_t columns);
  PriceRow<TransferPrice>& outputs(std::int64_t groups, std::int64_t out_channels, std::int64_t columns);
  /// The same for whole operands: by the cut of the rows, which its extent tells.
  PriceRow<Crossing>& input_sums(std::int64_t groups, std::int64_t in_channels, std::int64_t columns);
  PriceRow<Crossing>& output_sums(std::int64_t groups, std::int64_t out_channels, std::int64_t columns);
  /// With whole rows; kept for good.
  Crossing& whole_input(std::int64_t groups, std::int64_t in_channels, std::int64_t columns);
  Crossing& whole_output(std::int64_t groups, std::int64_t out_channels, std::int64_t columns);
  /// Rows of the tile are ignored.
  PriceRow<ComputePrice>& works(const OpTile& tile);

  /// Element of a row for tiles of so many rows.
  std::size_t row_index(std::int64_t rows) const;

  /// Forgets all rows where they have become many. What the functions above returned is void then.
  void tidy();

 private:
  using Key = std::array<std::int64_t, 6>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  template <class Value>
  using Table = std::unordered_map<Key, Value, KeyHash>;

  const Prices& prices_;
  std::vector<std::int64_t> row_values_;  ///< rows that tiles have, in ascending order
  Table<PriceRow<TransferPrice>> inputs_, outputs_;
  Table<PriceRow<Crossing>> input_sums_, output_sums_;
  Table<Crossing> whole_inputs_, whole_outputs_;
  Table<PriceRow<ComputePrice>> works_;
};

}  // namespace chipcast::tiling
