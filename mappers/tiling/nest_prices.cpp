// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/nest_prices.h"

#include <algorithm>

namespace chipcast::tiling {
namespace {

/// About 100 bytes for each tile: some tens of megabytes.
constexpr std::size_t kMostRemembered = 200'000;

}  // namespace

NestPrices::NestPrices(const Prices& prices, const std::vector<Cut>& rows) : prices_(prices) {
  for (const Cut& cut : rows) {
    row_values_.push_back(cut.extent);
    row_values_.push_back(cut.last);
  }
  std::sort(row_values_.begin(), row_values_.end());
  row_values_.erase(std::unique(row_values_.begin(), row_values_.end()), row_values_.end());
}

std::size_t NestPrices::KeyHash::operator()(const Key& key) const {
  // Multiply and mix, as splitmix64 does.
  std::uint64_t hash = 0;
  for (const std::int64_t part : key) {
    hash = (hash ^ static_cast<std::uint64_t>(part)) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29U;
  }
  return hash;
}

PriceRow<TransferPrice>& NestPrices::inputs(std::int64_t groups, std::int64_t in_channels, std::int64_t columns) {
  auto& row = inputs_[{groups, in_channels, columns}];
  if (row.empty()) row.resize(row_values_.size());
  return row;
}

PriceRow<TransferPrice>& NestPrices::outputs(std::int64_t groups, std::int64_t out_channels, std::int64_t columns) {
  auto& row = outputs_[{groups, out_channels, columns}];
  if (row.empty()) row.resize(row_values_.size());
  return row;
}

PriceRow<Crossing>& NestPrices::input_sums(std::int64_t groups, std::int64_t in_channels, std::int64_t columns) {
  auto& row = input_sums_[{groups, in_channels, columns}];
  if (row.empty()) row.resize(row_values_.size());
  return row;
}

PriceRow<Crossing>& NestPrices::output_sums(std::int64_t groups, std::int64_t out_channels, std::int64_t columns) {
  auto& row = output_sums_[{groups, out_channels, columns}];
  if (row.empty()) row.resize(row_values_.size());
  return row;
}

Crossing& NestPrices::whole_input(std::int64_t groups, std::int64_t in_channels, std::int64_t columns) {
  return whole_inputs_[{groups, in_channels, columns}];
}

Crossing& NestPrices::whole_output(std::int64_t groups, std::int64_t out_channels, std::int64_t columns) {
  return whole_outputs_[{groups, out_channels, columns}];
}

PriceRow<ComputePrice>& NestPrices::works(const OpTile& tile) {
  const std::int64_t place = (tile.first_in_channels ? 1 : 0) + (tile.last_in_channels ? 2 : 0);
  auto& row = works_[{tile.groups, tile.out_channels, tile.in_channels, tile.out_width, place}];
  if (row.empty()) row.resize(row_values_.size());
  return row;
}

std::size_t NestPrices::row_index(std::int64_t rows) const {
  return static_cast<std::size_t>(std::lower_bound(row_values_.begin(), row_values_.end(), rows) - row_values_.begin());
}

void NestPrices::tidy() {
  const std::size_t rows = inputs_.size() + outputs_.size() + input_sums_.size() + output_sums_.size() + works_.size();
  if (rows * row_values_.size() < kMostRemembered) return;
  inputs_.clear();
  outputs_.clear();
  input_sums_.clear();
  output_sums_.clear();
  works_.clear();
}

}  // namespace chipcast::tiling
